/**
 * Engines of HLS viewers on one virtual clock: messages, pieces and fetches take time, bytes are only counted. Everybody
 * knows everybody, and wants each segment as soon as it is told of it.
 */
import type { HlsMessage, SegmentKey } from '../../../wire/hls-link.ts';
import { Random } from '../../kit/random.ts';
import type { PolicyReport } from '../../viewer/io.ts';
import { HlsEngine } from '../hls-engine.ts';
import type { HlsInput, HlsOutput } from '../io.ts';

/** What the world is like. */
export interface GhostWorld {
  readonly viewers: number;
  readonly seed: number;
  /** One way between viewers, ms: at least, and so much more at most. */
  readonly hopMs: number;
  readonly hopJitterMs: number;
  /** A fetch of a segment from the server, likewise. */
  readonly fetchMs: number;
  readonly fetchJitterMs: number;
  /** How much later than the first the last viewer learns of a segment, ms. */
  readonly skewMs: number;
  /** Most bytes a second a viewer uploads; its links wait for each other. */
  readonly uplink?: number;
}

const SHARE: PolicyReport = { mode: 'on', uploadBytesPerSec: Number.POSITIVE_INFINITY, neighbours: 16 };
const PIECE_BYTES = 8_300;

interface Happening {
  readonly at: number;
  readonly order: number;
  readonly act: () => void;
}

interface Wish {
  readonly since: number;
  readonly deadline: number;
}

/** One viewer without a screen. */
class Ghost {
  readonly engine: HlsEngine;
  readonly wishes = new Map<SegmentKey, Wish>();
  readonly pieces = new Map<SegmentKey, Set<number>>();
  fetching = new Map<SegmentKey, number>();
  uplinkFreeAt = 0;

  constructor(seed: number) {
    this.engine = new HlsEngine({ seed, policy: SHARE });
  }
}

export class GhostSwarm {
  readonly #world: GhostWorld;
  readonly #random: Random;
  readonly #ghosts: Ghost[];
  readonly #queue: Happening[] = [];
  readonly #counts = new Map<SegmentKey, number>();
  #order = 0;
  now = 0;
  /** Fetches that were not broken off, in pieces; and how long each wish took and how late it was. */
  fetchedPieces = 0;
  readonly waitsMs: number[] = [];
  readonly lateMs: number[] = [];

