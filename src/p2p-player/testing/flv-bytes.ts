/**
 * FLV by hand, as small as it gets.
 */

const TYPES = { audio: 8, video: 9, script: 18 } as const;

/** The file header with the first trailing length; 5 says audio and video. */
export const flvHeader = (flags = 5): Buffer => Buffer.from([0x46, 0x4c, 0x56, 1, flags, 0, 0, 0, 9, 0, 0, 0, 0]);

/** A whole tag. */
export const flvTag = (type: keyof typeof TYPES, body: readonly number[], ms = 0): Buffer => {
  const size = body.length;
  const header = [TYPES[type], size >> 16, size >> 8, size, ms >> 16, ms >> 8, ms, ms >> 24, 0, 0, 0];
  const previous = [0, 0, (size + 11) >> 8, size + 11];
  return Buffer.from([...header, ...body, ...previous].map((byte) => byte & 255));
};

/** The smallest bodies of AVC and AAC. */
export const bodies = {
  videoConfig: [0x17, 0, 0, 0, 0],
  keyframe: [0x17, 1, 0, 0, 0, 1],
  frame: [0x27, 1, 0, 0, 0, 2],
  audioConfig: [0xaf, 0, 0x12, 0x10],
  audio: [0xaf, 1, 3],
} as const;
