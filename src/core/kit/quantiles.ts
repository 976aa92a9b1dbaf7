/**
 * Quantiles over the last few samples: a ring of numbers and, behind it in the same list, the same numbers in order, kept
 * in order as they come, so that asking is looking. A plain list of numbers: for so few it takes less memory than typed
 * arrays, one list lies together, and nothing is allocated later.
 */
export class Quantiles {
  readonly #capacity: number;
  /** The ring, then as many places in ascending order, of which as many are taken. */
  readonly #samples: number[];
  #count = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#samples = new Array<number>(2 * capacity).fill(0);
  }

  add(sample: number): void {
    const capacity = this.#capacity;
    const samples = this.#samples;
    const count = this.#count++;
    const place = count % capacity;
    const oldest = samples[place] ?? 0;
    samples[place] = sample;
    if (count < capacity) this.#sink(capacity + count, sample);
    else this.#replace(oldest, sample);
  }

  /** Samples ever added. */
  get count(): number {
    return this.#count;
  }

  /** The value below which this share (0..1) of the kept samples lies, or undefined when there are none. */
  at(share: number): number | undefined {
    const capacity = this.#capacity;
    const kept = this.#count < capacity ? this.#count : capacity;
    return kept === 0 ? undefined : this.#samples[capacity + Math.min(kept - 1, Math.floor(share * kept))];
  }

  clear(): void {
    this.#count = 0;
  }

  /** A value in the place of another one, when all places are taken. */
  #replace(oldest: number, sample: number): void {
    const samples = this.#samples;
    const last = samples.length - 1;
    let at = this.#placeOf(oldest);
    while (at < last) {
      const next = samples[at + 1] ?? 0;
      if (next >= sample) break;
      samples[at++] = next;
    }
    this.#sink(at, sample);
  }

  /** Where a value that is there stands. */
  #placeOf(sample: number): number {
    const samples = this.#samples;
    let low = this.#capacity;
    let high = samples.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((samples[middle] ?? 0) < sample) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Puts a value into a free place, or below it where it belongs. */
  #sink(from: number, sample: number): void {
    const samples = this.#samples;
    const first = this.#capacity;
    let at = from;
    while (at > first) {
      const before = samples[at - 1] ?? 0;
      if (before <= sample) break;
      samples[at--] = before;
    }
    samples[at] = sample;
  }
}
