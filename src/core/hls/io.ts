/**
 * What an HLS viewer's engine hears and says. Plain data; payload never appears here: a segment is its key, a piece its
 * number. Membership and links are those of a viewer of FLV, so their inputs and outputs are too.
 */
import type { ErrorCode } from '../../errors.ts';
import type { HlsMessage, SegmentKey } from '../../wire/hls-link.ts';
import type { Millis } from '../engine.ts';
import type { LinkNumber, ViewerInput, ViewerOutput } from '../viewer/io.ts';

/** Where a piece or a sheet came from. */
export type SegmentSource = 'server' | LinkNumber;

/** Facts that viewers of both kinds hear. */
type SharedInput = Extract<
  ViewerInput,
  {
    readonly kind:
      | 'start'
      | 'wake'
      | 'stop'
      | 'tracker-opened'
      | 'tracker-closed'
      | 'tracker-said'
      | 'link-signal'
      | 'link-opened'
      | 'link-fault'
      | 'link-closed'
      | 'policy'
      | 'nat';
  }
>;

/** One fact. */
export type HlsInput =
  | SharedInput
  | { readonly kind: 'hls-said'; readonly link: LinkNumber; readonly message: HlsMessage }
  /** The player wants a segment by then. */
  | { readonly kind: 'wish'; readonly key: SegmentKey; readonly deadline: Millis }
  /** The player has lost interest. */
  | { readonly kind: 'unwish'; readonly key: SegmentKey }
  /** The segment's sheet is known and vouched for; so many pieces. */
  | { readonly kind: 'sheet'; readonly key: SegmentKey; readonly pieces: number; readonly from: SegmentSource }
  /** A sheet is not what was signed, or nobody here can tell: whoever sent it is asked no more for it. */
  | {
      readonly kind: 'sheet-refused';
      readonly key: SegmentKey;
      readonly link: LinkNumber;
      readonly why: 'bad' | 'unknown';
    }
  /** A piece was verified and is kept. */
  | {
      readonly kind: 'segment-piece';
      readonly key: SegmentKey;
      readonly piece: number;
      readonly bytes: number;
      readonly from: LinkNumber;
    }
  /** A piece does not have the digest that its sheet says. */
  | { readonly kind: 'segment-piece-bad'; readonly link: LinkNumber }
  /** The whole segment is there, verified, and may be passed on. */
  | { readonly kind: 'held'; readonly key: SegmentKey; readonly pieces: number }
  /** A fetch from the server ended without a segment that may be passed on. */
  | { readonly kind: 'fetch-ended'; readonly key: SegmentKey }
  /** The segment was let go. */
  | { readonly kind: 'evicted'; readonly key: SegmentKey }
  /** How long fetches from the server take, ms. */
  | { readonly kind: 'fetch-took'; readonly ms: number };

/** What both kinds of viewers do. */
export type SharedOutput = Extract<
  ViewerOutput,
  {
    readonly kind:
      | 'open-tracker'
      | 'join-tracker'
      | 'tell-tracker'
      | 'close-tracker'
      | 'dial'
      | 'signal'
      | 'hang-up'
      | 'fault';
  }
>;

/** One thing to do. */
export type HlsOutput =
  | SharedOutput
  | { readonly kind: 'tell-hls'; readonly link: LinkNumber; readonly message: HlsMessage }
  /** Send the sheet of a segment. */
  | { readonly kind: 'tell-sheet'; readonly link: LinkNumber; readonly key: SegmentKey }
  /** Send a piece. */
  | { readonly kind: 'push-piece'; readonly link: LinkNumber; readonly key: SegmentKey; readonly piece: number }
  /** Get the pieces from `first` to `last` from the server; the whole segment where they are not given. */
  | { readonly kind: 'fetch'; readonly key: SegmentKey; readonly range: PieceRange | undefined }
  /** Somebody else gets it for us. */
  | { readonly kind: 'cancel-fetch'; readonly key: SegmentKey };

/** A run of pieces, both ends included. */
export interface PieceRange {
  readonly first: number;
  readonly last: number;
}

/** The code and detail of a neighbour's misbehaviour. */
export interface Misdeed {
  readonly code: ErrorCode;
  readonly detail: string;
}
