/**
 * What the page and its part in the audio thread say to each other.
 */

/** Name under which that part is registered. */
export const RECORDER_PROCESSOR = 'shoal-recorder';

/** What it is made with. */
export interface ProcessorWish {
  readonly sampleRate: number;
  readonly frameBytes: number;
}

/** To it. */
export type ProcessorOrder = 'pause' | 'resume' | 'stop';

/** From it: full frames; after `stop` the last one, which may be short or missing, and then `ended`. */
export type ProcessorWord =
  | { readonly kind: 'frame'; readonly bytes: ArrayBuffer }
  | { readonly kind: 'ended'; readonly bytes: ArrayBuffer | undefined };
