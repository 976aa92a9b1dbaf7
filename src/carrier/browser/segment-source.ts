/**
 * Whoever shares segments of HLS, as the loaders of a player see it.
 */

/** A run of bytes of a resource, both ends included. */
export interface SegmentRange {
  readonly first: number;
  readonly last: number;
}

/** What came of a segment that was asked for. */
export type SegmentAnswer =
  | {
      readonly kind: 'loaded';
      readonly bytes: ArrayBuffer;
      readonly from: 'server' | 'neighbours';
      readonly underWayMs: number;
    }
  | { readonly kind: 'failed'; readonly status: number }
  /** Nobody shares it: load it plainly. */
  | { readonly kind: 'plainly' };

/** Whoever shares segments. */
export interface SegmentSource {
  /** Asks for a segment; the returned call breaks it off. Undefined: not now, load it plainly. */
  load(
    order: { readonly address: string; readonly range: SegmentRange | undefined; readonly withinMs: number },
    done: (answer: SegmentAnswer) => void,
  ): (() => void) | undefined;
  /** A playlist came. */
  playlist(address: string, text: string): void;
  /** A segment came plainly; others may want it. */
  give(address: string, range: SegmentRange | undefined, bytes: ArrayBuffer): void;
}
