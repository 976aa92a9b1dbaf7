/**
 * Little FLVs for tests: tags that say what they are and when they are due.
 */

import { FILE_HEADER_BYTES, hasFlvHeader } from '../../carrier/flv-tags.ts';
import { readTags } from '../flv-tags.ts';

const BODIES = {
  script: [18, [2, 0, 1]],
  'video-config': [9, [0x17, 0, 0, 0, 0, 1, 0x42, 0xc0, 0x1e]],
  'audio-config': [8, [0xaf, 0, 0x12, 0x10]],
  key: [9, [0x17, 1, 0, 0, 0, 7]],
  picture: [9, [0x27, 1, 0, 0, 0, 8]],
  sound: [8, [0xaf, 1, 5]],
} as const;

/** Header, with or without a promise of pictures. */
export const header = (pictures = true): Uint8Array =>
  Uint8Array.from([0x46, 0x4c, 0x56, 1, pictures ? 5 : 4, 0, 0, 0, 9, 0, 0, 0, 0]);

/** A tag; `padding` makes it larger. */
export const tag = (kind: keyof typeof BODIES, ms: number, padding = 0): Uint8Array => {
  const [type, body] = BODIES[kind];
  const size = body.length + padding;
  const bytes = new Uint8Array(11 + size + 4);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, (type << 24) | size);
  view.setUint32(4, (((ms & 0xff_ffff) << 8) | (ms >>> 24)) >>> 0);
  bytes.set(body, 11);
  view.setUint32(11 + size, 11 + size);
  return bytes;
};

/** Bytes in a row. */
export const row = (...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
};

/** What a reader sees: `header`, or content and time of a tag. */
export const seen = (...parts: readonly Uint8Array[]): readonly string[] => {
  const bytes = row(...parts);
  const begins = hasFlvHeader(bytes);
  const tags = readTags(bytes, begins ? FILE_HEADER_BYTES : 0).map(({ content, ms }) => `${content} ${ms}`);
  return begins ? ['header', ...tags] : tags;
};
