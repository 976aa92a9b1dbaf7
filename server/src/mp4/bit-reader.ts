// Bits of a parameter set: fixed and Exp-Golomb numbers, with the emulation prevention bytes taken out. Beyond the end
// everything is zero.

/** See above. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #bit = 0;

  constructor(nal: Uint8Array) {
    this.#bytes = withoutEscapes(nal);
  }

  /** A number of so many bits, at most 32. */
  bits(count: number): number {
    let value = 0;
    for (let n = 0; n < count; n++) value = value * 2 + this.#next();
    return value;
  }

  skip(count: number): void {
    this.#bit += count;
  }

  /** An unsigned Exp-Golomb number. */
  ue(): number {
    let zeros = 0;
    while (zeros < 32 && this.#bit < this.#bytes.length * 8 && this.#next() === 0) zeros++;
    return 2 ** zeros - 1 + this.bits(zeros);
  }

  /** A signed one. */
  se(): number {
    const value = this.ue();
    return value % 2 === 1 ? (value + 1) / 2 : -value / 2;
  }

  #next(): number {
    const byte = this.#bytes[this.#bit >> 3] ?? 0;
    const bit = (byte >> (7 - (this.#bit & 7))) & 1;
    this.#bit++;
    return bit;
  }
}

const withoutEscapes = (nal: Uint8Array): Uint8Array => {
  const bytes: number[] = [];
  for (const [at, byte] of nal.entries()) {
    const escaped = byte === 3 && at >= 2 && nal[at - 1] === 0 && nal[at - 2] === 0;
    if (!escaped) bytes.push(byte);
  }
  return Uint8Array.from(bytes);
};
