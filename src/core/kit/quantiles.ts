/**
 * Quantiles over the last few samples: a ring of numbers, sorted only when asked, in memory that is kept: asking is part
 * of relaying a piece, which allocates nothing.
 */
export class Quantiles {
  readonly #ring: Float64Array;
  readonly #sorted: Float64Array;
  #count = 0;
  #order: 'sorted' | 'stale' = 'stale';

  constructor(capacity: number) {
    this.#ring = new Float64Array(capacity);
    this.#sorted = new Float64Array(capacity);
  }

  add(sample: number): void {
    this.#ring[this.#count % this.#ring.length] = sample;
    this.#count++;
    this.#order = 'stale';
  }

  /** Samples ever added. */
  get count(): number {
    return this.#count;
  }

  /** The value below which this share (0..1) of the kept samples lies, or undefined when there are none. */
  at(share: number): number | undefined {
    const kept = Math.min(this.#count, this.#ring.length);
    if (kept === 0) return undefined;
    if (this.#order === 'stale') {
      this.#sorted.set(this.#ring);
      this.#sorted.subarray(0, kept).sort();
      this.#order = 'sorted';
    }
    return this.#sorted[Math.min(kept - 1, Math.floor(share * kept))];
  }

  clear(): void {
    this.#count = 0;
    this.#order = 'stale';
  }
}
