// Timers by name: setting one replaces the one before.

import type { Clock, Timer } from './clock.ts';

/** See above. */
export class NamedTimers<Name extends string> {
  readonly #clock: Clock;
  readonly #timers = new Map<Name, Timer>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  set(name: Name, ms: number, call: () => void): void {
    this.cancel(name);
    const timer = this.#clock.after(ms, () => {
      this.#timers.delete(name);
      call();
    });
    this.#timers.set(name, timer);
  }

  /** Whether it is running. */
  has(name: Name): boolean {
    return this.#timers.has(name);
  }

  cancel(name: Name): void {
    this.#timers.get(name)?.cancel();
    this.#timers.delete(name);
  }

  clear(): void {
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
  }
}
