/**
 * How many bits a second the encoder is asked for. What counts is how far the acknowledged end of the stream is behind the
 * newest frame, above what it is behind on a line without a queue: too far, and the rate falls below what gets through; near for
 * a while, and it rises again step by step.
 */

/** Bounds of the rate, bits a second. */
export interface BitrateBounds {
  readonly min: number;
  readonly max: number;
}

/** What is seen of the line at one moment. */
export interface LineSample {
  readonly nowMs: number;
  /** From the newest frame to the last one acknowledged, in the stream's own time. */
  readonly lagMs: number;
  /** Bits acknowledged a second, lately. */
  readonly deliveredBitsPerSec: number;
  /** Groups have been dropped since the last sample. */
  readonly hasDropped: boolean;
}

/** A queue of so much more than usual lowers the rate. */
const LATE_MS = 500;
/** So much more than usual counts as none. */
const CALM_MS = 200;
/** One lowering is given so long to show. */
const LOWER_EVERY_MS = 1000;
/** Calm for so long, and the rate rises. */
const RAISE_AFTER_MS = 4000;
const LOWER_TO = 0.75;
const BELOW_DELIVERED = 0.85;
const RAISE_BY = 1.1;
/** What is usual is the least lag of the last one to two spans. */
const USUAL_SPAN_MS = 20_000;

/** See above. */
export class Bitrate {
  readonly #bounds: BitrateBounds;
  #current: number;
  #loweredAt = Number.NEGATIVE_INFINITY;
  #calmSince: number | undefined;
  #least = { before: Number.POSITIVE_INFINITY, now: Number.POSITIVE_INFINITY, since: 0 };

  constructor(bounds: BitrateBounds) {
    this.#bounds = bounds;
    this.#current = bounds.max;
  }

  get current(): number {
    return this.#current;
  }

  /** Takes a sample and says the rate from now on. */
  sample(line: LineSample): number {
    const excess = line.lagMs - this.#usual(line);
    if (excess > LATE_MS || line.hasDropped) this.#lower(line);
    else if (excess < CALM_MS) this.#raise(line.nowMs);
    else this.#calmSince = undefined;
    return this.#current;
  }

  /** A new connection: what was known of the old line means nothing. */
  forget(): void {
    this.#least = { before: Number.POSITIVE_INFINITY, now: Number.POSITIVE_INFINITY, since: 0 };
    this.#calmSince = undefined;
  }

  #usual({ nowMs, lagMs }: LineSample): number {
    if (nowMs - this.#least.since > USUAL_SPAN_MS) {
      this.#least = { before: this.#least.now, now: lagMs, since: nowMs };
    }
    this.#least.now = Math.min(this.#least.now, lagMs);
    return Math.min(this.#least.before, this.#least.now);
  }

  #lower({ nowMs, deliveredBitsPerSec }: LineSample): void {
    this.#calmSince = undefined;
    if (nowMs - this.#loweredAt < LOWER_EVERY_MS) return;
    this.#loweredAt = nowMs;
    this.#set(Math.min(this.#current * LOWER_TO, deliveredBitsPerSec * BELOW_DELIVERED));
  }

  #raise(nowMs: number): void {
    this.#calmSince ??= nowMs;
    if (nowMs - this.#calmSince < RAISE_AFTER_MS) return;
    this.#calmSince = nowMs;
    this.#set(this.#current * RAISE_BY);
  }

  #set(rate: number): void {
    this.#current = Math.round(Math.min(this.#bounds.max, Math.max(this.#bounds.min, rate)));
  }
}
