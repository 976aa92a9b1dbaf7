/**
 * What decides for a viewer: the engine that ships, or a policy it is held against. The simulator talks to both by the
 * engine's own contract and looks at a few numbers for its checks.
 */
import type { Engine, Millis } from '../src/core/engine.ts';
import type { LinkNumber, Source, ViewerInput, ViewerOutput } from '../src/core/viewer/io.ts';
import type { ViewerEngineOptions } from '../src/core/viewer/viewer-engine.ts';
import type { Head } from '../src/wire/head.ts';

export interface Decider extends Engine<ViewerInput, ViewerOutput> {
  /** Bytes that really left. */
  uploaded(now: Millis, link: LinkNumber, bytes: number): void;
  /** The newest head it believes, and its tag. */
  readonly head: Head | undefined;
  readonly epochTag: number;
  /** Newest sequence it holds; -1 when it holds none. */
  readonly newest: number;
  /** Who feeds a substream, where something like that exists. */
  parentOf(substream: number): Source | undefined;
  /** Subscriptions served, holes worked on, open links: what is bounded. */
  readonly serving: number;
  readonly missing: number;
  readonly links: number;
  /** Round trips to its neighbours as it knows them. */
  readonly roundTripsMs: readonly number[];
  /** Missed deadlines it gives causes for, and how many of them by which cause. */
  readonly explained: number;
  readonly causes: Readonly<Record<string, number>>;
  /** Pieces that came although they were held, and those that came first, both from neighbours. */
  readonly duplicates: number;
  readonly fromNeighbours: number;
}

/** Makes one. */
export type DeciderMaker = (options: ViewerEngineOptions) => Decider;
