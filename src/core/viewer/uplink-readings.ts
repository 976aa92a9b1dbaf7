/**
 * What was handed to an uplink of late and what of it has arrived, read once a second. Whatever left within a while has
 * been carried, save what the queue grew by meanwhile; and where much is dropped on the way, only what arrives has.
 */
import type { Millis } from '../engine.ts';

/** What was handed to the uplink so far and what of that is known to have arrived, bytes on the wire, and the queue that stood in it then. */
export interface UplinkReading {
  readonly at: Millis;
  readonly sentBytes: number;
  readonly arrivedBytes: number;
  readonly queueMs: Millis;
}

/** Readings that are remembered, and how many make a while: one each second, so a group of pictures fits. */
const READINGS_KEPT = 9;
const WHILE_READINGS = 2;
/** What arrives is known piece by piece and a little later: it takes a longer while to say how much it is. */
const ARRIVING_READINGS = 3;
/** No while is shorter, whatever clocks say. */
const WHILE_LEAST_MS = 500;

export class UplinkReadings {
  readonly #readings: UplinkReading[] = [];

  read(reading: UplinkReading): void {
    this.#readings.push(reading);
    if (this.#readings.length > READINGS_KEPT) this.#readings.shift();
  }

  /** The most that was carried in any while, bytes a second, if nothing was dropped; undefined before the first while is over. */
  get carried(): number | undefined {
    return this.#most(WHILE_READINGS, (from, to) => ({
      bytes: to.sentBytes - from.sentBytes,
      tookMs: to.at - from.at + to.queueMs - from.queueMs,
    }));
  }

  /** The most that arrived in any while, bytes a second. */
  get arrived(): number | undefined {
    return this.#most(ARRIVING_READINGS, (from, to) => ({
      bytes: to.arrivedBytes - from.arrivedBytes,
      tookMs: to.at - from.at,
    }));
  }

  #most(readings: number, between: (from: UplinkReading, to: UplinkReading) => Passed): number | undefined {
    let most: number | undefined;
    for (let at = readings; at < this.#readings.length; at++) {
      const from = this.#readings[at - readings];
      const to = this.#readings[at];
      if (from === undefined || to === undefined) continue;
      const { bytes, tookMs } = between(from, to);
      most = Math.max(most ?? 0, (bytes * 1_000) / Math.max(WHILE_LEAST_MS, tookMs));
    }
    return most;
  }
}

interface Passed {
  readonly bytes: number;
  readonly tookMs: Millis;
}
