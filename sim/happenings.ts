/**
 * What goes wrong in a world once the window has begun.
 */
import type { RunSize } from './figures.ts';
import type { World } from './world.ts';

/** Arranges it. */
export type Happening = (world: World, size: RunSize) => void;

/** A share of the viewers is gone at once. */
export const vanishing =
  (share: number): Happening =>
  (world, size) => {
    world.at(world.now + 1_000, () => {
      const victims = world.random.sample([...world.viewers.values()], Math.floor(size.viewers * share));
      for (const viewer of victims) world.vanish(viewer);
    });
  };

/** The same, while the origin may send only a share of what it would send without neighbours. */
export const vanishingCapped =
  (share: number, originShare: number): Happening =>
  (world, size) => {
    const origin = world.origin(0);
    origin.limit(originShare * size.viewers * origin.bytesPerSec);
    vanishing(share)(world, size);
  };

/** Three times, the viewer that serves most is closed, and another one joins two seconds later. */
export const killParents: Happening = (world, size) => {
  for (let kill = 1; kill <= 3; kill++) {
    world.at(world.now + (size.seconds * 1000 * kill) / 4, () => {
      const [busiest] = [...world.viewers.values()].sort((a, b) => b.decider.serving - a.decider.serving);
      if (busiest === undefined) return;
      world.vanish(busiest);
      world.at(world.now + 2_000, () => world.join());
    });
  }
};

/** Pages are put to sleep and wake up again. */
export const freezing: Happening = (world, size) => {
  for (let at = 500; at < size.seconds * 1000 - 8_000; at += 1_500) {
    world.at(world.now + at, () => {
      for (const viewer of world.random.sample([...world.viewers.values()], 1))
        viewer.freeze(world.random.between(500, 6_000));
    });
  }
};

/** The origin's process dies for two seconds; later the source is interrupted and goes on. */
export const restarting: Happening = (world, size) => {
  const origin = world.origin(0);
  world.at(world.now + size.seconds * 250, () => origin.restart(2_000));
  world.at(world.now + size.seconds * 600, () => origin.newEpoch());
};

/** The origin is gone for ten seconds. */
export const losingOrigin: Happening = (world) => {
  world.at(world.now + 5_000, () => world.origin(0).restart(10_000));
};

/** The tracker is gone for ten minutes, or as long as the run is. */
export const losingTracker: Happening = (world) => {
  world.at(world.now + 1_000, () => world.tracker.outage(600_000));
};

/** One region and the others cannot reach each other for a third of the window, at most half a minute. */
export const splitting: Happening = (world, size) => {
  const from = world.now + 3_000;
  world.at(from, () => world.network.split('split'));
  world.at(from + Math.min(30_000, size.seconds * 333), () => world.network.split('whole'));
};
