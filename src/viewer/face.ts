/**
 * The face of a running viewer: what whoever hosts it (worker entry, Node peer) may set, ask and hear. Plain data only,
 * because it crosses the worker boundary.
 */
import type { ErrorCode } from '../errors.ts';
import type { NatKind } from '../wire/nat.ts';
import type { IceServer } from '../wire/service.ts';
import type { Playhead } from './ports.ts';

/** What a viewer is told when it is made. */
export interface ViewerOptions {
  /** The stream's path on the origin without `.flv`, such as `/live/demo`. */
  readonly path: string;
  /** The query of the stream URL, without `?`: what the viewer is admitted by. */
  readonly credentials: string;
  /** Origin keys heads must be signed by (32 bytes each); empty: the origin's own connection is trusted. */
  readonly originKeys: readonly Uint8Array[];
  /** ICE servers for links; none by default. */
  readonly iceServers: readonly IceServer[];
  readonly policy: SharingPolicy;
  /** Seed of the viewer's dice. */
  readonly seed: number;
  /** Hard cap of the piece store, bytes. */
  readonly storeBytes: number;
  /** Least distance between playhead and live edge the engine aims at, ms; the mesh may ask for more. */
  readonly latencyMs: number;
  /** For viewers without a screen: every piece is needed this long after its cut. Absent: when the media element gets there. */
  readonly deadlineMs?: number;
}

/** What a viewer may spend on others. Changes take effect at once. */
export interface SharingPolicy {
  /** `off`: no links at all. `download-only`: links, but nothing is uploaded (metered or cellular line, no consent). */
  readonly mode: 'on' | 'download-only' | 'off';
  /** Most bytes a second to upload; Infinity for no cap of the page's own. */
  readonly uploadBytesPerSec: number;
  /** Most neighbours. */
  readonly neighbours: number;
}

/** Where the viewer's life stands. */
export type ViewerState = 'starting' | 'playing' | 'source-outage' | 'ended' | 'plain' | 'failed' | 'stopped';

/** One neighbour, as shown in a snapshot. */
export interface NeighbourStats {
  readonly viewer: string;
  /** Substreams it pushes to us, and we to it. */
  readonly parentOf: readonly number[];
  readonly childOf: readonly number[];
  readonly rttMs: number | undefined;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** One consistent snapshot; all counts are totals since the viewer was made. */
export interface ViewerStats {
  readonly state: ViewerState;
  readonly viewer: string | undefined;
  /** Hexadecimal. */
  readonly epoch: string | undefined;
  readonly substreams: number;
  /** Substreams fed by: the origin, a neighbour, nobody right now. */
  readonly fromOrigin: number;
  readonly fromNeighbours: number;
  readonly orphaned: number;
  /** Wire bytes of pieces and frames received from the origin, of verified pieces from neighbours, and uploaded. */
  readonly originBytes: number;
  readonly neighbourBytes: number;
  readonly uploadedBytes: number;
  /** Clear FLV bytes delivered to the player. */
  readonly playedBytes: number;
  readonly piecesFromOrigin: number;
  readonly piecesFromNeighbours: number;
  readonly piecesDuplicate: number;
  readonly piecesRejected: number;
  readonly repairsFromNeighbours: number;
  readonly repairsFromOrigin: number;
  /** Pieces that were not there when the playhead needed them, by cause. */
  readonly missedDeadlines: number;
  readonly stalls: number;
  readonly restarts: number;
  /** Lag behind the cut over the last seconds, ms; undefined before enough pieces. */
  readonly lagMsP50: number | undefined;
  readonly lagMsP95: number | undefined;
  /** Playhead to newest buffered byte, ms. */
  readonly bufferAheadMs: number | undefined;
  /** Distance to the live edge the engine aims at, ms. */
  readonly latencyTargetMs: number;
  /** Distance of the playhead from the live edge, ms. */
  readonly latencyMs: number;
  readonly storeBytes: number;
  readonly uploadBudgetBytesPerSec: number;
  readonly neighbours: readonly NeighbourStats[];
  /** Dials of this viewer's own that led to a link, and that did not although the other side was there. */
  readonly dials: { readonly reached: number; readonly missed: number };
  /** Faults by code, counted. */
  readonly faults: Readonly<Partial<Record<ErrorCode, number>>>;
}

/** What a viewer says unasked. */
export type ViewerNotice =
  | { readonly kind: 'state'; readonly state: ViewerState }
  /** Recoverable or fatal by the code's severity; repeated ones are reported at most once a second with their count. */
  | { readonly kind: 'fault'; readonly code: ErrorCode; readonly detail: string; readonly count: number }
  /** A new epoch began (origin restarted): the sink got a fresh start. */
  | { readonly kind: 'epoch'; readonly epoch: string }
  /** The viewer leaves the mesh for plain HTTP for this long, because sharing made it worse. */
  | { readonly kind: 'fell-back'; readonly forMs: number };

/** What the host may do with a running viewer. */
export interface Viewer {
  start(): void;
  /** Leaves politely, closes everything, frees the byte core's memory. */
  stop(): void;
  playhead(playhead: Playhead): void;
  setPolicy(policy: SharingPolicy): void;
  /** What kind of NAT a probe found; neighbours are chosen by it. */
  setNat(nat: NatKind): void;
  /** A hidden page keeps relaying; a paused one drops to the live edge when it resumes. */
  pause(): void;
  resume(): void;
  /** New credentials (token renewal in mid-play). */
  setCredentials(credentials: string): void;
  stats(): ViewerStats;
  /** Why sharing is as it is, in words, most important first. */
  explain(): readonly string[];
}
