/**
 * Counts whole milliseconds, so that millions of delays of many processes can be kept and added up.
 */

/** A histogram as plain data; the last bin holds everything longer. */
export type Bins = readonly number[];

const BINS = 10_000;

/** See above. */
export class Histogram {
  #bins = new Uint32Array(BINS);

  add(ms: number): void {
    const bin = Math.min(BINS - 1, Math.max(0, Math.round(ms)));
    this.#bins[bin] = (this.#bins[bin] ?? 0) + 1;
  }

  clear(): void {
    this.#bins.fill(0);
  }

  /** Adds another process's counts. */
  merge(bins: Bins): void {
    bins.forEach((count, bin) => {
      this.#bins[bin] = (this.#bins[bin] ?? 0) + count;
    });
  }

  /** Plain data without the empty end. */
  bins(): number[] {
    return [...this.#bins.subarray(0, this.#bins.findLastIndex((count) => count > 0) + 1)];
  }

  get count(): number {
    return this.#bins.reduce((sum, count) => sum + count, 0);
  }

  /** The value below which this share of the counts lies; NaN when empty. */
  at(share: number): number {
    let left = this.count * share;
    const bin = this.#bins.findIndex((count) => {
      left -= count;
      return count > 0 && left <= 0;
    });
    return bin < 0 ? Number.NaN : bin;
  }
}
