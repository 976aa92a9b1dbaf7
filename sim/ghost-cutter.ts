/**
 * When an origin closes pieces and how long they are: a keyframe fills several pieces at one moment, the frames after it
 * fill shorter ones at a steady pace.
 */

/** What the stream is like. */
export interface StreamOptions {
  readonly bitsPerSec: number;
  readonly gopMs: number;
  /** Bytes at which a piece is closed. */
  readonly pieceBytes: number;
}

/** One piece of a group of pictures: when it is closed after the group's start, and how long it is. */
export interface Slot {
  readonly atMs: number;
  readonly bytes: number;
}

/** The slots of a group, and how many of them are its keyframe. */
export interface GroupPlan {
  readonly slots: readonly Slot[];
  readonly keyPieces: number;
}

/** Share of a group's bytes that is its keyframe. */
const KEYFRAME_SHARE = 0.16;

/** The pieces of one group; every group of a stream is alike. */
export const planGroup = (stream: StreamOptions): GroupPlan => {
  const groupBytes = ((stream.bitsPerSec / 8) * stream.gopMs) / 1000;
  const keyBytes = groupBytes * KEYFRAME_SHARE;
  const keyPieces = Math.max(1, Math.ceil(keyBytes / stream.pieceBytes));
  const steady = Math.max(1, Math.ceil((groupBytes - keyBytes) / stream.pieceBytes));
  const slots = [
    ...Array.from({ length: keyPieces }, () => ({ atMs: 0, bytes: Math.round(keyBytes / keyPieces) })),
    ...Array.from({ length: steady }, (_, at) => ({
      atMs: Math.round(((at + 1) * stream.gopMs) / (steady + 1)),
      bytes: Math.round((groupBytes - keyBytes) / steady),
    })),
  ];
  return { slots, keyPieces };
};
