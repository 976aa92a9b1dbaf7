/**
 * Every viewer's way out. Until it knows what its uplink carries, pieces queue in the router, first come first served.
 * From then on they leave no faster than that, and whoever passes a piece on gets it before who does not.
 */
import type { Crowd } from './crowd.ts';
import { NEWEST_RTTS, WAIT_MAX_MS } from './rules.ts';

/** Of a backlog that is mostly short and sometimes long the middle is below the mean; and how fast it is learned. */
const MEDIAN_OF_MEAN = 0.7;
const NEWEST_WEIGHT = 0.25;

/** What most pieces wait is learned in steps of this many ms, and counts as usual for this share of them. */
const WAIT_STEP_MS = 6;
const USUAL_SHARE = 0.7;

/** A count that goes round, in whole rounds of what is remembered. */
const LOOKS_MAX = 50 * NEWEST_RTTS;

/** Said at once: it would leave too late to be of use. */
export const REFUSED = Number.NEGATIVE_INFINITY;

/** Repairs leave at once, then pieces for those who pass them on, then all others. */
export type Rank = 'at once' | 'first' | 'then';

export class Uplinks {
  readonly #crowd: Crowd;
  /** What is let out, bytes a ms; Infinity while the uplink is not known. */
  readonly #pace: Float32Array;
  /** When everything handed in has left, and when that for those in front has. */
  readonly #until: Float64Array;
  readonly #firstUntil: Float64Array;
  /** Time taken in the present second, and the area under the backlog over it. */
  readonly #busyMs: Float32Array;
  readonly #area: Float32Array;
  /** What the last second came to. */
  readonly #load: Float32Array;
  readonly #backlogMs: Float32Array;
  readonly #usualMs: Float32Array;
  /** When everything handed in will have been let out, as far as that is paced. */
  readonly #letOutBy: Float64Array;
  /** Wire bytes handed in so far. */
  readonly #handedIn: Float64Array;
  /** What stood in the router at the newest moments at which words were sent, ms; and how many moments there have been. */
  readonly #stood: Float32Array;
  readonly #looks: Uint8Array;
  /** What waited when the last second ended, ms, and whether anything has had to wait in it. */
  readonly #waiting: Float32Array;
  readonly #waited: Uint8Array;
  /** What most pieces wait here before they leave, ms. */
  readonly #usualWait: Float32Array;
  /** What one piece takes on the wire: whatever comes behind it waits for the rest of it. */
  readonly #pieceMs: Float32Array;

  constructor(crowd: Crowd) {
    const { capacity } = crowd;
    this.#crowd = crowd;
    this.#pace = new Float32Array(capacity);
    this.#until = new Float64Array(capacity);
    this.#firstUntil = new Float64Array(capacity);
    this.#busyMs = new Float32Array(capacity);
    this.#area = new Float32Array(capacity);
    this.#load = new Float32Array(capacity);
    this.#backlogMs = new Float32Array(capacity);
    this.#usualMs = new Float32Array(capacity);
    this.#letOutBy = new Float64Array(capacity);
    this.#handedIn = new Float64Array(capacity);
    this.#stood = new Float32Array(capacity * NEWEST_RTTS);
    this.#looks = new Uint8Array(capacity);
    this.#waiting = new Float32Array(capacity);
    this.#waited = new Uint8Array(capacity);
    this.#usualWait = new Float32Array(capacity);
    this.#pieceMs = new Float32Array(capacity);
  }

  get bytes(): number {
    return (
      4 * this.#until.byteLength +
      this.#stood.byteLength +
      this.#looks.byteLength +
      9 * this.#load.byteLength +
      this.#waited.byteLength
    );
  }

  /** What the viewer believes its uplink carries, wire bytes a ms. */
  setPace(row: number, bytesPerMs: number): void {
    this.#pace[row] = bytesPerMs;
  }

