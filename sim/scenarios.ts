/**
 * Named worlds and what happens in them.
 */
import { type Figures, mark, measure } from './measure.ts';
import { World, type WorldOptions } from './world.ts';

/** What can be changed from outside. */
export interface ScenarioSize {
  readonly seed: number;
  readonly viewers: number;
  readonly seconds: number;
}

/** A finished run. */
export interface Run {
  readonly world: World;
  readonly figures: Figures;
}

type Scenario = (size: ScenarioSize) => Run;
type Weather = Omit<WorldOptions, 'seed'>;

/** Viewers at home: a quarter cannot upload, a fifth of the pairs cannot connect, uplinks barely carry the stream. */
const HOME: Weather = {
  bitsPerSec: 1_000_000,
  gopMs: 2_000,
  pieceMs: 50,
  uplinkMean: 1.25,
  withoutUplink: 0.25,
  capBytesPerSec: Number.POSITIVE_INFINITY,
  unreachable: 0.2,
  rttMedianMs: 60,
  rttSpread: 1,
  loss: 0,
  playout: 'clock',
  delayMs: 1_000,
};

/** The bench of a hundred viewers: a delay of 25 ms each way, everybody can upload. */
const BENCH: Weather = { ...HOME, uplinkMean: 3, withoutUplink: 0, unreachable: 0, rttMedianMs: 50, rttSpread: 0 };

/** Browser tabs on one machine, with pictures. */
const TABS: Weather = { ...BENCH, uplinkMean: 100, rttMedianMs: 1, playout: 'media', delayMs: 400 };

const JOIN_MS = 10_000;

/** Fills a world and keeps it at its size while viewers come and go. */
const fill = (world: World, viewers: number, life: { readonly withinMs: number; readonly meanMs: number }): void => {
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

/** Measured from ten seconds after the last join on; `happens` arranges what goes wrong meanwhile. */
const steady =
  (
    weather: Weather,
    life: { readonly withinMs: number; readonly meanMs: number },
    happens?: (world: World, size: ScenarioSize) => void,
  ) =>
  (size: ScenarioSize): Run => {
    const world = new World({ ...weather, seed: size.seed });
    fill(world, size.viewers, life);
    world.run(life.withinMs + 10_000);
    const from = mark(world);
    happens?.(world, size);
    world.run(life.withinMs + 10_000 + size.seconds * 1000);
    return { world, figures: measure(world, from) };
  };

const AT_HOME = { withinMs: JOIN_MS, meanMs: 600_000 };
const FOR_EVER = { withinMs: JOIN_MS, meanMs: Number.POSITIVE_INFINITY };
/** Five of a hundred leave in a minute. */
const CHURN = { withinMs: 5_000, meanMs: 1_200_000 };

/** A share of the viewers is gone at once. */
const vanishing =
  (share: number) =>
  (world: World, size: ScenarioSize): void => {
    const victims = world.random.sample([...world.viewers.values()], Math.floor(size.viewers * share));
    for (const viewer of victims) world.vanish(viewer);
  };

/** Three times, the viewer with most children is closed, and another one joins two seconds later. */
const killParents = (world: World, size: ScenarioSize): void => {
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
const freezing = (world: World, size: ScenarioSize): void => {
  for (let at = 500; at < size.seconds * 1000 - 8_000; at += 1_500) {
    world.at(world.now + at, () => {
      for (const viewer of world.random.sample([...world.viewers.values()], 1))
        viewer.freeze(world.random.between(500, 6_000));
    });
  }
};

/** The origin's process dies for two seconds; later the source is interrupted and goes on. */
const restarting = (world: World, size: ScenarioSize): void => {
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
  return { world, figures: measure(world, from) };
};

/** Every scenario by name. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  steady: steady(HOME, AT_HOME),
  'short-sessions': steady(HOME, { withinMs: JOIN_MS, meanMs: 120_000 }),
  'uplink-poor': steady({ ...HOME, uplinkMean: 0.85 }, AT_HOME),
  lossy: steady({ ...HOME, loss: 0.01, rttMedianMs: 100 }, AT_HOME),
  fast: steady({ ...HOME, bitsPerSec: 4_000_000, pieceMs: 20 }, AT_HOME),
  vanish: steady(HOME, FOR_EVER, vanishing(0.3)),
  mesh: steady(BENCH, CHURN),
  capped: steady({ ...BENCH, capBytesPerSec: 150_000 }, CHURN),
  restart: steady(BENCH, FOR_EVER, restarting),
  frozen: steady(BENCH, FOR_EVER, freezing),
  tabs: steady(TABS, { withinMs: 4_000, meanMs: Number.POSITIVE_INFINITY }, killParents),
  'tabs-wan': tabsWan,
};
