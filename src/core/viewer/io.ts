/**
 * What a viewer engine hears and says. Plain data, so that a session can be recorded and replayed. Payload never
 * appears here: a piece is its header.
 */
import type { ErrorCode } from '../../errors.ts';
import type { Head } from '../../wire/head.ts';
import type { Farewell, LinkMessage } from '../../wire/link.ts';
import type { NatKind } from '../../wire/nat.ts';
import type { OriginFrame, OriginRequest } from '../../wire/origin.ts';
import type { PieceHeader } from '../../wire/piece.ts';
import type { TrackerAnswer, TrackerRequest, ViewerName } from '../../wire/tracker.ts';

/** A link's number, chosen by the engine, never used twice. */
export type LinkNumber = number;

/** Where a head or a piece came from. */
export type Source = 'origin' | LinkNumber;

/** Where the media element stands, on the FLV timestamp scale. */
export interface PlayheadReport {
  readonly shownMs: number;
  readonly bufferedMs: number;
  readonly playing: boolean;
  readonly stalled: boolean;
}

/** How much a viewer may share; see SharingPolicy of the viewer's face. */
export interface PolicyReport {
  readonly mode: 'on' | 'download-only' | 'off';
  readonly uploadBytesPerSec: number;
  readonly neighbours: number;
}

/** One fact. */
export type ViewerInput =
  | { readonly kind: 'start' }
  | { readonly kind: 'wake' }
  | { readonly kind: 'stop' }
  | { readonly kind: 'origin-opened' }
  | { readonly kind: 'origin-closed'; readonly code: ErrorCode; readonly retryAfterMs: number }
  | { readonly kind: 'origin-said'; readonly frame: OriginFrame }
  /** Its signature has been verified. */
  | { readonly kind: 'head'; readonly head: Head; readonly epochTag: number; readonly from: Source }
  /** It has been verified and stored. */
  | { readonly kind: 'piece'; readonly header: PieceHeader; readonly from: Source }
  /** It was held already. */
  | { readonly kind: 'piece-duplicate'; readonly sequence: number; readonly bytes: number; readonly from: Source }
  /** It is of an epoch that is not ours, or did not verify. */
  | { readonly kind: 'piece-rejected'; readonly from: Source; readonly reason: 'foreign' | 'bad' }
  | { readonly kind: 'tracker-opened' }
  | { readonly kind: 'tracker-closed' }
  | { readonly kind: 'tracker-said'; readonly answer: TrackerAnswer }
  /** Signalling this side's transport wants delivered. */
  | { readonly kind: 'link-signal'; readonly link: LinkNumber; readonly data: string }
  /** The transport is open and the other side has proved who it is. */
  | { readonly kind: 'link-opened'; readonly link: LinkNumber; readonly viewer: ViewerName }
  | { readonly kind: 'link-said'; readonly link: LinkNumber; readonly message: LinkMessage }
  /** The other side broke the protocol. */
  | { readonly kind: 'link-fault'; readonly link: LinkNumber; readonly code: ErrorCode; readonly detail: string }
  | { readonly kind: 'link-closed'; readonly link: LinkNumber }
  | { readonly kind: 'playhead'; readonly playhead: PlayheadReport }
  | { readonly kind: 'policy'; readonly policy: PolicyReport }
  /** What a probe found. */
  | { readonly kind: 'nat'; readonly nat: NatKind }
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' };

/** One thing to do. */
export type ViewerOutput =
  | { readonly kind: 'open-origin'; readonly mask: number; readonly from: 'keyframe' | 'live' | number }
  | { readonly kind: 'ask-origin'; readonly request: OriginRequest }
  | { readonly kind: 'close-origin' }
  | { readonly kind: 'open-tracker' }
  | { readonly kind: 'join-tracker'; readonly uploads: boolean; readonly nat: NatKind }
  | { readonly kind: 'tell-tracker'; readonly request: TrackerRequest }
  | { readonly kind: 'close-tracker' }
  | { readonly kind: 'dial'; readonly link: LinkNumber; readonly initiator: boolean; readonly viewer: ViewerName }
  | { readonly kind: 'signal'; readonly link: LinkNumber; readonly data: string }
  | { readonly kind: 'hang-up'; readonly link: LinkNumber; readonly reason: Farewell }
  | { readonly kind: 'tell'; readonly link: LinkNumber; readonly message: LinkMessage }
  /** Pass the newest head on. */
  | { readonly kind: 'tell-head'; readonly link: LinkNumber }
  /** Send a held piece. */
  | { readonly kind: 'push'; readonly links: readonly LinkNumber[]; readonly sequence: number }
  /** A head of another epoch became current: a fresh store. */
  | { readonly kind: 'epoch'; readonly head: Head }
  /** A fresh demuxer: the prelude, then pieces in order. */
  | { readonly kind: 'run'; readonly head: Head }
  /** The next piece to play. */
  | { readonly kind: 'play'; readonly sequence: number }
  /** A hole was given up: forget a partial tag; the next play is a keyframe. */
  | { readonly kind: 'skip' }
  | { readonly kind: 'ended' }
  | { readonly kind: 'rate'; readonly rate: number }
  | { readonly kind: 'seek'; readonly dtsMs: number }
  /** Pieces below are not needed any more. */
  | { readonly kind: 'evict'; readonly below: number }
  | { readonly kind: 'fault'; readonly code: ErrorCode; readonly detail: string }
  | { readonly kind: 'fell-back'; readonly forMs: number }
  | { readonly kind: 'state'; readonly state: EngineState };

/** Where playback stands. */
export type EngineState = 'starting' | 'playing' | 'source-outage' | 'ended' | 'failed' | 'stopped';

/** Where outputs are put, in order. */
export interface Outbox {
  put(output: ViewerOutput): void;
}
