/**
 * What happens in a world, by name. Everybody joins within the first seconds; the window that is measured begins ten
 * seconds after the last of them, unless joining is the point, or being there for long is.
 */
import { corrupting, excusing, freeRiding, luring } from './conduct.ts';
import type { RunSize } from './figures.ts';
import {
  freezing,
  type Happening,
  killParents,
  losingOrigin,
  losingTracker,
  restarting,
  splitting,
  vanishing,
  vanishingCapped,
} from './happenings.ts';
import { LaterShare } from './later-share.ts';
import { type ExactFigures, mark, measure } from './measure.ts';
import { type Life, populate, type Role } from './population.ts';
import { SlowWatch } from './slow-watch.ts';
import { sendSybils } from './sybil.ts';
import { World } from './world.ts';
import {
  BENCH,
  ORIGIN_COPIES_MIN,
  ORIGIN_SHARE,
  type ProcessorsName,
  processors,
  SESSION_MS,
  TABS,
  type Weather,
  worlds,
} from './worlds.ts';

/** A finished run. */
export interface Run {
  readonly world: World;
  readonly figures: ExactFigures;
}

/** What a scenario changes of its world, and what happens in it. */
interface Story {
  readonly weather?: (world: Weather, size: RunSize) => Weather;
  /** What the origin may send, of what it would send without neighbours. */
  readonly originShare?: number;
  readonly life?: Life;
  /** When the window begins, after the last join. */
  readonly settleMs?: number;
  readonly role?: Role;
  /** Share of the uplinks that honest viewers have. */
  readonly givingShare?: number;
  /** Called before anybody joins. */
  readonly opens?: Happening;
  /** Called when the window begins. */
  readonly happens?: Happening;
}

const JOIN_MS = 10_000;
const SETTLE_MS = 10_000;
/** Until uplinks are known that everybody explores at once: with sessions of ten minutes hardly anybody does. */
const STATIONARY_MS = 50_000;
const AT_HOME: Life = { withinMs: JOIN_MS, meanMs: SESSION_MS };
const FOR_EVER: Life = { withinMs: JOIN_MS, meanMs: Number.POSITIVE_INFINITY };
/** Five of a hundred leave in a minute. */
const CHURN: Life = { withinMs: 5_000, meanMs: 1_200_000 };
const NOBODY: Role = () => ({});

/** Three in ten lie, each in one of three ways. */
const LIES = [corrupting, luring, excusing];
const lying: Role = (_world, at) => (at % 10 < 3 ? { conduct: LIES[at % 10] } : {});
const halfRiding: Role = (_world, at) => (at % 2 === 1 ? { conduct: freeRiding } : {});
/** One in fifty uploads at 50 kbit/s and does not know. */
const slowing: Role = (_world, at) => (at % 50 === 10 ? { uplinkBitsPerSec: SLOW_BITS_PER_SEC } : {});
const SLOW_BITS_PER_SEC = 50_000;
const twoRates: Role = (_world, at) => ({ stream: at % 2 });
/** Two of eight cannot upload. */
const quarterMute: Role = (_world, at) => (at % 4 === 3 ? { uplinkBitsPerSec: 0 } : {});

/** The world a scenario takes place in. */
const weatherOf = (story: Story, size: RunSize): Weather => {
  const named: Weather = { ...worlds[size.world], bitsPerSec: size.bitsPerSec };
  const told = story.weather?.(named, size) ?? named;
  const weather = size.processors === undefined ? told : { ...told, processors: processors[size.processors] };
  if (weather.originBytesPerSec !== Number.POSITIVE_INFINITY) return weather;
  const rates = [weather.bitsPerSec, ...weather.otherBitsPerSec];
  const meanRate = rates.reduce((sum, rate) => sum + rate, 0) / rates.length / 8;
  const share = story.originShare ?? ORIGIN_SHARE;
  return { ...weather, originBytesPerSec: Math.max(ORIGIN_COPIES_MIN, share * size.viewers) * meanRate };
};

/** Where and among whom a scenario takes place. */
export interface Setting {
  readonly weather: Weather;
  readonly life: Life;
  /** When the window begins, ms from the start. */
  readonly beginsMs: number;
}

