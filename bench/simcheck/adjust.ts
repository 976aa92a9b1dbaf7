/**
 * Adjusts the simulator to one real run: tries what a hop may take and keeps what shows the real delays best.
 */
import type { Adjustment, Shown } from './simulated.ts';

/** Tried one after the other, ms. */
export const HOPS_MS = [0, 2, 4, 6, 9, 12, 16, 20, 25, 30, 40, 50] as const;

/** How far off delays are, as the sum of the two logarithms: half as long is as wrong as twice as long. */
export const wrongness = (real: Shown, simulated: Shown): number =>
  Math.abs(Math.log(simulated.delayMsP50 / real.delayMsP50)) +
  Math.abs(Math.log(simulated.delayMsP95 / real.delayMsP95));

/** The best of all tries. */
export const adjust = (real: Shown, simulateWith: (how: Adjustment) => Shown): Adjustment => {
  const tries = HOPS_MS.map((hopMs) => ({ hopMs, wrong: wrongness(real, simulateWith({ hopMs })) }));
  const best = tries.reduce((one, other) => (other.wrong < one.wrong ? other : one));
  return { hopMs: best.hopMs };
};
