/**
 * What the page may call in the worker. A handful of calls a second; media and links have ports of their own.
 */
import type { HlsStats, HlsViewerOptions } from '../hls/face.ts';
import type { SharingPolicy, ViewerOptions, ViewerStats } from '../viewer/face.ts';
import type { NatKind } from '../wire/nat.ts';
import type { StreamPlace } from './origin-address.ts';

export type { HlsNeighbourStats, HlsNotice, HlsStats, HlsViewerOptions } from '../hls/face.ts';
export type {
  NeighbourStats,
  SharingPolicy,
  ViewerNotice,
  ViewerOptions,
  ViewerState,
  ViewerStats,
} from '../viewer/face.ts';
export type { Playhead } from '../viewer/ports.ts';

/** Where codes come from: a key service, or a code the page already has. */
export type CodeSource =
  | { readonly kind: 'service'; readonly address: string }
  | { readonly kind: 'given'; readonly code: string; readonly key: string };

/** Everything a worker is told to start a viewer. */
export interface WorkerStart {
  readonly options: ViewerOptions;
  readonly place: StreamPlace;
  readonly codes: CodeSource | undefined;
  /** MediaOrder comes out, PlayheadMessage goes in. */
  readonly media: MessagePort;
  /** LinkRequest comes out, LinkReport goes in; absent where there is no WebRTC. */
  readonly links: MessagePort | undefined;
}

/** Everything a worker is told to start a viewer of HLS. */
export interface HlsWorkerStart {
  readonly options: HlsViewerOptions;
  /** HlsAnswer comes out, HlsAsk goes in. */
  readonly media: MessagePort;
  /** LinkRequest comes out, LinkReport goes in; absent where there is no WebRTC. */
  readonly links: MessagePort | undefined;
}

/** What a worker does. */
export interface WorkerControl {
  /** Answers as soon as the viewer has started, which is before anything plays. */
  start(start: WorkerStart): Promise<void>;
  /** Starts a viewer of HLS instead. */
  startHls(start: HlsWorkerStart): Promise<void>;
  /** Where the tracker is, once the page found out; undefined when there is none. */
  setTracker(address: string | undefined): void;
  setPolicy(policy: SharingPolicy): void;
  setNat(nat: NatKind): void;
  setCredentials(credentials: string): void;
  pause(): void;
  resume(): void;
  stats(): ViewerStats;
  hlsStats(): HlsStats;
  explain(): readonly string[];
  /** Leaves politely; the worker is of no use afterwards. */
  stop(): void;
  /** Answers at once: a sign of life. */
  ping(): void;
}

/** Member of the one message a worker sends unasked: the name of a lock it holds for as long as it lives. */
export const LIFE_LOCK = 'shoalLifeLock';