  constructor(world: GhostWorld) {
    this.#world = world;
    this.#random = new Random(world.seed);
    this.#ghosts = Array.from({ length: world.viewers }, (_, at) => new Ghost(world.seed + at));
    for (const [at, ghost] of this.#ghosts.entries()) this.#start(ghost, at);
    for (let a = 0; a < world.viewers; a++) for (let b = a + 1; b < world.viewers; b++) this.#meet(a, b);
  }

  /** Everybody is told of a segment of so many pieces, and needs it within this. */
  publish(key: SegmentKey, pieces: number, withinMs: number): void {
    this.#counts.set(key, pieces);
    for (const ghost of this.#ghosts) {
      this.#later(this.#random.unit() * this.#world.skewMs, () => {
        const deadline = this.now + withinMs;
        ghost.wishes.set(key, { since: this.now, deadline });
        this.#put(ghost, { kind: 'wish', key, deadline });
      });
    }
  }

  run(ms: number): void {
    const until = this.now + ms;
    for (;;) {
      const wake = Math.min(...this.#ghosts.map((ghost) => ghost.engine.nextWakeup()));
      const next = this.#queue[0];
      const at = Math.min(wake, next?.at ?? Number.POSITIVE_INFINITY);
      if (at > until) break;
      this.now = Math.max(this.now, at);
      if (next !== undefined && next.at <= wake) {
        this.#queue.shift();
        next.act();
        continue;
      }
      for (const ghost of this.#ghosts) if (ghost.engine.nextWakeup() <= this.now) this.#put(ghost, { kind: 'wake' });
    }
    this.now = until;
  }

  #start(ghost: Ghost, at: number): void {
    this.#put(ghost, { kind: 'start' });
    this.#put(ghost, { kind: 'tracker-opened' });
    const token = { token: '', expiresInMs: 900_000, tokenKeys: [] };
    const answer = { kind: 'joined', viewer: nameOf(at), stream: '', ...token, neighbours: [] } as const;
    this.#put(ghost, { kind: 'tracker-said', answer });
  }

  /** The link of a viewer to another has the other's number, plus one. */
  #meet(a: number, b: number): void {
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const) {
      const ghost = this.#ghosts[one];
      if (ghost === undefined) continue;
      const signal = { kind: 'signal', from: nameOf(other), dial: 1, data: 'x' } as const;
      this.#put(ghost, { kind: 'tracker-said', answer: signal });
      const link = this.#linkOf(one, other);
      this.#put(ghost, { kind: 'link-opened', link, viewer: nameOf(other) });
    }
  }

  /** Links are numbered in the order of dials, which is that of the others' numbers. */
  #linkOf(one: number, other: number): number {
    return other < one ? other + 1 : other;
  }

  #otherOf(one: number, link: number): number {
    return link <= one ? link - 1 : link;
  }

  #put(ghost: Ghost, input: HlsInput): void {
    ghost.engine.handle(this.now, input);
    for (let output = ghost.engine.poll(); output !== undefined; output = ghost.engine.poll()) {
      this.#perform(ghost, output);
    }
  }

  #perform(ghost: Ghost, output: HlsOutput): void {
    switch (output.kind) {
      case 'tell-hls':
        return this.#tell(ghost, output.link, output.message);
      case 'tell-sheet':
        return this.#toOther(ghost, output.link, 0, (other, link) =>
          this.#put(other, { kind: 'sheet', key: output.key, pieces: this.#counts.get(output.key) ?? 0, from: link }),
        );
      case 'push-piece':
        ghost.engine.uploaded(this.now, output.link, PIECE_BYTES);
        return this.#toOther(ghost, output.link, PIECE_BYTES, (other, link) =>
          this.#arrive(other, output.key, output.piece, link),
        );
      case 'fetch':
        return this.#fetch(ghost, output);
      case 'cancel-fetch':
        ghost.fetching.delete(output.key);
        return;
      default:
        return;
    }
  }

  #tell(ghost: Ghost, link: number, message: HlsMessage): void {
    this.#toOther(ghost, link, 0, (other, from) => this.#put(other, { kind: 'hls-said', link: from, message }));
  }

  #toOther(ghost: Ghost, link: number, bytes: number, act: (other: Ghost, link: number) => void): void {
    const one = this.#ghosts.indexOf(ghost);
    const number = this.#otherOf(one, link);
    const other = this.#ghosts[number];
    if (other === undefined) return;
    const { hopMs, hopJitterMs, uplink } = this.#world;
    const busyMs = uplink === undefined ? 0 : (bytes * 1000) / uplink;
    ghost.uplinkFreeAt = Math.max(this.now, ghost.uplinkFreeAt) + busyMs;
    const waitMs = bytes === 0 ? 0 : ghost.uplinkFreeAt - this.now;
    this.#later(waitMs + hopMs + this.#random.unit() * hopJitterMs, () => act(other, this.#linkOf(number, one)));
  }

  #arrive(ghost: Ghost, key: SegmentKey, piece: number, from: number): void {
    ghost.engine.arrived(this.now, from, PIECE_BYTES);
    const have = ghost.pieces.get(key) ?? new Set();
    ghost.pieces.set(key, have);
    if (have.has(piece)) return;
    have.add(piece);
    this.#put(ghost, { kind: 'segment-piece', key, piece, bytes: PIECE_BYTES, from });
    if (have.size === this.#counts.get(key)) this.#complete(ghost, key);
  }

  #fetch(ghost: Ghost, { key, range }: Extract<HlsOutput, { readonly kind: 'fetch' }>): void {
    const { fetchMs, fetchJitterMs } = this.#world;
    const order = ++this.#order;
    ghost.fetching.set(key, order);
    const count = this.#counts.get(key) ?? 0;
    const { first, last } = range ?? { first: 0, last: count - 1 };
    const tookMs = fetchMs + this.#random.unit() * fetchJitterMs;
    this.#later(tookMs, () => {
      if (range === undefined && ghost.fetching.get(key) !== order) return;
      this.fetchedPieces += last - first + 1;
      this.#put(ghost, { kind: 'fetch-took', ms: tookMs });
      const have = ghost.pieces.get(key) ?? new Set();
      ghost.pieces.set(key, have);
      for (let piece = first; piece <= last; piece++) have.add(piece);
      if (have.size === count) this.#complete(ghost, key);
    });
  }

  #complete(ghost: Ghost, key: SegmentKey): void {
    const wish = ghost.wishes.get(key);
    if (wish === undefined) return;
    ghost.wishes.delete(key);
    this.waitsMs.push(this.now - wish.since);
    this.lateMs.push(Math.max(0, this.now - wish.deadline));
    this.#put(ghost, { kind: 'held', key, pieces: this.#counts.get(key) ?? 0 });
  }

  #later(ms: number, act: () => void): void {
    const happening = { at: this.now + ms, order: ++this.#order, act };
    let at = this.#queue.length;
    while (at > 0 && (this.#queue[at - 1]?.at ?? 0) > happening.at) at--;
    this.#queue.splice(at, 0, happening);
  }
}

const nameOf = (at: number): string => (0x1000 + at * 0x9e37).toString(16).padStart(16, 'f');
