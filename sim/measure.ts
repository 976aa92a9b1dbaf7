/**
 * The figures of a run, defined as everywhere else in the project.
 */
import { boundOf } from './bound.ts';
import type { Figures, RunSize } from './figures.ts';
import type { Ledger } from './ledger.ts';
import type { World } from './world.ts';

/** What the exact level shows besides. */
export interface ExactFigures extends Figures {
  readonly viewers: number;
  readonly originRepairs: number;
  readonly missedDeadlines: number;
  /** Missed deadlines over pieces due. */
  readonly missedShare: number;
  readonly longestStallMs: number;
  /** Gaps in the picture as a screen counted them, for viewers with one; and what they have buffered. */
  readonly stalls: number;
  readonly bufferMsP50: number;
  /** Pushed bytes that were held already, over all pushed. */
  readonly duplicateShare: number;
  readonly violations: number;
  readonly events: number;
  readonly trace: string;
}

/** Totals at the start of the window. */
export interface Mark {
  readonly at: number;
  readonly wallAt: number;
  readonly events: number;
  readonly viewerMs: number;
  readonly originBytes: number;
  readonly repairs: number;
  readonly usefulBytes: number;
  readonly arrivedBytes: number;
}

/** Fewer joins than this in the window, and the start-ups of everybody count. */
const JOINS_LEAST = 20;

/** Remembers where a window begins; only from here on is measured. */
export const mark = (world: World): Mark => {
  world.rules.windowFrom = world.now;
  world.origin.peak.reset();
  return {
    at: world.now,
    wallAt: performance.now(),
    events: world.events,
    viewerMs: world.viewerMs,
    originBytes: world.origin.sentBytes,
    repairs: world.origin.repairs,
    usefulBytes: world.totals.usefulBytes,
    arrivedBytes: world.totals.arrivedBytes,
  };
};

/** What a figure is said of. */
export interface Subject {
  readonly size: RunSize;
  readonly sessionMs: number;
}

/** The figures of the window that began at a mark. */
export const measure = (world: World, from: Mark, subject: Subject): ExactFigures => {
  const wallSeconds = (performance.now() - world.bornAt) / 1000;
  world.checks.finish();
  const viewers = [...world.viewers.values()];
  for (const viewer of viewers) viewer.ledger.close();
  const ledgers = [...world.closed, ...viewers.map((viewer) => viewer.ledger)];
  return {
    ...sharing(world, from, subject),
    ...watching(world, from, ledgers),
    wallSeconds: round(wallSeconds, 2),
    eventsPerSec: round(world.events / wallSeconds, 0),
    bytesPerViewer: round(world.memoryBytes() / Math.max(1, viewers.length), 0),
    violations: world.checks.violations.length,
    events: world.events,
    trace: world.trace.text,
  };
};

const sharing = (world: World, from: Mark, { size, sessionMs }: Subject) => {
  const { options, origin, totals } = world;
  const viewers = [...world.viewers.values()];
  const viewerSeconds = (world.viewerMs - from.viewerMs) / 1000;
  const seconds = (world.now - from.at) / 1000;
  const byteRate = options.bitsPerSec / 8;
  const originBytes = origin.sentBytes - from.originBytes;
  const offload = 1 - originBytes / (byteRate * viewerSeconds);
  const bound = boundOf({ viewers: size.viewers, uplinkMean: options.uplinkMean, gopMs: options.gopMs, sessionMs });
  const duplicates = sum(viewers.map(({ engine }) => engine.view.counters.piecesDuplicate));
  const fromNeighbours = sum(viewers.map(({ engine }) => engine.view.counters.piecesFromNeighbours));
  const arrived = totals.arrivedBytes - from.arrivedBytes;
  return {
    viewers: viewers.length,
    offload: round(offload, 4),
    bound: round(bound, 4),
    boundShare: round(offload / bound, 4),
    originCopies: round(originBytes / (byteRate * seconds), 2),
    originPeakShare: round(origin.peak.bytesPerSec / (byteRate * size.viewers), 4),
    originRepairs: origin.repairs - from.repairs,
    duplicateShare: round(duplicates / Math.max(1, duplicates + fromNeighbours), 4),
    badBytesPlayed: 0,
    badBytesForwarded: 0,
    goodput: round((totals.usefulBytes - from.usefulBytes) / Math.max(1, arrived), 4),
  };
};

const watching = (world: World, from: Mark, ledgers: readonly Ledger[]) => {
  const delays = ledgers.flatMap((ledger) => ledger.delayMs ?? []).sort(ascending);
  const joined = ledgers.filter((ledger) => ledger.joinedAt >= from.at);
  const startups = (joined.length < JOINS_LEAST ? ledgers : joined).flatMap((ledger) => ledger.startupMs ?? []);
  const watched = ledgers.filter((ledger) => ledger.due > 0);
  const due = sum(ledgers.map((ledger) => ledger.due));
  const missed = sum(ledgers.map((ledger) => ledger.missed));
  const screens = [...world.viewers.values()].flatMap(({ screen }) => screen ?? []);
  const buffers = screens.flatMap((screen) => screen.buffers).sort(ascending);
  const watchedMs = (due * 1000) / world.origin.piecesPerSecond;
  return {
    delayMsP50: at(delays, 0.5),
    delayMsP95: at(delays, 0.95),
    delayMsP99: at(delays, 0.99),
    startupMsP95: round(at(startups.sort(ascending), 0.95), 0),
    stallRatio: round(sum(ledgers.map((ledger) => ledger.stalledMs)) / Math.max(1, watchedMs), 6),
    stalledViewersShare: round(ledgers.filter((ledger) => ledger.stalls > 0).length / Math.max(1, watched.length), 4),
    longestStallMs: round(Math.max(0, ...ledgers.map((ledger) => ledger.longestStallMs)), 0),
    missedDeadlines: missed,
    missedShare: round(missed / Math.max(1, due), 5),
    stalls: sum(screens.map((screen) => screen.stalls)),
    bufferMsP50: round(at(buffers, 0.5), 0),
  };
};

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

const ascending = (a: number, b: number): number => a - b;

const at = (sorted: readonly number[], share: number): number => sorted[Math.floor(sorted.length * share)] ?? 0;

const round = (value: number, digits: number): number => Number(value.toFixed(digits));
