// When a relay asks for the next content key, and what it tells viewers of the time until then.

/** A key that has come. */
export interface LearnedKey {
  readonly generation: number;
  /** Until the one after it is used; 0 when keys do not change. */
  readonly nextInMs: number;
  readonly now: number;
  /** In [0, 1). */
  readonly dice: number;
}

const AGAIN_MS = 5000;

/** See above. */
export class KeyPlan {
  /** When the key after a generation's is used. */
  readonly #endsAt = new Map<number, number>();
  #newest = -1;

  /** Notes a key; says in how long the next one is to be asked for, if it is. */
  learned({ generation, nextInMs, now, dice }: LearnedKey): number | undefined {
    if (nextInMs === 0) return undefined;
    const beginsAt = this.#endsAt.get(generation - 1) ?? now;
    this.#endsAt.set(generation, now + nextInMs);
    this.#endsAt.delete(generation - 3);
    if (generation < this.#newest) return undefined;
    this.#newest = generation;
    // In the first half of a key's life, so that it is here before viewers ask in the second.
    const life = now + nextInMs - Math.max(now, beginsAt);
    return Math.max(AGAIN_MS * dice, Math.max(0, beginsAt - now) + life * (0.1 + 0.3 * dice));
  }

  /** Ms until the key after this generation's is used; 0 when it is not known to change. */
  nextInMs(generation: number, now: number): number {
    const end = this.#endsAt.get(generation);
    return end === undefined ? 0 : Math.max(1, Math.round(end - now));
  }

  /** A new epoch has keys of its own. */
  clear(): void {
    this.#endsAt.clear();
    this.#newest = -1;
  }
}
