/**
 * The figures of a run, defined as everywhere else in the project; docs/simulator.md says them in words.
 */
import { boundOf } from './bound.ts';
import type { Figures, RunSize } from './figures.ts';
import type { LaterShare } from './later-share.ts';
import type { Ledger } from './ledger.ts';
import type { World } from './world.ts';

/** What the exact level shows besides. */
export interface ExactFigures extends Figures {
  /** At the end. */
  readonly viewersLeft: number;
  /** Of the processor, where `wallSeconds` also counts what else runs on the machine. */
  readonly cpuSeconds: number;
  readonly originRepairs: number;
  /** The origin's share from ten seconds after the last join, for five seconds; -1 when the run is too short. */
  readonly originLaterShare: number;
  readonly missedDeadlines: number;
  /** Missed deadlines over pieces due. */
  readonly missedShare: number;
  readonly missedBy: Readonly<Record<string, number>>;
  readonly longestStallMs: number;
  /** Viewers that joined in the window and never saw a picture. */
  readonly neverStarted: number;
  /** Gaps in the picture as a screen counted them, for viewers with one; and what they have buffered. */
  readonly stalls: number;
  readonly bufferMsP50: number;
  /** Pushed pieces that were held already, over all pushed. */
  readonly duplicateShare: number;
  /** The longest time a slow uploader stayed a parent, where there are some. */
  readonly slowParentMs?: number;
  readonly violations: number;
  readonly events: number;
  readonly trace: string;
}

/** Totals at the start of the window. */
export interface Mark {
  readonly at: number;
  readonly originBytes: number;
  readonly watchedBytes: number;
  readonly repairs: number;
  readonly usefulBytes: number;
  readonly arrivedBytes: number;
}

/** What a figure is said of. */
export interface Subject {
  readonly size: RunSize;
  readonly sessionMs: number;
  /** Share of the uplinks whose owners share them. */
  readonly givingShare: number;
  readonly later: LaterShare;
}

/** Fewer joins than this in the window, and the start-ups of everybody count. */
const JOINS_LEAST = 20;
/** Who joined so shortly before the end may still be starting. */
const STARTING_MS = 5_000;

/** Remembers where a window begins; only from here on is measured. */
export const mark = (world: World): Mark => {
  world.rules.windowFrom = world.now;
  for (const origin of world.origins) origin.peak.reset();
  return {
    at: world.now,
    originBytes: world.originBytes,
    watchedBytes: world.watchedBytes,
    repairs: repairsOf(world),
    usefulBytes: world.totals.usefulBytes,
    arrivedBytes: world.totals.arrivedBytes,
  };
};

/** The figures of the window that began at a mark. */
export const measure = (world: World, from: Mark, subject: Subject): ExactFigures => {
  const wallSeconds = (performance.now() - world.bornAt) / 1000;
  const bytesPerViewer = world.memoryBytes() / Math.max(1, world.viewers.size);
  world.checks.finish();
  const ledgers = [...world.closed];
  for (const viewer of world.viewers.values()) {
    viewer.ledger.close();
    if (viewer.honest) ledgers.push(viewer.ledger);
  }
  return {
    ...sharing(world, from, subject),
    ...delays(world, from, ledgers),
    ...stalls(world, ledgers),
    wallSeconds: round(wallSeconds, 2),
    eventsPerSec: round(world.events / wallSeconds, 0),
    bytesPerViewer: round(bytesPerViewer, 0),
    cpuSeconds: round(process.cpuUsage(world.cpuBefore).user / 1e6, 2),
    viewersLeft: world.viewers.size,
    violations: world.checks.violations.length,
    events: world.events,
    trace: world.trace.text,
  };
};

