// One uninterrupted run of pieces under one name, whoever cut it: what viewers of a stream are served from.

import type { PieceWindow, PublishedHead } from './piece-window.ts';

/** See above. */
export interface Epoch {
  readonly id: Uint8Array<ArrayBuffer>;
  readonly hex: string;
  readonly window: PieceWindow;
  /** K; undefined before the first head. */
  readonly substreams: number | undefined;
  /** Bytes a second. */
  readonly byteRate: number;
  readonly encrypted: boolean;
  /** Generation of the content key in use. */
  readonly generation: number;
  /** The newest head. */
  readonly head: PublishedHead | undefined;
  /** The head in force at a piece. */
  headAt(sequence: number): PublishedHead | undefined;
  /** The content key of a generation; undefined when pieces are clear, or when it is not known here. */
  contentKey(generation: number): Uint8Array<ArrayBuffer> | undefined;
}