  /** When wire bytes handed in now have left; Infinity when they are given up before, REFUSED when `by` cannot be kept. */
  depart(
    row: number,
    now: number,
    piece: { readonly bytes: number; readonly rank: Rank; readonly by?: number },
  ): number {
    const rate = this.#crowd.uplinkBytesPerMs[row]!;
    if (rate === 0) return Number.POSITIVE_INFINITY;
    const takes = piece.bytes / Math.min(rate, this.#pace[row]!);
    const backlog = Math.max(0, this.#until[row]! - now);
    const isPaced = this.#pace[row]! < Number.POSITIVE_INFINITY;
    const waits = isPaced ? this.#waitsMs(row, now, { backlog, takes, rank: piece.rank }) : backlog;
    if (isPaced && piece.by !== undefined) {
      if (waits > 0 && now + waits > piece.by) return REFUSED;
      this.#usualWait[row]! += WAIT_STEP_MS * (waits > this.#usualWait[row]! ? USUAL_SHARE : USUAL_SHARE - 1);
    }
    if (waits >= WAIT_MAX_MS) return Number.POSITIVE_INFINITY;
    if (waits > 0) this.#waited[row] = 1;
    this.#pieceMs[row] = piece.bytes / rate;
    if (piece.rank !== 'then') {
      this.#firstUntil[row] = Math.max(now, this.#firstUntil[row]!) + takes;
    }
    this.#busyMs[row]! += takes;
    this.#area[row]! += takes * (backlog + takes / 2);
    this.#until[row] = now + backlog + takes;
    this.#handedIn[row]! += piece.bytes;
    if (isPaced) this.#letOutBy[row] = Math.max(now, this.#letOutBy[row]!) + piece.bytes / this.#pace[row]!;
    return now + waits + piece.bytes / rate;
  }

  /** Those in front wait for each other and for what is just leaving, those behind for everybody who is there. */
  #waitsMs(
    row: number,
    now: number,
    what: { readonly backlog: number; readonly takes: number; readonly rank: Rank },
  ): number {
    const { backlog, takes, rank } = what;
    if (rank === 'at once') return Math.min(takes / 2, backlog);
    if (rank === 'then') return backlog;
    const before = Math.max(0, this.#firstUntil[row]! - now);
    return before + Math.min(takes / 2, Math.max(0, backlog - before));
  }

  /** A piece that waits is not sent after all, because the child says that it has it. */
  takeBack(row: number, now: number, bytes: number): void {
    const pace = Math.min(this.#crowd.uplinkBytesPerMs[row]!, this.#pace[row]!);
    const takes = bytes / pace;
    if (this.#until[row]! - now < takes) return;
    this.#until[row]! -= takes;
    this.#handedIn[row]! -= bytes;
    this.#busyMs[row]! -= takes;
  }

  /** Closes a row's second. */
  close(row: number, now: number, lengthMs: number): void {
    const waiting = Math.max(0, this.#until[row]! - now);
    const left = Math.max(0, this.#waiting[row]! + this.#busyMs[row]! - waiting);
    this.#waiting[row] = waiting;
    this.#load[row] = Math.min(1, left / lengthMs);
    this.#backlogMs[row] = (this.#area[row]! / lengthMs) * this.#seen(row);
    const isPaced = this.#pace[row]! < Number.POSITIVE_INFINITY;
    const leaving = isPaced ? (this.#load[row]! * this.#pieceMs[row]!) / 2 : 0;
    this.#usualMs[row]! += (MEDIAN_OF_MEAN * this.#backlogMs[row]! + leaving - this.#usualMs[row]!) * NEWEST_WEIGHT;
    this.#busyMs[row] = 0;
    this.#area[row] = 0;
  }

  /** Whether a piece has had to wait since this was last asked. */
  takeWaited(row: number): boolean {
    const waited = this.#waited[row] === 1;
    this.#waited[row] = 0;
    return waited;
  }

  /** What most pieces wait before they leave, ms. */
  usualWaitMs(row: number): number {
    return Math.max(0, this.#usualWait[row]!);
  }

  /** What stands in the router at most moments, ms. */
  usualMs(row: number): number {
    return this.#usualMs[row]!;
  }

  /** What stands in the router now, ms: all that is there less what is not let out yet. */
  standsMs(row: number, now: number): number {
    const backlog = Math.max(0, this.#until[row]! - now);
    return backlog === 0 ? 0 : Math.max(0, backlog - this.#keptBytes(row, now) / this.#crowd.uplinkBytesPerMs[row]!);
  }

  /** Wire bytes let out so far. */
  letOutBytes(row: number, now: number): number {
    return this.#handedIn[row]! - this.#keptBytes(row, now);
  }

  #keptBytes(row: number, now: number): number {
    const pace = this.#pace[row]!;
    return pace === Number.POSITIVE_INFINITY ? 0 : Math.max(0, this.#letOutBy[row]! - now) * pace;
  }

  /** Words leave now, and find what stands in the router. */
  look(row: number, now: number): void {
    const place = this.#looks[row]! % NEWEST_RTTS;
    this.#stood[row * NEWEST_RTTS + place] = this.standsMs(row, now);
    this.#looks[row] = this.#looks[row] === LOOKS_MAX ? NEWEST_RTTS : this.#looks[row]! + 1;
  }

  /**
   * What stood in the router when a word left some time ago, ms. The rest of the piece that was just leaving is left out:
   * the least of several words has not waited for it.
   */
  stoodMs(row: number, ago: number): number {
    const place = (this.#looks[row]! + LOOKS_MAX - 1 - ago) % NEWEST_RTTS;
    return this.#stood[row * NEWEST_RTTS + place]!;
  }

  /** A new viewer has the row: nothing waits, nothing is known. */
  clear(row: number): void {
    const seconds = [this.#busyMs, this.#area, this.#load, this.#backlogMs];
    for (const column of [
      ...[this.#until, this.#firstUntil, ...seconds, this.#usualMs],
      ...[this.#usualWait, this.#waiting, this.#waited, this.#letOutBy, this.#handedIn, this.#looks],
    ])
      column[row] = 0;
    this.#pace[row] = Number.POSITIVE_INFINITY;
    this.#stood.fill(0, row * NEWEST_RTTS, (row + 1) * NEWEST_RTTS);
  }

  /** The share of the backlog that stands in the router: all of it at first, then what is let out too fast. */
  #seen(row: number): number {
    const pace = this.#pace[row]!;
    if (pace === Number.POSITIVE_INFINITY) return 1;
    return Math.max(0, 1 - this.#crowd.uplinkBytesPerMs[row]! / pace);
  }
}
