/**
 * What happens in a world, by name. Everybody joins within the first seconds; the window that is measured begins ten
 * seconds after the last of them, unless joining is the point.
 */
import type { RunSize } from './figures.ts';
import { type ExactFigures, mark, measure } from './measure.ts';
import { World } from './world.ts';
import { SESSION_MS, type Weather, worlds } from './worlds.ts';

/** A finished run. */
export interface Run {
  readonly world: World;
  readonly figures: ExactFigures;
}

type Scenario = (size: RunSize) => Run;

/** The bench of a hundred viewers: a delay of 25 ms each way, everybody can upload; pieces as the real cutter makes them. */
const BENCH: Weather = {
  ...worlds.ideal,
  pieceBytes: 5_250,
  uplinkMean: 3,
  withoutUplink: 0,
  rttMedianMs: 50,
  rttSpread: 0,
  delayMs: 1_000,
};

/** Browser tabs on one machine, with pictures. */
const TABS: Weather = { ...BENCH, uplinkMean: 100, rttMedianMs: 1, playout: 'media', delayMs: 400 };

/** How viewers come and go. */
interface Life {
  readonly withinMs: number;
  readonly meanMs: number;
}

/** What a scenario changes of its world, and what happens in it. */
interface Story {
  readonly weather?: (world: Weather, size: RunSize) => Weather;
  readonly life?: Life;
  /** When the window begins, after the last join. */
  readonly settleMs?: number;
  /** Called when the window begins. */
  readonly happens?: (world: World, size: RunSize) => void;
}

const JOIN_MS = 10_000;
const SETTLE_MS = 10_000;
const AT_HOME: Life = { withinMs: JOIN_MS, meanMs: SESSION_MS };
const FOR_EVER: Life = { withinMs: JOIN_MS, meanMs: Number.POSITIVE_INFINITY };
/** Five of a hundred leave in a minute. */
const CHURN: Life = { withinMs: 5_000, meanMs: 1_200_000 };

/** Fills a world and keeps it at its size while viewers come and go. */
const fill = (world: World, viewers: number, life: Life): void => {
  for (let joined = 0; joined < viewers; joined++) {
    world.at(world.now + (life.withinMs * joined) / viewers, () => live(world, life.meanMs));
  }
};

const live = (world: World, meanMs: number): void => {
  const viewer = world.join();
  if (meanMs === Number.POSITIVE_INFINITY) return;
  const life = -Math.log(1 - world.random.unit()) * meanMs;
  world.at(world.now + life, () => {
    world.vanish(viewer);
    live(world, meanMs);
  });
};

const play =
  (story: Story) =>
  (size: RunSize): Run => {
    const life = story.life ?? AT_HOME;
    const base: Weather = { ...worlds[size.world], bitsPerSec: size.bitsPerSec };
    const world = new World({ ...(story.weather?.(base, size) ?? base), seed: size.seed });
    fill(world, size.viewers, life);
    const begins = life.withinMs + (story.settleMs ?? SETTLE_MS);
    world.run(begins);
    const from = mark(world);
    story.happens?.(world, size);
    world.run(begins + size.seconds * 1000);
    return { world, figures: measure(world, from, { size, sessionMs: life.meanMs }) };
  };

/** A share of the viewers is gone at once. */
const vanishing =
  (share: number) =>
  (world: World, size: RunSize): void => {
    const victims = world.random.sample([...world.viewers.values()], Math.floor(size.viewers * share));
    for (const viewer of victims) world.vanish(viewer);
  };

/** Three times, the viewer with most children is closed, and another one joins two seconds later. */
const killParents = (world: World, size: RunSize): void => {
  for (let kill = 1; kill <= 3; kill++) {
    world.at(world.now + (size.seconds * 1000 * kill) / 4, () => {
      const [busiest] = [...world.viewers.values()].sort((a, b) => b.engine.children.count - a.engine.children.count);
      if (busiest === undefined) return;
      world.vanish(busiest);
      world.at(world.now + 2_000, () => world.join());
    });
  }
};

/** Pages are put to sleep and wake up again. */
const freezing = (world: World, size: RunSize): void => {
  for (let at = 500; at < size.seconds * 1000 - 8_000; at += 1_500) {
    world.at(world.now + at, () => {
      for (const viewer of world.random.sample([...world.viewers.values()], 1))
        viewer.freeze(world.random.between(500, 6_000));
    });
  }
};

/** The origin's process dies for two seconds; later the source is interrupted and goes on. */
const restarting = (world: World, size: RunSize): void => {
  world.at(world.now + size.seconds * 250, () => world.origin.restart(2_000));
  world.at(world.now + size.seconds * 600, () => world.origin.newEpoch());
};

/** Two of eight viewers cannot upload. */
const tabsWan: Scenario = (size) => {
  const weather: Weather = { ...TABS, rttMedianMs: 50, uplinkMean: 3, loss: 0.005 };
  const world = new World({ ...weather, seed: size.seed });
  for (let joined = 0; joined < size.viewers; joined++) {
    const traits = joined % 4 === 3 ? { uplinkBitsPerSec: 0 } : {};
    world.at(joined * 400, () => void world.join(traits));
  }
  world.run(15_000);
  const from = mark(world);
  killParents(world, size);
  world.run(15_000 + size.seconds * 1000);
  return { world, figures: measure(world, from, { size, sessionMs: Number.POSITIVE_INFINITY }) };
};

/** Every scenario by name. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  steady: play({}),
  'short-sessions': play({ life: { withinMs: JOIN_MS, meanMs: 120_000 } }),
  'flash-crowd': play({ settleMs: -JOIN_MS }),
  vanish: play({ life: FOR_EVER, happens: vanishing(0.3) }),
  'uplink-poor': play({ weather: (world) => ({ ...world, uplinkMean: 0.85 }) }),
  lossy: play({ weather: (world) => ({ ...world, loss: 0.02, rttMedianMs: 100 }) }),
  'origin-outage': play({ happens: (world) => world.at(world.now + 5_000, () => world.origin.restart(10_000)) }),
  mesh: play({ weather: () => BENCH, life: CHURN }),
  capped: play({ weather: () => ({ ...BENCH, capBytesPerSec: 150_000 }), life: CHURN }),
  restart: play({ weather: () => BENCH, life: FOR_EVER, happens: restarting }),
  frozen: play({ weather: () => BENCH, life: FOR_EVER, happens: freezing }),
  tabs: play({
    weather: () => TABS,
    life: { withinMs: 4_000, meanMs: Number.POSITIVE_INFINITY },
    happens: killParents,
  }),
  'tabs-wan': tabsWan,
};
