/**
 * A fingerprint of everything that happened in a run: two runs of one seed must print the same one.
 */
export class Trace {
  #low = 0x811c9dc5;
  #high = 0x1000193;
  #events = 0;

  /** Mixes in when something happened, and what. */
  add(when: number, what: number): void {
    const word = when | 0;
    this.#low = Math.imul(this.#low ^ word ^ what, 0x85ebca6b);
    this.#low ^= this.#low >>> 15;
    this.#high = Math.imul(this.#high ^ this.#low, 0xc2b2ae35) ^ what;
    this.#events++;
  }

  /** 16 hexadecimal digits. */
  get text(): string {
    const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0');
    return hex(this.#low ^ this.#events) + hex(this.#high);
  }
}
