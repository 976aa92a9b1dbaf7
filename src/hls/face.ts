/**
 * The face of a running HLS viewer: what whoever hosts it may set, ask and hear. Plain data only, because it crosses the
 * worker boundary.
 */
import type { ErrorCode } from '../errors.ts';
import type { SharingPolicy } from '../viewer/face.ts';
import type { HlsPlace } from '../wire/hls-seal.ts';
import type { NatKind } from '../wire/nat.ts';
import type { IceServer } from '../wire/service.ts';

/** What a viewer is told when it is made. */
export interface HlsViewerOptions {
  /** The tracker's room: the same for everybody who watches this playlist. */
  readonly room: string;
  readonly place: HlsPlace;
  /** The query of the playlist's address: what the viewer is admitted by. */
  readonly credentials: string;
  /** Keys by which seals may be signed, 32 bytes each. */
  readonly keys: readonly Uint8Array[];
  /** Where seals are to be had that the playlist does not hold. */
  readonly witness: string | undefined;
  readonly iceServers: readonly IceServer[];
  readonly policy: SharingPolicy;
  readonly seed: number;
  /** Most memory for segments, bytes. */
  readonly storeBytes: number;
}

/** A run of bytes, both ends included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** A segment that the player wants. */
export interface SegmentOrder {
  readonly id: number;
  readonly address: string;
  readonly range: ByteRange | undefined;
  /** How long it can wait, ms. */
  readonly withinMs: number;
}

/** What became of an order. */
export type SegmentOutcome =
  | {
      readonly kind: 'loaded';
      readonly bytes: Uint8Array<ArrayBuffer>;
      readonly from: 'server' | 'neighbours';
      /** How long its bytes were under way, without the wait for whoever has them, ms. */
      readonly underWayMs: number;
    }
  | { readonly kind: 'failed'; readonly status: number };

/** One neighbour, as shown in a snapshot. */
export interface HlsNeighbourStats {
  readonly viewer: string;
  readonly rttMs: number | undefined;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** One consistent snapshot; all counts are totals since the viewer was made. */
export interface HlsStats {
  readonly viewer: string | undefined;
  /** Who vouches for segments: the playlist itself, a witness, or nobody so far. */
  readonly vouchedBy: 'playlist' | 'witness' | 'nobody';
  /** Bytes of segments from their server, of verified pieces from neighbours, and uploaded. */
  readonly originBytes: number;
  readonly neighbourBytes: number;
  readonly uploadedBytes: number;
  /** Segments and parts that came from their server alone, and wholly or partly from neighbours. */
  readonly segmentsFromOrigin: number;
  readonly segmentsFromNeighbours: number;
  readonly piecesRejected: number;
  readonly segmentsHeld: number;
  readonly storeBytes: number;
  readonly neighbours: readonly HlsNeighbourStats[];
  readonly dials: { readonly reached: number; readonly missed: number };
  readonly faults: Readonly<Partial<Record<ErrorCode, number>>>;
}

/** What a viewer says unasked. */
export interface HlsNotice {
  readonly kind: 'fault';
  readonly code: ErrorCode;
  readonly detail: string;
  readonly count: number;
}

/** What the host may do with a running viewer. */
export interface HlsViewer {
  start(): void;
  stop(): void;
  /** Gets a segment; `answer` is called once, unless it is called off before. */
  load(order: SegmentOrder, answer: (outcome: SegmentOutcome) => void): void;
  callOff(id: number): void;
  /** A playlist came: it may hold seals. */
  playlist(address: string, text: string): void;
  /** A segment that came by another way. */
  give(address: string, range: ByteRange | undefined, bytes: Uint8Array<ArrayBuffer>): void;
  setPolicy(policy: SharingPolicy): void;
  setNat(nat: NatKind): void;
  setCredentials(credentials: string): void;
  stats(): HlsStats;
  explain(): readonly string[];
}
