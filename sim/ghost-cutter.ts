/**
 * When an origin closes pieces and how long they are: a keyframe fills several pieces at one moment, the frames after it
 * fill shorter ones at a steady pace.
 */

/** What the stream is like. */
export interface StreamOptions {
  readonly bitsPerSec: number;
  readonly gopMs: number;
  /** Time between two pieces that are no part of a keyframe. */
  readonly pieceMs: number;
}

/** One piece of a group of pictures: when it is closed after the group's start, and how long it is. */
export interface Slot {
  readonly atMs: number;
  readonly bytes: number;
}

const BODY_MAX = 8_192;
/** Share of a group's bytes that is its keyframe. */
const KEYFRAME_SHARE = 0.16;

/** The pieces of one group; every group of a stream is alike. */
export const slotsOf = (stream: StreamOptions): readonly Slot[] => {
  const groupBytes = ((stream.bitsPerSec / 8) * stream.gopMs) / 1000;
  const keyPieces = Math.max(1, Math.round((groupBytes * KEYFRAME_SHARE) / BODY_MAX));
  const steady = Math.max(1, Math.round(stream.gopMs / stream.pieceMs));
  const keyBytes = Math.min(keyPieces * BODY_MAX, groupBytes * KEYFRAME_SHARE);
  const rest = Math.min(BODY_MAX, Math.round((groupBytes - keyBytes) / steady));
  return [
    ...Array.from({ length: keyPieces }, () => ({ atMs: 0, bytes: Math.round(keyBytes / keyPieces) })),
    ...Array.from({ length: steady }, (_, at) => ({
      atMs: Math.round(((at + 0.5) * stream.gopMs) / steady),
      bytes: rest,
    })),
  ];
};