const sharing = (world: World, from: Mark, subject: Subject) => {
  const { options, totals } = world;
  const { size, sessionMs, givingShare, later } = subject;
  const seconds = (world.now - from.at) / 1000;
  const byteRate = sum(world.origins.map((origin) => origin.bytesPerSec)) / world.origins.length;
  const whole = byteRate * size.viewers;
  const originBytes = world.originBytes - from.originBytes;
  const offload = 1 - originBytes / (world.watchedBytes - from.watchedBytes);
  const uplinkMean = options.uplinkMean * givingShare;
  const viewers = size.viewers / world.origins.length;
  const bound = boundOf({ viewers, uplinkMean, gopMs: options.gopMs, sessionMs });
  const deciders = [...world.viewers.values()].map(({ decider }) => decider);
  const duplicates = sum(deciders.map((decider) => decider.duplicates));
  const fromNeighbours = sum(deciders.map((decider) => decider.fromNeighbours));
  const arrived = totals.arrivedBytes - from.arrivedBytes;
  return {
    offload: round(offload, 4),
    bound: round(bound, 4),
    boundShare: round(offload / bound, 4),
    originCopies: round(originBytes / (byteRate * seconds), 2),
    originPeakShare: round(sum(world.origins.map((origin) => origin.peak.bytesPerSec)) / whole, 4),
    originLaterShare: later.bytesPerSec === undefined ? -1 : round(later.bytesPerSec / whole, 4),
    originRepairs: repairsOf(world) - from.repairs,
    duplicateShare: round(duplicates / Math.max(1, duplicates + fromNeighbours), 4),
    badBytesPlayed: totals.badPlayed,
    badBytesForwarded: totals.badForwarded,
    goodput: round((totals.usefulBytes - from.usefulBytes) / Math.max(1, arrived), 4),
  };
};

const delays = (world: World, from: Mark, ledgers: readonly Ledger[]) => {
  const all = ledgers.flatMap((ledger) => ledger.delayMs ?? []).sort(ascending);
  const joined = ledgers.filter((ledger) => ledger.joinedAt >= from.at);
  const startups = (joined.length < JOINS_LEAST ? ledgers : joined).flatMap((ledger) => ledger.startupMs ?? []);
  const blind = joined.filter(
    ({ startupMs, joinedAt }) => startupMs === undefined && joinedAt < world.now - STARTING_MS,
  );
  return {
    delayMsP50: at(all, 0.5),
    delayMsP95: at(all, 0.95),
    delayMsP99: at(all, 0.99),
    startupMsP95: round(at(startups.sort(ascending), 0.95), 0),
    neverStarted: blind.filter(({ leftAt, joinedAt }) => (leftAt ?? world.now) - joinedAt > STARTING_MS).length,
  };
};

const stalls = (world: World, ledgers: readonly Ledger[]) => {
  const watched = ledgers.filter((ledger) => ledger.watchedMs > 0);
  const due = sum(ledgers.map((ledger) => ledger.due));
  const missed = sum(ledgers.map((ledger) => ledger.missed));
  const screens = [...world.viewers.values()].flatMap(({ screen }) => screen ?? []);
  const missedBy: Record<string, number> = {};
  for (const { decider } of world.viewers.values())
    for (const [cause, count] of Object.entries(decider.causes)) missedBy[cause] = (missedBy[cause] ?? 0) + count;
  return {
    stallRatio: round(
      sum(ledgers.map((ledger) => ledger.stalledMs)) / Math.max(1, sum(watched.map((ledger) => ledger.watchedMs))),
      6,
    ),
    stalledViewersShare: round(watched.filter((ledger) => ledger.stalls > 0).length / Math.max(1, watched.length), 4),
    longestStallMs: round(
      ledgers.reduce((longest, ledger) => Math.max(longest, ledger.longestStallMs), 0),
      0,
    ),
    missedDeadlines: missed,
    missedShare: round(missed / Math.max(1, due), 5),
    missedBy,
    stalls: sum(screens.map((screen) => screen.stalls)),
    bufferMsP50: round(at(screens.flatMap((screen) => screen.buffers).sort(ascending), 0.5), 0),
  };
};

const repairsOf = (world: World): number => sum(world.origins.map((origin) => origin.repairs));

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

const ascending = (a: number, b: number): number => a - b;

const at = (sorted: readonly number[], share: number): number => sorted[Math.floor(sorted.length * share)] ?? 0;

const round = (value: number, digits: number): number => Number(value.toFixed(digits));
