/**
 * The figures of a run, defined as everywhere else in the project.
 */
import type { World } from './world.ts';

/** What one run shows. */
export interface Figures {
  readonly viewers: number;
  readonly offload: number;
  readonly originCopies: number;
  readonly originRepairs: number;
  readonly delayMsP50: number;
  readonly delayMsP95: number;
  readonly missedDeadlines: number;
  /** Missed deadlines over pieces due. */
  readonly missedShare: number;
  /** Gaps in the picture, for viewers with a screen; and what they have buffered. */
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
  readonly viewerMs: number;
  readonly originBytes: number;
  readonly repairs: number;
  readonly missed: number;
}

/** Remembers where a window begins. */
export const mark = (world: World): Mark => ({
  at: world.now,
  viewerMs: world.viewerMs,
  originBytes: world.origin.sentBytes,
  repairs: world.origin.repairs,
  missed: missedOf(world),
});

/** The figures of the window that began at a mark. */
export const measure = (world: World, from: Mark): Figures => {
  world.checks.finish();
  const viewers = [...world.viewers.values()];
  const viewerSeconds = (world.viewerMs - from.viewerMs) / 1000;
  const seconds = (world.now - from.at) / 1000;
  const byteRate = world.options.bitsPerSec / 8;
  const originBytes = world.origin.sentBytes - from.originBytes;
  const missed = missedOf(world) - from.missed;
  const delays = viewers.flatMap((viewer) => viewer.delays).sort((a, b) => a - b);
  const buffers = viewers.flatMap((viewer) => viewer.screen?.buffers ?? []).sort((a, b) => a - b);
  const duplicates = sum(viewers.map(({ engine }) => engine.view.counters.piecesDuplicate));
  const fromNeighbours = sum(viewers.map(({ engine }) => engine.view.counters.piecesFromNeighbours));
  return {
    viewers: viewers.length,
    offload: round(1 - originBytes / (byteRate * viewerSeconds), 4),
    originCopies: round(originBytes / (byteRate * seconds), 2),
    originRepairs: world.origin.repairs - from.repairs,
    delayMsP50: round(at(delays, 0.5), 0),
    delayMsP95: round(at(delays, 0.95), 0),
    missedDeadlines: missed,
    missedShare: round(missed / (viewerSeconds * world.origin.piecesPerSecond), 5),
    stalls: sum(viewers.map(({ screen }) => screen?.stalls ?? 0)),
    bufferMsP50: round(at(buffers, 0.5), 0),
    duplicateShare: round(duplicates / Math.max(1, duplicates + fromNeighbours), 4),
    violations: world.checks.violations.length,
    events: world.events,
    trace: world.trace.text,
  };
};

const missedOf = (world: World): number =>
  world.missedByGone + sum([...world.viewers.values()].map(({ engine }) => engine.view.counters.missedDeadlines));

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

const at = (sorted: readonly number[], share: number): number => sorted[Math.floor(sorted.length * share)] ?? 0;

const round = (value: number, digits: number): number => Number(value.toFixed(digits));
