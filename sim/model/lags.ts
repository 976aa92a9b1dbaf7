/**
 * The newest lags of every feed from its present source, and the same in order, so that a quantile is looked up: the
 * engine's own measure, as columns.
 */
import { LAGS_KEPT } from './rules.ts';

/** Lag of a feed that has not had a piece from its source. */
export const UNKNOWN = -1;
const LAG_MAX = 0xffff;

export class Lags {
  readonly #ring: Uint16Array;
  readonly #sorted: Uint16Array;
  readonly #kept: Uint8Array;
  readonly #next: Uint8Array;

  constructor(feeds: number) {
    this.#ring = new Uint16Array(feeds * LAGS_KEPT);
    this.#sorted = new Uint16Array(feeds * LAGS_KEPT);
    this.#kept = new Uint8Array(feeds);
    this.#next = new Uint8Array(feeds);
  }

  get bytes(): number {
    return this.#ring.byteLength + this.#sorted.byteLength + this.#kept.byteLength + this.#next.byteLength;
  }

  clear(feed: number): void {
    this.#kept[feed] = 0;
    this.#next[feed] = 0;
  }

  add(feed: number, lagMs: number): void {
    const base = feed * LAGS_KEPT;
    const lag = Math.max(0, Math.min(LAG_MAX, Math.round(lagMs)));
    const place = this.#next[feed]!;
    let kept = this.#kept[feed]!;
    if (kept === LAGS_KEPT) {
      const oldest = this.#ring[base + place]!;
      let at = base;
      while (this.#sorted[at] !== oldest) at++;
      for (; at < base + LAGS_KEPT - 1; at++) this.#sorted[at] = this.#sorted[at + 1]!;
      kept--;
    }
    let at = base + kept;
    for (; at > base && this.#sorted[at - 1]! > lag; at--) this.#sorted[at] = this.#sorted[at - 1]!;
    this.#sorted[at] = lag;
    this.#ring[base + place] = lag;
    this.#kept[feed] = kept + 1;
    this.#next[feed] = (place + 1) % LAGS_KEPT;
  }

  /** How many are kept. */
  count(feed: number): number {
    return this.#kept[feed]!;
  }

  /** The lag below which this share of the kept ones is, or UNKNOWN. */
  at(feed: number, share: number): number {
    const kept = this.#kept[feed]!;
    return kept === 0 ? UNKNOWN : this.#sorted[feed * LAGS_KEPT + Math.min(kept - 1, Math.floor(share * kept))]!;
  }
}
