/**
 * Which pieces of the present epoch somebody holds: one bit each, over the newest sequences.
 */
export class HeldPieces {
  readonly #bits: Uint32Array;
  readonly #mask: number;
  #newest = -1;
  #oldest = 0;
  #count = 0;
  /** The first sequence that was played; Infinity before. */
  playedFrom = Number.POSITIVE_INFINITY;

  /** @param capacity a power of two, at least 32. */
  constructor(capacity: number) {
    this.#bits = new Uint32Array(capacity >> 5);
    this.#mask = capacity - 1;
  }

  /** Highest sequence ever held; -1 when none was. */
  get newest(): number {
    return this.#newest;
  }

  /** Pieces held. */
  get count(): number {
    return this.#count;
  }

  has(sequence: number): boolean {
    if (sequence > this.#newest || sequence < this.#oldest) return false;
    return this.#bit(sequence);
  }

  /** Takes a piece; false when it is held, or older than everything that can be. */
  add(sequence: number): boolean {
    if (this.#newest < 0) {
      this.#oldest = Math.max(0, sequence - (this.#mask >> 1));
      this.#newest = sequence;
    }
    if (sequence < this.#oldest || this.has(sequence)) return false;
    if (sequence > this.#newest) {
      this.#newest = sequence;
      if (sequence - this.#oldest > this.#mask) this.forgetBelow(sequence - this.#mask);
    }
    const at = sequence & this.#mask;
    this.#bits[at >> 5] = (this.#bits[at >> 5] ?? 0) | (1 << (at & 31));
    this.#count++;
    return true;
  }

  forgetBelow(sequence: number): void {
    const end = Math.min(sequence, this.#newest + 1, this.#oldest + this.#mask + 1);
    for (let gone = this.#oldest; gone < end; gone++) {
      if (!this.#bit(gone)) continue;
      const at = gone & this.#mask;
      this.#bits[at >> 5] = (this.#bits[at >> 5] ?? 0) & ~(1 << (at & 31));
      this.#count--;
    }
    this.#oldest = Math.max(this.#oldest, sequence);
  }

  clear(): void {
    this.#bits.fill(0);
    this.playedFrom = Number.POSITIVE_INFINITY;
    this.#newest = -1;
    this.#oldest = 0;
    this.#count = 0;
  }

  #bit(sequence: number): boolean {
    const at = sequence & this.#mask;
    return ((this.#bits[at >> 5] ?? 0) & (1 << (at & 31))) !== 0;
  }
}

/** A capacity for so many pieces. */
export const powerAbove = (count: number): number => 2 ** Math.ceil(Math.log2(Math.max(64, count)));
