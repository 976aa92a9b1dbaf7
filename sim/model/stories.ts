/**
 * What happens in the model, by name: the same stories as at the exact level, as far as the model can tell them.
 */
import { SESSION_MS, type Weather } from '../worlds.ts';
import type { Swarm } from './swarm.ts';

/** One story. */
export interface ModelStory {
  readonly weather: (world: Weather) => Weather;
  readonly sessionMs: number;
  /** From the last join to the window; before the first join when negative. */
  readonly settleMs: number;
  /** Called when the window begins. */
  readonly happens: (swarm: Swarm, viewers: number) => void;
}

/** Everybody joins within this long. */
export const JOIN_MS = 10_000;
const SETTLE_MS = 10_000;

const plain: ModelStory = {
  weather: (world) => world,
  sessionMs: SESSION_MS,
  settleMs: SETTLE_MS,
  happens: () => undefined,
};

/** A share of the viewers is gone in the next moment. */
const vanishing =
  (share: number) =>
  (swarm: Swarm, viewers: number): void => {
    const { present, count } = swarm.crowd;
    const rows = present.slice(0, count);
    const going = Math.min(count, Math.floor(viewers * share));
    for (let gone = 0; gone < going; gone++) {
      const at = gone + swarm.dice.below(count - gone);
      const row = rows[at] ?? 0;
      rows[at] = rows[gone] ?? 0;
      swarm.vanish(row, swarm.now);
    }
  };

/** By name. */
export const stories: Readonly<Record<string, ModelStory>> = {
  steady: plain,
  'short-sessions': { ...plain, sessionMs: 120_000 },
  'flash-crowd': { ...plain, settleMs: -JOIN_MS },
  vanish: { ...plain, sessionMs: Number.POSITIVE_INFINITY, happens: vanishing(0.3) },
  'uplink-poor': { ...plain, weather: (world) => ({ ...world, uplinkMean: 0.85 }) },
  lossy: { ...plain, weather: (world) => ({ ...world, loss: 0.02, rttMedianMs: 100 }) },
};
