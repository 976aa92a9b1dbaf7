/**
 * How far behind the live edge the playhead should be: as near as the page asked for, unless most pieces come so late that
 * one which has to be asked for again would not be in time, or the buffer has nearly run dry. What made more distance
 * necessary is forgotten little by little.
 */
import type { Millis } from '../engine.ts';
import { Quantiles } from '../kit/quantiles.ts';

/** More distance than was asked for fades by this much a second. */
const FADE_MS_PER_SEC = 8;
/** ... and is never granted above this: a slower parent is not worth more. */
export const WISH_MAX_MS = 1_400;
export const WISH_MARGIN_MS = 60;
/** Lags that are remembered: of some fifteen seconds. */
const LAGS_KEPT = 256;
/** As many of them as are to be in time ... */
const USUAL_SHARE = 0.97;
/** ... with so much left to have another one mended. */
const MEND_MS = 200;

export class Distance {
  readonly #leastMs: number;
  /** None for a viewer whose distance is fixed. */
  #lags: Quantiles | undefined;
  #wishMs = 0;
  #wishAt: Millis = 0;

  /** @param leastMs what the page asked for. */
  constructor(leastMs: number) {
    this.#leastMs = leastMs;
  }

  get targetMs(): number {
    return Math.max(this.#leastMs, this.#wishMs);
  }

  /** No wish makes the target larger than this. */
  get targetMaxMs(): number {
    return Math.max(this.#leastMs, WISH_MAX_MS);
  }

  /** It should be at least so far, and a little more. */
  wish(now: Millis, lagMs: number): void {
    this.fade(now);
    this.#wishMs = Math.max(this.#wishMs, Math.min(WISH_MAX_MS, lagMs + WISH_MARGIN_MS));
  }

  /** A piece came so long after its cut. */
  came(lagMs: number): void {
    this.#lags ??= new Quantiles(LAGS_KEPT);
    this.#lags.add(lagMs);
  }

  /** Makes room for what pieces have usually taken. */
  keepUsual(now: Millis): void {
    const usual = this.#lags?.at(USUAL_SHARE);
    if (usual !== undefined) this.wish(now, usual + MEND_MS);
  }

  fade(now: Millis): void {
    this.#wishMs = Math.max(0, this.#wishMs - ((now - this.#wishAt) / 1000) * FADE_MS_PER_SEC);
    this.#wishAt = now;
  }
}
