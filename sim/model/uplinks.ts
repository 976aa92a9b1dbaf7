/**
 * Every viewer's way out. Until it knows what its uplink carries, pieces queue in the router, first come first served.
 * From then on they leave no faster than that, and whoever passes a piece on gets it before who does not.
 */
import { QUEUE_SEEN } from '../calibration/model-fit.ts';
import type { Crowd } from './crowd.ts';
import type { Dice } from './dice.ts';
import { WAIT_MAX_MS } from './rules.ts';

/** Of a backlog that is mostly short and sometimes long the middle is below the mean; and how fast it is learned. */
const MEDIAN_OF_MEAN = 0.7;
const NEWEST_WEIGHT = 0.25;

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
  /** What waited when the last second ended, ms, and whether anything has had to wait in it. */
  readonly #waiting: Float32Array;
  readonly #waited: Uint8Array;
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
    this.#waiting = new Float32Array(capacity);
    this.#waited = new Uint8Array(capacity);
    this.#pieceMs = new Float32Array(capacity);
  }

  get bytes(): number {
    return 2 * this.#until.byteLength + 8 * this.#load.byteLength + this.#waited.byteLength;
  }

  /** What the viewer believes its uplink carries, wire bytes a ms. */
  setPace(row: number, bytesPerMs: number): void {
    this.#pace[row] = bytesPerMs;
  }

  /** When wire bytes handed in now have left; Infinity when they are given up before. */
  depart(row: number, now: number, piece: { readonly bytes: number; readonly rank: Rank }): number {
    const rate = this.#crowd.uplinkBytesPerMs[row]!;
    if (rate === 0) return Number.POSITIVE_INFINITY;
    const takes = piece.bytes / Math.min(rate, this.#pace[row]!);
    const backlog = Math.max(0, this.#until[row]! - now);
    const isPaced = this.#pace[row]! < Number.POSITIVE_INFINITY;
    const waits = isPaced ? this.#waitsMs(row, now, { backlog, takes, rank: piece.rank }) : backlog;
    if (waits >= WAIT_MAX_MS) return Number.POSITIVE_INFINITY;
    if (waits > 0) this.#waited[row] = 1;
    this.#pieceMs[row] = piece.bytes / rate;
    if (piece.rank !== 'then') {
      this.#firstUntil[row] = Math.max(now, this.#firstUntil[row]!) + takes;
    }
    this.#busyMs[row]! += takes;
    this.#area[row]! += takes * (backlog + takes / 2);
    this.#until[row] = now + backlog + takes;
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
    this.#busyMs[row]! -= takes;
  }

  /** Closes a row's second. Returns the wire bytes that have left in it. */
  close(row: number, now: number, lengthMs: number): number {
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
    return left * Math.min(this.#pace[row]!, this.#crowd.uplinkBytesPerMs[row]!);
  }

  /** Whether a piece has had to wait since this was last asked. */
  takeWaited(row: number): boolean {
    const waited = this.#waited[row] === 1;
    this.#waited[row] = 0;
    return waited;
  }

  /** Share of the last second in which it sent. */
  loadOf(row: number): number {
    return this.#load[row]!;
  }

  /** What stands in the router at most moments, ms. */
  usualMs(row: number): number {
    return this.#usualMs[row]!;
  }

  /** What somebody who looks at a random moment finds in the router, ms. */
  sampleQueueMs(row: number, dice: Dice): number {
    const load = this.#load[row]!;
    if (load === 0 || dice.unit() >= load) return 0;
    const stands = QUEUE_SEEN * dice.lifetime(this.#backlogMs[row]! / load);
    return this.#pace[row] === Number.POSITIVE_INFINITY ? stands : stands + dice.unit() * this.#pieceMs[row]!;
  }

  /** A new viewer has the row: nothing waits, nothing is known. */
  clear(row: number): void {
    const seconds = [this.#busyMs, this.#area, this.#load, this.#backlogMs];
    for (const column of [this.#until, this.#firstUntil, ...seconds, this.#usualMs, this.#waiting, this.#waited])
      column[row] = 0;
    this.#pace[row] = Number.POSITIVE_INFINITY;
  }

  /** The share of the backlog that stands in the router: all of it at first, then what is let out too fast. */
  #seen(row: number): number {
    const pace = this.#pace[row]!;
    if (pace === Number.POSITIVE_INFINITY) return 1;
    return Math.max(0, 1 - this.#crowd.uplinkBytesPerMs[row]! / pace);
  }
}
