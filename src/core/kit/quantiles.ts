/**
 * Quantiles over the last few samples: a ring of numbers and the same numbers in order, kept in order as they come, so
 * that asking is looking. Plain lists of numbers: for so few they take less memory than typed arrays, and none is
 * allocated once they are full.
 */
export class Quantiles {
  readonly #capacity: number;
  readonly #ring: number[] = [];
  readonly #sorted: number[] = [];
  #count = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  add(sample: number): void {
    const place = this.#count % this.#capacity;
    this.#count++;
    if (this.#ring.length < this.#capacity) {
      this.#ring.push(sample);
      this.#sorted.push(sample);
      return this.#sink(this.#sorted.length - 1);
    }
    const oldest = this.#ring[place] ?? 0;
    this.#ring[place] = sample;
    this.#replace(oldest, sample);
  }

  /** Samples ever added. */
  get count(): number {
    return this.#count;
  }

  /** The value below which this share (0..1) of the kept samples lies, or undefined when there are none. */
  at(share: number): number | undefined {
    const kept = this.#sorted.length;
    return kept === 0 ? undefined : this.#sorted[Math.min(kept - 1, Math.floor(share * kept))];
  }

  clear(): void {
    this.#count = 0;
    this.#ring.length = 0;
    this.#sorted.length = 0;
  }

  #replace(oldest: number, sample: number): void {
    const sorted = this.#sorted;
    let at = this.#placeOf(oldest);
    sorted[at] = sample;
    const last = sorted.length - 1;
    while (at < last && (sorted[at + 1] ?? 0) < sample) {
      sorted[at] = sorted[at + 1] ?? 0;
      sorted[++at] = sample;
    }
    this.#sink(at);
  }

  /** Where a value that is there stands. */
  #placeOf(sample: number): number {
    let low = 0;
    let high = this.#sorted.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#sorted[middle] ?? 0) < sample) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Moves a value down to where it belongs. */
  #sink(from: number): void {
    const sorted = this.#sorted;
    const sample = sorted[from] ?? 0;
    let at = from;
    while (at > 0 && (sorted[at - 1] ?? 0) > sample) {
      sorted[at] = sorted[at - 1] ?? 0;
      at--;
    }
    sorted[at] = sample;
  }
}
