/**
 * Hands things on after a fixed time, in order.
 */

interface Waiting<T> {
  readonly due: number;
  readonly what: T;
}

/** See above. */
export class DelayLine<T> {
  readonly #delayMs: number;
  readonly #deliver: (what: T) => void;
  #waiting: Waiting<T>[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(delayMs: number, deliver: (what: T) => void) {
    this.#delayMs = delayMs;
    this.#deliver = deliver;
  }

  /** Takes one; `moreMs` holds it back, and with it all that follows. */
  put(what: T, moreMs = 0): void {
    const last = this.#waiting.at(-1)?.due ?? 0;
    this.#waiting.push({ due: Math.max(last, performance.now() + this.#delayMs + moreMs), what });
    this.#arm();
  }

  /** Forgets what waits. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting = [];
  }

  #arm(): void {
    const [next] = this.#waiting;
    if (next === undefined || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => this.#release(), Math.max(0, next.due - performance.now()));
  }

  #release(): void {
    this.#timer = undefined;
    // Timers are as coarse as a millisecond: half of it early, half of it late.
    const now = performance.now() + 0.5;
    let taken = 0;
    while ((this.#waiting[taken]?.due ?? Number.POSITIVE_INFINITY) <= now) taken++;
    for (const { what } of this.#waiting.splice(0, taken)) this.#deliver(what);
    this.#arm();
  }
}
