/**
 * Who comes and goes: a first crowd, then arrivals by chance at the rate at which people leave, sessions of exponential
 * length, and everybody leaves without a word.
 */
import type { ViewerTraits } from './viewer-traits.ts';
import type { World } from './world.ts';

/** How viewers come and go. */
export interface Life {
  /** The first crowd joins evenly within this time. */
  readonly withinMs: number;
  /** Mean session; Infinity when nobody leaves. */
  readonly meanMs: number;
}

/** What the viewer that joins as number `at` is like, besides what its line makes of it. */
export type Role = (world: World, at: number) => Partial<ViewerTraits>;

/** Fills a world, and keeps it about full. */
export const populate = (world: World, viewers: number, life: Life, role: Role): void => {
  let joined = 0;
  const live = (): void => {
    const viewer = world.join(role(world, joined++));
    if (life.meanMs === Number.POSITIVE_INFINITY) return;
    world.at(world.now + exponential(world, life.meanMs), () => world.vanish(viewer));
  };
  for (let at = 0; at < viewers; at++) world.at(world.now + (life.withinMs * at) / viewers, live);
  if (life.meanMs === Number.POSITIVE_INFINITY) return;
  const arrive = (): void => {
    live();
    world.at(world.now + exponential(world, life.meanMs / viewers), arrive);
  };
  world.at(world.now + life.withinMs / 2 + exponential(world, life.meanMs / viewers), arrive);
};

const exponential = (world: World, meanMs: number): number => -Math.log(1 - world.random.unit()) * meanMs;
