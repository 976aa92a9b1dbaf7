/**
 * The model's dice: seeded, and as cheap as dice can be, for they are thrown for every piece on every link.
 */

export class Dice {
  #word: number;

  constructor(seed: number) {
    this.#word = seed | 0;
  }

  /** A number in [0, 1) (mulberry32). */
  unit(): number {
    this.#word = (this.#word + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#word ^ (this.#word >>> 15), 1 | this.#word);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  }

  /** A number in [least, most). */
  between(least: number, most: number): number {
    return least + this.unit() * (most - least);
  }

  /** A whole number in [0, count). */
  below(count: number): number {
    return Math.floor(this.unit() * count);
  }

  /** Exponentially distributed. */
  lifetime(mean: number): number {
    return mean === Number.POSITIVE_INFINITY ? mean : -Math.log(1 - this.unit()) * mean;
  }
}
