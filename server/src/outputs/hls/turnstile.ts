// Where requests wait for something that is about to be: each looks again whenever it turns, and for so long only.

import type { Clock, Timer } from '../../clock.ts';

interface Waiting {
  readonly ready: () => boolean;
  readonly go: (ready: boolean) => void;
  readonly timer: Timer;
}

/** See above. */
export class Turnstile {
  readonly #clock: Clock;
  readonly #waiting = new Set<Waiting>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** True once it is so; false when it is not within `ms`. */
  until(ready: () => boolean, ms: number): Promise<boolean> {
    if (ready()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const waiting: Waiting = {
        ready,
        go: (outcome) => {
          this.#waiting.delete(waiting);
          waiting.timer.cancel();
          resolve(outcome);
        },
        timer: this.#clock.after(ms, () => waiting.go(false)),
      };
      this.#waiting.add(waiting);
    });
  }

  /** Something has changed. */
  turn(): void {
    for (const waiting of [...this.#waiting]) if (waiting.ready()) waiting.go(true);
  }
}
