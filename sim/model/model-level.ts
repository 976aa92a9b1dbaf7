/**
 * The model level of the simulator: one event per substream and second and one per delivery of a piece, over columns of
 * numbers, for swarms too large for the exact level. Same worlds, same scenarios, same figures.
 */

import { boundOf } from '../bound.ts';
import { RELAY_MS, SET_UP_RTTS, SILENT_MS } from '../calibration/real-links.ts';
import type { Figures, RunSize } from '../figures.ts';
import { settingOf } from '../scenarios.ts';
import { Joins } from './joins.ts';
import { modelWorld } from './model-world.ts';
import { stories, storyOf } from './stories.ts';
import { Swarm } from './swarm.ts';

/** Counts at the beginning of the window. */
interface Mark {
  readonly at: number;
  readonly livedMs: number;
}

/** What the model shows besides. */
export interface ModelFigures extends Figures {
  /** Of the processor, where `wallSeconds` also counts what else runs on the machine. */
  readonly cpuSeconds: number;
}

/** Runs one. */
export const runModel = (size: RunSize): { readonly figures: ModelFigures; readonly swarm: Swarm } => {
  const happens = storyOf(size.scenario);
  const began = performance.now();
  const processor = process.cpuUsage();
  const { weather, life, beginsMs } = settingOf(size);
  const { viewers, seed } = size;
  const costs = { setUpRtts: SET_UP_RTTS, silentMs: SILENT_MS, relayMs: RELAY_MS };
  const swarm = new Swarm(modelWorld(weather, { viewers, seed, sessionMs: life.meanMs }), costs);
  const joins = new Joins(swarm, life);
  const until = (endMs: number): void => {
    while (swarm.now < endMs) {
      joins.come();
      swarm.step();
    }
  };
  until(beginsMs);
  const mark = { at: swarm.now, livedMs: swarm.crowd.livedMs(swarm.now) };
  swarm.books.windowFrom = mark.at;
  happens(swarm, viewers);
  until(beginsMs + size.seconds * 1000);
  swarm.finish();
  const bound = { viewers, uplinkMean: weather.uplinkMean, gopMs: weather.gopMs, sessionMs: life.meanMs };
  const figures = figuresOf(swarm, mark, boundOf(bound));
  const wallSeconds = (performance.now() - began) / 1000;
  const speed = { wallSeconds: round(wallSeconds, 2), eventsPerSec: round(swarm.events / wallSeconds, 0) };
  const { user, system } = process.cpuUsage(processor);
  return { swarm, figures: { ...figures, ...speed, cpuSeconds: round((user + system) / 1e6, 2) } };
};

const figuresOf = (swarm: Swarm, from: Mark, bound: number): Omit<Figures, 'wallSeconds' | 'eventsPerSec'> => {
  const { books, crowd, world } = swarm;
  const seconds = (swarm.now - from.at) / 1000;
  const viewerSeconds = (crowd.livedMs(swarm.now) - from.livedMs) / 1000;
  const { delays, stallRatio, stalledShare } = books.result();
  const startups = [...books.startups].sort((a, b) => a - b);
  const offload = 1 - books.originBytes / (world.bytesPerSec * viewerSeconds);
  return {
    offload: round(offload, 4),
    bound: round(bound, 4),
    boundShare: round(offload / bound, 4),
    originCopies: round(books.originBytes / (world.bytesPerSec * seconds), 2),
    originPeakShare: round(books.peakBytes / (world.bytesPerSec * world.viewers), 4),
    delayMsP50: quantile(delays, 0.5),
    delayMsP95: quantile(delays, 0.95),
    delayMsP99: quantile(delays, 0.99),
    startupMsP95: round(quantile(startups, 0.95), 0),
    stallRatio: round(stallRatio, 6),
    stalledViewersShare: round(stalledShare, 4),
    bytesPerViewer: round(swarm.bytes / world.viewers, 0),
    badBytesPlayed: 0,
    badBytesForwarded: 0,
    goodput: round(books.usefulBytes / Math.max(1, books.arrivedBytes), 4),
  };
};

const quantile = (sorted: readonly number[], share: number): number => sorted[Math.floor(sorted.length * share)] ?? 0;

const round = (value: number, digits: number): number => Number(value.toFixed(digits));

/** The level, for the table of levels. */
export const model = {
  scenarios: Object.keys(stories),
  run: (size: RunSize) => ({ figures: runModel(size).figures, violations: [] as readonly string[] }),
};