const settingIn = (story: Story, size: RunSize): Setting => {
  const life = story.life ?? AT_HOME;
  return { weather: weatherOf(story, size), life, beginsMs: life.withinMs + (story.settleMs ?? SETTLE_MS) };
};

const play = (story: Story, size: RunSize): Run => {
  const { weather, life, beginsMs: begins } = settingIn(story, size);
  const world = new World({ ...weather, decider: size.decider ?? weather.decider, seed: size.seed });
  story.opens?.(world, size);
  populate(world, size.viewers, life, story.role ?? NOBODY);
  world.run(begins);
  const from = mark(world);
  story.happens?.(world, size);
  const isSlow = (name: string): boolean => world.viewers.get(name)?.traits.uplinkBitsPerSec === SLOW_BITS_PER_SEC;
  const slow = story.role === slowing ? new SlowWatch(world, isSlow) : undefined;
  const later = new LaterShare();
  later.watch(world, Math.max(world.now, life.withinMs + SETTLE_MS));
  world.run(begins + size.seconds * 1000);
  const subject = { size, sessionMs: life.meanMs, givingShare: story.givingShare ?? 1, later };
  const figures = measure(world, from, subject);
  return { world, figures: slow === undefined ? figures : { ...figures, slowParentMs: slow.longestMs } };
};

/** Tabs on one machine; the busiest of them are killed. */
const sideBySide = (machine: ProcessorsName): Story => ({
  weather: () => ({ ...TABS, processors: processors[machine] }),
  life: { withinMs: 4_000, meanMs: Number.POSITIVE_INFINITY },
  happens: killParents,
});

/** The same with a delay and losses between them. */
const farApart = (machine: ProcessorsName): Story => ({
  weather: () => ({ ...TABS, rttMedianMs: 50, uplinkMean: 3, loss: 0.005, processors: processors[machine] }),
  life: { withinMs: 3_200, meanMs: Number.POSITIVE_INFINITY },
  role: quarterMute,
  happens: killParents,
});

const stories: Readonly<Record<string, Story>> = {
  steady: { settleMs: STATIONARY_MS },
  'short-sessions': { life: { withinMs: JOIN_MS, meanMs: 120_000 } },
  'flash-crowd': { settleMs: -JOIN_MS },
  vanish: { life: FOR_EVER, originShare: 1e9, happens: vanishing(0.3) },
  'vanish-capped': { life: FOR_EVER, happens: vanishingCapped(0.3, 0.25) },
  'uplink-poor': { weather: (world) => ({ ...world, uplinkMean: 0.85 }) },
  lossy: { weather: (world) => ({ ...world, loss: 0.02, lineLoss: 0, rttMedianMs: 100, rttSpread: 0 }) },
  'slow-uploader': { role: slowing },
  'origin-outage': { happens: losingOrigin },
  'tracker-outage': { happens: losingTracker },
  'region-split': { happens: splitting },
  liars: { role: lying, givingShare: 0.7 },
  'free-riders': { role: halfRiding, givingShare: 0.5 },
  sybils: { opens: (world, size) => sendSybils(world, 20 * size.viewers, JOIN_MS) },
  'mixed-bitrates': {
    weather: (world) => ({ ...world, otherBitsPerSec: [4 * world.bitsPerSec] }),
    role: twoRates,
  },
  mesh: { weather: () => BENCH, life: CHURN },
  capped: { weather: () => ({ ...BENCH, capBytesPerSec: 150_000 }), life: CHURN },
  restart: { weather: () => BENCH, life: FOR_EVER, happens: restarting },
  frozen: { weather: () => BENCH, life: FOR_EVER, happens: freezing },
  tabs: sideBySide('free'),
  'tabs-wan': farApart('free'),
  'busy-tabs': sideBySide('busy'),
  'busy-tabs-wan': farApart('busy'),
};

/** Every scenario by name. */
export const SCENARIO_NAMES: readonly string[] = Object.keys(stories);

const storyOf = (size: RunSize): Story => {
  const story = stories[size.scenario];
  if (story === undefined) throw new RangeError(`there is no scenario ${size.scenario}`);
  return story;
};

/** Where and among whom a scenario takes place, for whoever tells it otherwise. */
export const settingOf = (size: RunSize): Setting => settingIn(storyOf(size), size);

/** Runs one. */
export const runScenario = (size: RunSize): Run => {
  const story = storyOf(size);
  return play(story, size);
};
