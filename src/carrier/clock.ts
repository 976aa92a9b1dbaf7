/**
 * The world's time for one viewer: a clock that never goes back, Unix time, and one timer. The only place where a
 * viewer reads a clock.
 */
import type { ClockPort } from '../viewer/ports.ts';

/** A wake-up further away than this is asked for again: timers above 2^31 ms fire at once. */
const FARTHEST_MS = 60_000;

/** Makes a clock with a timer of its own. */
export const createClock = (): ClockPort => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const cancel = (): void => {
    if (timer !== undefined) clearTimeout(timer);
    timer = undefined;
  };
  const arm = (at: number, wake: () => void): void => {
    const wait = Math.min(Math.max(0, at - performance.now()), FARTHEST_MS);
    timer = setTimeout(() => {
      if (performance.now() < at - 1) arm(at, wake);
      else {
        timer = undefined;
        wake();
      }
    }, Math.ceil(wait));
  };
  return {
    now: () => performance.now(),
    wallMs: () => Date.now(),
    wakeAt(at, wake) {
      cancel();
      if (at !== Number.POSITIVE_INFINITY) arm(at, wake);
    },
    cancel,
  };
};
