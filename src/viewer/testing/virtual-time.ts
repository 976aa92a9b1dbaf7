/**
 * Time that moves only when a test says so: what is due happens in order, at its moment, and nothing waits.
 */
import type { ClockPort } from '../ports.ts';

interface Due {
  readonly at: number;
  readonly order: number;
  run: (() => void) | undefined;
}

/** One clock for a whole world. */
export class VirtualTime {
  #now = 0;
  #order = 0;
  readonly #due: Due[] = [];

  /** Milliseconds since the world began. */
  get now(): number {
    return this.#now;
  }

  /** Does something at a moment, or at once when it has passed; the answer takes it back. */
  at(moment: number, run: () => void): () => void {
    const due: Due = { at: Math.max(moment, this.#now), order: this.#order++, run };
    let low = 0;
    let high = this.#due.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#due[middle]?.at ?? 0) <= due.at) low = middle + 1;
      else high = middle;
    }
    this.#due.splice(low, 0, due);
    return () => {
      due.run = undefined;
    };
  }

  after(ms: number, run: () => void): () => void {
    return this.at(this.#now + ms, run);
  }

  /** Does something again and again. */
  every(ms: number, run: () => void): () => void {
    let cancel: () => void;
    const again = (): void => {
      run();
      cancel = this.after(ms, again);
    };
    cancel = this.after(ms, again);
    return () => cancel();
  }

  /** Lets this much time pass. */
  run(ms: number): void {
    const end = this.#now + ms;
    for (let next = this.#due[0]; next !== undefined && next.at <= end; next = this.#due[0]) {
      this.#due.shift();
      this.#now = next.at;
      next.run?.();
    }
    this.#now = end;
  }

  /** The clock of one viewer: its zero and its wall clock are its own. */
  clock(skew: { readonly zeroMs: number; readonly wallMs: number }): ClockPort {
    let cancel: (() => void) | undefined;
    return {
      now: () => this.#now + skew.zeroMs,
      wallMs: () => this.#now + skew.wallMs,
      wakeAt: (at, wake) => {
        cancel?.();
        cancel = this.at(at - skew.zeroMs, wake);
      },
      cancel: () => {
        cancel?.();
        cancel = undefined;
      },
    };
  }
}

/** Wall clock of a world at its beginning. */
export const WALL_ZERO_MS = 1_700_000_000_000;
