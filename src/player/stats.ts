/**
 * What a player knows of itself, in one snapshot.
 */
import type { NatReport } from '../carrier/browser/nat-probe.ts';
import type { Support } from '../carrier/browser/support.ts';
import type { HlsStats, SharingPolicy, ViewerStats } from '../carrier/worker-control.ts';
import type { Sharing } from './options.ts';

/** Where a player's life stands. */
export type PlayerState =
  | 'starting'
  | 'playing'
  | 'stalled'
  | 'paused'
  | 'source-outage'
  | 'ended'
  | 'failed'
  | 'destroyed';

/** How the stream is played: shared, from its URL as it is, or as HLS. */
export type PlayerMode = 'shared' | 'plain' | 'hls';

/** Why a viewer shares less than the page asked for. */
export type SharingLimit = 'none' | 'no-webrtc' | 'no-consent' | 'metered' | 'hidden';

/** One snapshot; counts are totals since the worker of the player started. */
export interface PlayerStats {
  readonly state: PlayerState;
  readonly mode: PlayerMode;
  /** What the page asked for, what holds, and why. */
  readonly sharing: Sharing;
  readonly policy: SharingPolicy;
  readonly sharingLimit: SharingLimit;
  /** What the last probe of the NAT found; undefined before the first and while nothing is shared. */
  readonly nat: NatReport | undefined;
  /** From making the player to the first moving picture, ms. */
  readonly startupMs: number | undefined;
  readonly stalls: number;
  readonly stalledMs: number;
  readonly bufferAheadMs: number | undefined;
  readonly frames: { readonly shown: number; readonly dropped: number };
  readonly workersLost: number;
  readonly support: Support;
  /** The viewer behind a shared player; undefined in the other modes and while it starts. */
  readonly viewer: ViewerStats | undefined;
  /** What is shared of an HLS stream, and how far behind the live edge it plays; undefined where none is played or shared. */
  readonly hls: (HlsStats & { /** Undefined for a film. */ readonly latencyMs: number | undefined }) | undefined;
}
