// How often an address may try to publish, so that keys cannot be guessed at by the thousand.

import { Bucket } from '../../../src/core/kit/bucket.ts';
import type { Clock } from '../clock.ts';

const RATE = 5;
const BURST = 100;
const ADDRESSES_MAX = 10_000;

/** See above. */
export class Attempts {
  readonly #clock: Clock;
  readonly #rates = new Map<string, Bucket>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts one; false when it is one too many. */
  take(address: string): boolean {
    const bucket = this.#rates.get(address) ?? new Bucket(RATE, BURST);
    this.#rates.delete(address);
    this.#rates.set(address, bucket);
    const oldest = this.#rates.keys().next().value;
    if (this.#rates.size > ADDRESSES_MAX && oldest !== undefined) this.#rates.delete(oldest);
    return bucket.take(this.#clock.now());
  }
}
