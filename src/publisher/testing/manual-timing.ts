// Time that stands still until a test turns it.

import type { Timing } from '../sending/timing.ts';

interface Arranged {
  readonly at: number;
  readonly call: () => void;
}

/** See above. */
export class ManualTiming implements Timing {
  #now = 0;
  readonly #arranged = new Set<Arranged>();

  now(): number {
    return this.#now;
  }

  after(ms: number, call: () => void): { cancel(): void } {
    const arranged = { at: this.#now + ms, call };
    this.#arranged.add(arranged);
    return { cancel: () => this.#arranged.delete(arranged) };
  }

  /** How long until the next call, ms; undefined when none is arranged. */
  get nextInMs(): number | undefined {
    const times = [...this.#arranged].map(({ at }) => at - this.#now);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Lets time pass, with every call in its turn. */
  turn(ms: number): void {
    const until = this.#now + ms;
    for (;;) {
      const next = [...this.#arranged].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#arranged.delete(next);
      this.#now = next.at;
      next.call();
    }
    this.#now = until;
  }
}
