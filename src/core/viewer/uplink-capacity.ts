/**
 * What an uplink carries. Nobody tells; but whatever left within a while has been carried, save what the queue grew by
 * meanwhile. So the uplink carries that much at least, and while a queue stands no more. Several such measurements that
 * agree are worth more than one, and the more of them agree the more slowly it is tried whether there is more by now:
 * each try that goes too far makes children late.
 */
import type { Millis } from '../engine.ts';

/** What was handed to the uplink so far, bytes on the wire, and the queue that stood in it then. */
export interface UplinkReading {
  readonly at: Millis;
  readonly sentBytes: number;
  readonly queueMs: Millis;
}

/** Readings that are remembered, and how many make a while: one each second, so a group of pictures fits. */
const READINGS_KEPT = 9;
const WHILE_READINGS = 2;
/** No while is shorter, whatever clocks say. */
const WHILE_LEAST_MS = 500;
/** What has arrived may be so much less than what has left: it is known later, and piece by piece. */
const ARRIVED_FACTOR = 1.5;
/** A measurement so far from the mean says that the uplink is another one. */
export const AGREES = 0.15;
/** ... and takes off this much when it is lower: one bad moment is no other uplink. */
export const DISAGREES_STEP = 0.9;
/** Measurements beyond so many do not make it surer. */
export const SURE_MAX = 4;
/** From so many on it is relied upon. */
export const SURE_FROM = 3;
/** Whatever is measured, a queue means less than what was thought. */
export const SHRINK_LEAST = 0.97;
/** What is known grows by this share a second at first, twice as fast after each while without a queue, at most so fast. */
export const GROWTH = 0.004;
export const GROWTH_DOUBLES_MS = 10_000;
export const GROWTH_MAX = 0.05;

export class UplinkCapacity {
  #bytesPerSec = Number.POSITIVE_INFINITY;
  #mean = 0;
  /** Measurements in a row that agreed with the mean. */
  #sure = 0;
  #queuedAt: Millis = Number.NEGATIVE_INFINITY;
  readonly #readings: UplinkReading[] = [];

  /** Bytes a second on the wire; Infinity until a queue has shown it. */
  get bytesPerSec(): number {
    return this.#bytesPerSec;
  }

  get isKnown(): boolean {
    return this.#bytesPerSec !== Number.POSITIVE_INFINITY;
  }

  /** Measured often enough to be relied upon. */
  get isSure(): boolean {
    return this.#sure >= SURE_FROM;
  }

  /** When a queue last stood. */
  get queuedAt(): Millis {
    return this.#queuedAt;
  }

  read(reading: UplinkReading): void {
    this.#readings.push(reading);
    if (this.#readings.length > READINGS_KEPT) this.#readings.shift();
  }

  /** A queue stands; `arriving` is what reaches the others, bytes a second on the wire. */
  queued(now: Millis, arriving: number, least: number): void {
    this.#queuedAt = now;
    this.#learn(Math.min(this.#carried(), arriving * ARRIVED_FACTOR));
    this.#bytesPerSec = Math.max(least, Math.min(this.#bytesPerSec * SHRINK_LEAST, this.#mean));
  }

  /** No queue stands although all of it is wanted. */
  grow(now: Millis): void {
    const calm = 1 + this.#sure;
    const rate = (GROWTH / calm) * 2 ** ((now - this.#queuedAt) / (GROWTH_DOUBLES_MS * calm));
    this.#bytesPerSec *= 1 + Math.min(GROWTH_MAX, rate);
  }

  #learn(carried: number): void {
    if (!this.isKnown || carried > this.#mean * (1 + AGREES)) {
      this.#mean = carried;
      this.#sure = 0;
    } else if (carried < this.#mean * (1 - AGREES)) {
      this.#mean *= DISAGREES_STEP;
      this.#sure = Math.max(0, this.#sure - 1);
    } else {
      this.#sure = Math.min(SURE_MAX, this.#sure + 1);
      this.#mean += (carried - this.#mean) / (this.#sure + 1);
    }
  }

  /** The most that was carried in any while that is remembered. */
  #carried(): number {
    let most = 0;
    for (let at = WHILE_READINGS; at < this.#readings.length; at++) {
      const from = this.#readings[at - WHILE_READINGS];
      const to = this.#readings[at];
      if (from === undefined || to === undefined) continue;
      const tookMs = Math.max(WHILE_LEAST_MS, to.at - from.at + to.queueMs - from.queueMs);
      most = Math.max(most, ((to.sentBytes - from.sentBytes) * 1_000) / tookMs);
    }
    return most;
  }
}
