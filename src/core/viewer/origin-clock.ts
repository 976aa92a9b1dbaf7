/**
 * The origin's wall clock as seen from here, by the exchange with the smallest round trip. Lags of pieces are measured
 * on it, so that lags reported by different viewers can be compared.
 */
import type { Millis } from '../engine.ts';

/** A sample is forgotten after this long, so that a slow drift is followed. */
const SAMPLE_LIFE_MS = 300_000;

export class OriginClock {
  #offset: number | undefined;
  #rtt = Number.POSITIVE_INFINITY;
  #sampledAt: Millis = 0;

  /** Round trip of the best exchange, ms; Infinity before the first. */
  get rttMs(): number {
    return this.#rtt;
  }

  /** A wall time that has just arrived unasked: used only until an exchange has been timed. */
  hint(now: Millis, wallMs: number): void {
    if (this.#rtt === Number.POSITIVE_INFINITY)
      this.#offset = Math.max(this.#offset ?? Number.NEGATIVE_INFINITY, wallMs - now);
  }

  /** An exchange that began at `sentAt` and said `wallMs`. */
  sample(now: Millis, sentAt: Millis, wallMs: number): void {
    const rtt = Math.max(0, now - sentAt);
    const stale = now - this.#sampledAt > SAMPLE_LIFE_MS;
    if (!stale && rtt >= this.#rtt) return;
    this.#rtt = rtt;
    this.#sampledAt = now;
    this.#offset = wallMs + rtt / 2 - now;
  }

  /** The origin's wall clock now; before any word of it, the cut times themselves are the best hint. */
  wall(now: Millis): Millis {
    return now + (this.#offset ?? 0);
  }

  get known(): boolean {
    return this.#offset !== undefined;
  }
}
