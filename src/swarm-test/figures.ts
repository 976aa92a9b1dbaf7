/**
 * What a stretch of time has shown: how much of what was played came from neighbours, how often it waited, how late it
 * was. Worked out of two looks at the same viewers.
 */
import type { PlayerStats } from '../player/stats.ts';
import type { Look } from './feeding.ts';

type ViewerStats = NonNullable<PlayerStats['viewer']>;

/** What one viewer got in the window. Bytes. */
export interface ViewerFigures {
  readonly name: string;
  readonly played: number;
  readonly fromOrigin: number;
  readonly fromNeighbours: number;
  readonly uploaded: number;
  readonly stalls: number;
  /** How late pieces came after their cut, 95th percentile at the end of the window, ms. */
  readonly delayMs: number | undefined;
  /** Distance of the playhead from the live edge at the end of the window, ms. */
  readonly latencyMs: number | undefined;
}

/** What a window has shown. */
export interface SwarmFigures {
  /** Share of what was played that the origin did not send; at most 1 - 1/viewers. Negative when it sent more. */
  readonly offload: number;
  /** Copies of the stream that left the origin. */
  readonly copies: number;
  readonly stalls: number;
  /** Of the viewer that is worst off, ms. */
  readonly delayMs: number | undefined;
  readonly latencyMs: number | undefined;
  readonly viewers: readonly ViewerFigures[];
}

/** The figures of the time between two looks. A viewer that was not there before counts from its start. */
export const figuresOf = (before: readonly Look[], after: readonly Look[]): SwarmFigures => {
  const viewers = after.map((now) =>
    viewerFigures(
      now,
      before.find(({ name }) => name === now.name),
    ),
  );
  const sum = (of: (one: ViewerFigures) => number): number => viewers.reduce((total, one) => total + of(one), 0);
  const played = sum((one) => one.played);
  const origin = sum((one) => one.fromOrigin);
  return {
    offload: played === 0 ? 0 : 1 - origin / played,
    copies: played === 0 ? 0 : origin / (played / viewers.length),
    stalls: sum((one) => one.stalls),
    delayMs: worst(viewers.map((one) => one.delayMs)),
    latencyMs: worst(viewers.map((one) => one.latencyMs)),
    viewers,
  };
};

const viewerFigures = (now: Look, before: Look | undefined): ViewerFigures => {
  const viewer = now.stats?.viewer;
  const then = before?.stats?.viewer;
  // Counts begin again when a player's worker is replaced, and so does its name in the swarm.
  const since = then !== undefined && then.viewer === viewer?.viewer ? then : undefined;
  const grown = (count: (of: ViewerStats) => number): number =>
    (viewer === undefined ? 0 : count(viewer)) - (since === undefined ? 0 : count(since));
  return {
    name: now.name,
    played: grown((of) => of.playedBytes),
    fromOrigin: grown((of) => of.originBytes),
    fromNeighbours: grown((of) => of.neighbourBytes),
    uploaded: grown((of) => of.uploadedBytes),
    stalls: Math.max(0, now.stalls - (before?.stalls ?? 0)),
    delayMs: viewer?.lagMsP95,
    latencyMs: viewer?.latencyMs,
  };
};

const worst = (values: readonly (number | undefined)[]): number | undefined => {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
};
