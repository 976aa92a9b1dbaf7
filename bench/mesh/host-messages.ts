/**
 * What the benchmark and its viewer hosts tell each other.
 */
import type { Bins } from '../harness/histogram.ts';

/** What a viewer is to watch, and with how many neighbours at most if not the usual number. */
export interface MeshStream {
  readonly url: string;
  readonly tracker: string;
  readonly neighbours?: number;
}

/** To a host. */
export type HostOrder =
  | ({ readonly kind: 'join'; readonly viewer: number } & MeshStream)
  | { readonly kind: 'leave'; readonly viewer: number }
  /** Everything before now does not count. */
  | { readonly kind: 'begin' }
  | { readonly kind: 'report' };

/** Sums over the viewers of a host since `begin`, those that left included. */
export interface HostReport {
  readonly originBytes: number;
  readonly neighbourBytes: number;
  readonly uploadedBytes: number;
  readonly missedDeadlines: number;
  readonly repairsFromOrigin: number;
  readonly repairsFromNeighbours: number;
  readonly piecesDuplicate: number;
  /** Pieces accepted, by milliseconds after their cut. */
  readonly delays: Bins;
  /** Substreams of the viewers now, by who feeds them. */
  readonly fromOrigin: number;
  readonly fromNeighbours: number;
  readonly orphaned: number;
  readonly neighbours: number;
  readonly viewers: number;
  /** How often a viewer left the mesh for plain HTTP, since the very start. */
  readonly fellBack: number;
  /** 99th percentile of how late this process's timers were, ms. */
  readonly loopLateMsP99: number;
  readonly faults: Readonly<Record<string, number>>;
}

/** From a host. */
export type HostAnswer = { readonly kind: 'ready' } | { readonly kind: 'report'; readonly report: HostReport };
