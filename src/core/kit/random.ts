/**
 * The only dice of the core: seeded, so that a run can be replayed from a number (xoshiro128**).
 */
export class Random {
  readonly #state = new Uint32Array(4);

  constructor(seed: number) {
    let word = seed >>> 0;
    for (let at = 0; at < 4; at++) {
      word = (word + 0x9e3779b9) >>> 0;
      let mixed = word;
      mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
      mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
      this.#state[at] = (mixed ^ (mixed >>> 16)) >>> 0;
    }
  }

  /** 32 random bits. */
  bits(): number {
    const s = this.#state;
    const a = s[0] ?? 0;
    const b = s[1] ?? 0;
    const c = s[2] ?? 0;
    const d = s[3] ?? 0;
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    const c2 = c ^ a;
    const d2 = d ^ b;
    s[1] = b ^ c2;
    s[0] = a ^ d2;
    s[2] = c2 ^ shifted;
    s[3] = rotate(d2, 11);
    return result;
  }

  /** A number in [0, 1). */
  unit(): number {
    return this.bits() / 0x1_0000_0000;
  }

  /** A number in [least, most). */
  between(least: number, most: number): number {
    return least + this.unit() * (most - least);
  }

  /** A whole number in [0, count). */
  below(count: number): number {
    return Math.floor(this.unit() * count);
  }

  /** Some members of a list, at most `count`, in random order. */
  sample<T>(list: readonly T[], count: number): T[] {
    const pool = [...list];
    const picked: T[] = [];
    while (picked.length < count && pool.length > 0) {
      const [member] = pool.splice(this.below(pool.length), 1);
      if (member !== undefined) picked.push(member);
    }
    return picked;
  }
}

const rotate = (word: number, by: number): number => (word << by) | (word >>> (32 - by));
