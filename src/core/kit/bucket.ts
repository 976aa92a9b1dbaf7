/**
 * A token bucket: so many units a second on average, so many at once.
 */
import type { Millis } from '../engine.ts';

export class Bucket {
  #tokens: number;
  #at: Millis | undefined;
  readonly #burst: number;
  #perSecond: number;

  constructor(perSecond: number, burst: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = burst;
  }

  /** Takes units if they are there. */
  take(now: Millis, units = 1): boolean {
    this.#fill(now);
    if (this.#tokens < units) return false;
    this.#tokens -= units;
    return true;
  }

  /** Changes the average rate from now on. */
  setRate(now: Millis, perSecond: number): void {
    this.#fill(now);
    this.#perSecond = perSecond;
  }

  #fill(now: Millis): void {
    const since = this.#at === undefined ? 0 : Math.max(0, now - this.#at);
    this.#at = now;
    this.#tokens = Math.min(this.#burst, this.#tokens + (since * this.#perSecond) / 1000);
  }
}
