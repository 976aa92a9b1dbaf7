/**
 * One segment the player waits for.
 */
import type { SegmentKey } from '../../wire/hls-link.ts';
import type { Millis } from '../engine.ts';
import type { PieceRange } from './io.ts';
import type { Seat } from './seat.ts';

/**
 * Where a segment stands: `waiting` for our turn or somebody's word, `asking` a neighbour for its sheet, `pulling` its
 * pieces, or being fetched from its server.
 */
export type PursuitState = 'waiting' | 'asking' | 'pulling' | 'fetching';

export class Pursuit {
  readonly key: SegmentKey;
  readonly deadline: Millis;
  readonly wishedAt: Millis;
  /** When it is our turn to fetch it, if nobody else has by then. */
  readonly turnAt: Millis;
  state: PursuitState = 'waiting';
  /** Since when it is in this state, and when to look at it again. */
  since: Millis;
  lookAt: Millis;
  /** Who was asked for the sheet. */
  asked: Seat | undefined;
  /** Since when a neighbour that has it has been asked. */
  meshAt: Millis | undefined;
  /** We told the others that we fetch it. */
  claimed = false;
  /** The rest has been asked of the server. */
  finishing = false;
  #have: Uint8Array | undefined;
  #left = 0;
  /** Pieces that came since the neighbours were told. */
  untold = 0;

  constructor(now: Millis, key: SegmentKey, times: { readonly deadline: Millis; readonly turnAt: Millis }) {
    this.key = key;
    this.wishedAt = now;
    this.deadline = times.deadline;
    this.turnAt = times.turnAt;
    this.since = now;
    this.lookAt = now;
  }

  enter(now: Millis, state: PursuitState, lookAt: Millis): void {
    this.state = state;
    this.since = now;
    this.lookAt = lookAt;
  }

  /** Its sheet is known. */
  measured(pieces: number): void {
    if (this.#have !== undefined) return;
    this.#have = new Uint8Array(pieces);
    this.#left = pieces;
  }

  /** Pieces, 0 before the sheet. */
  get count(): number {
    return this.#have?.length ?? 0;
  }

  get left(): number {
    return this.#left;
  }

  has(piece: number): boolean {
    return this.#have?.[piece] === 1;
  }

  /** A piece is there; false when it was before. */
  add(piece: number): boolean {
    if (this.#have === undefined || this.#have[piece] !== 0) return false;
    this.#have[piece] = 1;
    this.#left--;
    this.untold++;
    return true;
  }

  /** What is held, one bit each. */
  bitmap(): Uint8Array {
    const bytes = new Uint8Array(Math.ceil(this.count / 8));
    for (let piece = 0; piece < this.count; piece++) {
      if (this.has(piece)) bytes[piece >> 3] = (bytes[piece >> 3] ?? 0) | (0x80 >> (piece & 7));
    }
    return bytes;
  }

  /** Runs of pieces that hold everything that is missing: as few as that takes, and not more than so many. */
  gaps(most: number): PieceRange[] {
    const runs: PieceRange[] = [];
    for (let piece = 0; piece < this.count; piece++) {
      if (this.has(piece)) continue;
      const before = runs[runs.length - 1];
      if (before?.last === piece - 1) runs[runs.length - 1] = { first: before.first, last: piece };
      else runs.push({ first: piece, last: piece });
    }
    while (runs.length > most) joinNearest(runs);
    return runs;
  }
}

/** Joins the two runs with the least between them. */
const joinNearest = (runs: PieceRange[]): void => {
  let at = 1;
  const between = (place: number): number => (runs[place]?.first ?? 0) - (runs[place - 1]?.last ?? 0);
  for (let place = 2; place < runs.length; place++) if (between(place) < between(at)) at = place;
  const [one, two] = [runs[at - 1], runs[at]];
  if (one !== undefined && two !== undefined) runs.splice(at - 1, 2, { first: one.first, last: two.last });
};
