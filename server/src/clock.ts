// Time as the server sees it: one seam, so that tests turn the hands themselves.

/** A call that has been arranged. */
export interface Timer {
  /** Forgets it; harmless when it has happened. */
  cancel(): void;
}

/** Clock and timers. */
export interface Clock {
  /** Never goes back; its zero means nothing, ms. */
  now(): number;
  /** Unix time, ms; never goes back within a process. */
  wall(): number;
  /** Calls once, at or after `ms` from now. */
  after(ms: number, call: () => void): Timer;
}

/** The machine's clock. */
export const systemClock = (): Clock => {
  let newest = 0;
  return {
    now: () => performance.now(),
    wall: () => {
      newest = Math.max(newest, Date.now());
      return newest;
    },
    after: (ms, call) => {
      const timer = setTimeout(call, Math.max(0, ms));
      return { cancel: () => clearTimeout(timer) };
    },
  };
};
