/**
 * What a bench of tabs and its source say to each other.
 */

/** How far apart everybody is; undefined: loopback, nothing in between. */
export interface Distance {
  readonly rttMs: number;
  readonly lossPercent: number;
}

/** Where the source is, as viewers are given it. */
export interface SourceAddress {
  readonly streamUrl: string;
  /** For viewers without a page. */
  readonly trackerUrl: string;
}

/** Piece bytes on viewers' sockets, and plain bytes on controls' sockets, so far. */
export interface SentSoFar {
  readonly pieces: number;
  readonly plain: number;
}

/** What the parent says, in this order. */
export type SourceRequest =
  | { readonly kind: 'start'; readonly distance: Distance | undefined }
  | { readonly kind: 'sent' }
  | { readonly kind: 'close' };
