/**
 * What an uplink carries. Nobody tells; but what was handed to it says that it carries that much at least, and while a
 * queue stands no more. Several such measurements that agree are worth more than one, and the more of them agree the more
 * slowly it is tried whether there is more by now: each try that goes too far makes children late.
 */
import type { Millis } from '../engine.ts';
import { type UplinkReading, UplinkReadings } from './uplink-readings.ts';

/**
 * How it shows that the uplink carries no more: a queue stands that grew by the rest, or what would have to wait is dropped,
 * as routers with short queues do.
 */
export type Overload = 'standing' | 'dropping';

/** Where much is dropped, some of what was carried is of no use: a piece that lost one packet does not arrive. */
const CARRIED_OVER_ARRIVED = 1.1;
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
  #overloadedAt: Millis = Number.NEGATIVE_INFINITY;
  readonly #readings = new UplinkReadings();

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

  /** When it last had too much to carry. */
  get overloadedAt(): Millis {
    return this.#overloadedAt;
  }

  read(reading: UplinkReading): void {
    this.#readings.read(reading);
  }

  /** More was handed to it than it carries. */
  overloaded(now: Millis, overload: Overload, least: number): void {
    const carried = this.#measured(overload);
    if (carried === undefined) return;
    this.#overloadedAt = now;
    this.#learn(carried);
    this.#bytesPerSec = Math.max(least, Math.min(this.#bytesPerSec * SHRINK_LEAST, this.#mean));
  }

  /** No queue stands although all of it is wanted. */
  grow(now: Millis): void {
    const calm = 1 + this.#sure;
    const rate = (GROWTH / calm) * 2 ** ((now - this.#overloadedAt) / (GROWTH_DOUBLES_MS * calm));
    this.#bytesPerSec *= 1 + Math.min(GROWTH_MAX, rate);
  }

  #measured(overload: Overload): number | undefined {
    const { carried, arrived } = this.#readings;
    if (overload === 'standing' || carried === undefined) return carried;
    return arrived === undefined ? undefined : Math.min(carried, arrived * CARRIED_OVER_ARRIVED);
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
}
