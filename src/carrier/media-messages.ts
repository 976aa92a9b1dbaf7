/**
 * What the worker tells the page about media, and back, over a MessagePort: bytes are transferred, nothing is answered.
 */
import type { ViewerNotice } from '../viewer/face.ts';
import type { Playhead } from '../viewer/ports.ts';

/** From the worker, in order. */
export type MediaOrder =
  /** A new run of bytes begins, with an FLV header; at a seam it may go on with what plays. */
  | { readonly kind: 'run'; readonly seam?: boolean }
  /** Whole tags. */
  | { readonly kind: 'bytes'; readonly flv: ArrayBuffer }
  | { readonly kind: 'rate'; readonly rate: number }
  | { readonly kind: 'seek'; readonly dtsMs: number }
  | { readonly kind: 'ended' }
  | { readonly kind: 'notice'; readonly notice: ViewerNotice };

/** From the page. */
export interface PlayheadMessage {
  readonly playhead: Playhead;
  /** Runs begun so far: the times of two runs may have nothing to do with each other. */
  readonly runs: number;
}
