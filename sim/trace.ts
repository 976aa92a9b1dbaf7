/**
 * A fingerprint of everything that happened in a run: two runs of one seed must print the same one.
 */
export class Trace {
  #low = 0x811c9dc5;
  #high = 0x1000193;
  #events = 0;

  /** Mixes one number in. */
  add(value: number): void {
    const word = Math.trunc(value) | 0;
    this.#low = Math.imul(this.#low ^ word, 0x85ebca6b);
    this.#low ^= this.#low >>> 15;
    this.#high = Math.imul(this.#high ^ this.#low, 0xc2b2ae35) ^ (word >>> 3);
    this.#events++;
  }

  /** Mixes in what was said: its kind and one number of it. */
  addWord(kind: string, detail: number): void {
    this.add(kind.length * 0x1_0000 + kind.charCodeAt(0) * 0x100 + kind.charCodeAt(kind.length - 1));
    this.add(detail);
  }

  /** 16 hexadecimal digits. */
  get text(): string {
    const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0');
    return hex(this.#low ^ this.#events) + hex(this.#high);
  }
}
