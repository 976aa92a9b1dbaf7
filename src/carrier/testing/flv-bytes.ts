/**
 * FLV written by hand: a file header, and tags of sound and picture.
 */

/** What a picture or sound holds besides its kind. */
export interface TagOf {
  readonly kind: 'picture' | 'keyframe' | 'sound' | 'picture-settings' | 'sound-settings';
  readonly ms: number;
  /** Tells one content from another. */
  readonly mark?: number;
}

const STARTS = {
  picture: [9, 0x27, 1],
  keyframe: [9, 0x17, 1],
  sound: [8, 0xaf, 1],
  'picture-settings': [9, 0x17, 0],
  'sound-settings': [8, 0xaf, 0],
} as const;

/** A file header for sound and picture. */
export const FLV_START: readonly number[] = [0x46, 0x4c, 0x56, 1, 5, 0, 0, 0, 9, 0, 0, 0, 0];

/** Tags, one after the other. */
export const tagsOf = (...tags: readonly TagOf[]): number[] =>
  tags.flatMap(({ kind, ms, mark = 0 }) => {
    const [type, first, second] = STARTS[kind];
    const time = [(ms >> 16) & 255, (ms >> 8) & 255, ms & 255, (ms >> 24) & 255];
    return [type, 0, 0, 6, ...time, 0, 0, 0, first, second, 0, 0, 0, mark, 0, 0, 0, 17];
  });

/** A buffer of these bytes. */
export const bufferOf = (...bytes: readonly number[]): ArrayBuffer => Uint8Array.from(bytes).buffer;
