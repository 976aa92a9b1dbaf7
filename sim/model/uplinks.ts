/**
 * Every viewer's uplink: a queue that drains at its rate, and what round trips would show of it.
 */
import { LIFETIME_MS } from '../network.ts';
import type { Crowd } from './crowd.ts';
import type { Dice } from './dice.ts';

/** Of a backlog that is mostly short and sometimes long the middle is below the mean; and how fast it is learned. */
const MEDIAN_OF_MEAN = 0.7;
const NEWEST_WEIGHT = 0.25;

export class Uplinks {
  readonly #crowd: Crowd;
  readonly #until: Float64Array;
  /** Time taken in the present second, and the area under the backlog over it; then what the last second came to. */
  readonly #busyMs: Float32Array;
  readonly #area: Float32Array;
  readonly #load: Float32Array;
  readonly #backlogMs: Float32Array;
  readonly #usualMs: Float32Array;
  /** What waited when the last second ended, ms. */
  readonly #waiting: Float32Array;

  constructor(crowd: Crowd) {
    this.#crowd = crowd;
    this.#until = new Float64Array(crowd.capacity);
    this.#busyMs = new Float32Array(crowd.capacity);
    this.#area = new Float32Array(crowd.capacity);
    this.#load = new Float32Array(crowd.capacity);
    this.#backlogMs = new Float32Array(crowd.capacity);
    this.#usualMs = new Float32Array(crowd.capacity);
    this.#waiting = new Float32Array(crowd.capacity);
  }

  get bytes(): number {
    return this.#until.byteLength + 6 * this.#load.byteLength;
  }

  /** When wire bytes handed in now have left; Infinity when the channel gives them up before. */
  depart(row: number, now: number, bytes: number): number {
    const rate = this.#crowd.uplinkBytesPerMs[row]!;
    if (rate === 0) return Number.POSITIVE_INFINITY;
    const from = Math.max(now, this.#until[row]!);
    const waits = from - now;
    if (waits >= LIFETIME_MS) return Number.POSITIVE_INFINITY;
    const takes = Math.min(bytes / rate, LIFETIME_MS - waits);
    this.#busyMs[row]! += takes;
    this.#area[row]! += takes * (waits + takes / 2);
    this.#until[row] = from + takes;
    return takes < bytes / rate ? Number.POSITIVE_INFINITY : from + takes;
  }

  /** Closes a row's second: how busy its uplink was and how much stood in it on average. Returns the wire bytes that have left in it. */
  close(row: number, now: number, lengthMs: number): number {
    const waiting = Math.max(0, this.#until[row]! - now);
    const left = Math.max(0, this.#waiting[row]! + this.#busyMs[row]! - waiting);
    this.#waiting[row] = waiting;
    this.#load[row] = Math.min(1, left / lengthMs);
    this.#backlogMs[row] = this.#area[row]! / lengthMs;
    this.#usualMs[row]! += (MEDIAN_OF_MEAN * this.#backlogMs[row]! - this.#usualMs[row]!) * NEWEST_WEIGHT;
    this.#busyMs[row] = 0;
    this.#area[row] = 0;
    return left * this.#crowd.uplinkBytesPerMs[row]!;
  }

  /** Share of the last second in which it sent. */
  loadOf(row: number): number {
    return this.#load[row]!;
  }

  /** What stands in the way at most moments, ms. */
  usualMs(row: number): number {
    return this.#usualMs[row]!;
  }

  /** What somebody who looks at a random moment finds in the way, ms. */
  sampleQueueMs(row: number, dice: Dice): number {
    const load = this.#load[row]!;
    if (load === 0 || dice.unit() >= load) return 0;
    return dice.lifetime(this.#backlogMs[row]! / load);
  }

  /** A new viewer has the row: nothing waits. */
  clear(row: number): void {
    const columns = [this.#busyMs, this.#area, this.#load, this.#backlogMs, this.#usualMs, this.#waiting];
    for (const column of [this.#until, ...columns]) column[row] = 0;
  }
}
