/**
 * What the model can tell: scenarios whose worlds it knows, and what happens in them. Worlds and lives are those of the
 * exact level; what needs to be followed message by message is not told.
 */
import type { Swarm } from './swarm.ts';

/** Called when the window begins. */
export type Happening = (swarm: Swarm, viewers: number) => void;

/** A scenario the model cannot tell. */
export class UntoldScenario extends RangeError {
  constructor(scenario: string) {
    super(`the model does not tell the scenario ${scenario}; it tells: ${Object.keys(stories).join(', ')}`);
    this.name = 'UntoldScenario';
  }
}

const VANISH_AFTER_MS = 1_000;

/** A share of the viewers is gone at once, a second later. */
const vanishing =
  (share: number): Happening =>
  (swarm, viewers) => {
    const { present, count } = swarm.crowd;
    const rows = present.slice(0, count);
    const going = Math.min(count, Math.floor(viewers * share));
    for (let gone = 0; gone < going; gone++) {
      const at = gone + swarm.dice.below(count - gone);
      const row = rows[at] ?? 0;
      rows[at] = rows[gone] ?? 0;
      swarm.vanish(row, swarm.now + VANISH_AFTER_MS);
    }
  };

const nothing: Happening = () => undefined;

/** By name. */
export const stories: Readonly<Record<string, Happening>> = {
  steady: nothing,
  'short-sessions': nothing,
  'flash-crowd': nothing,
  vanish: vanishing(0.3),
  'vanish-capped': vanishing(0.3),
  'uplink-poor': nothing,
  lossy: nothing,
};

/** What happens in a scenario. */
export const storyOf = (scenario: string): Happening => {
  const story = stories[scenario];
  if (story === undefined) throw new UntoldScenario(scenario);
  return story;
};
