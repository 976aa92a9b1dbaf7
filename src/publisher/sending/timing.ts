/** Time as publishers take it, so that tests can turn it themselves. */
export interface Timing {
  /** Never goes back, ms. */
  now(): number;
  after(ms: number, call: () => void): { cancel(): void };
}

/** The real one. */
export const realTiming = (): Timing => ({
  now: () => performance.now(),
  after(ms, call) {
    const timer = setTimeout(call, ms);
    return { cancel: () => clearTimeout(timer) };
  },
});
