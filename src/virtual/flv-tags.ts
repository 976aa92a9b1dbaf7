/**
 * What the tags of a response mean to somebody who joins, skips or splices. Reads headers only and never throws.
 */
import {
  AUDIO_TAG,
  PREVIOUS_SIZE_BYTES,
  SCRIPT_TAG,
  setTime,
  TAG_HEADER_BYTES,
  tagPlaces,
  VIDEO_TAG,
} from '../carrier/flv-tags.ts';

/** What a tag means to somebody who joins, skips or splices. */
export type TagContent =
  /** Stream metadata. */
  | 'script'
  /** Decoder configuration. */
  | 'video-config'
  | 'audio-config'
  /** A picture that needs no other. */
  | 'key'
  | 'picture'
  | 'sound'
  | 'other';

/** One tag inside a buffer. */
export interface FlvTag {
  readonly content: TagContent;
  readonly ms: number;
  /** First byte, and first byte after its trailing size field. */
  readonly start: number;
  readonly end: number;
}

/** Whether a header promises pictures. */
export const promisesPictures = (bytes: Uint8Array): boolean => ((bytes[4] ?? 0) & 1) !== 0;

/** The whole tags of a buffer from `at` on; what follows the last of them is left over. */
export const readTags = (bytes: Uint8Array, at: number): FlvTag[] => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from(tagPlaces(view, at), ({ kind, first, second, ms, at: start, end }) => ({
    content: contentOf(kind, first, second),
    ms,
    start,
    end,
  }));
};

/** Gives a tag another time. */
export const writeMs = (bytes: Uint8Array, tag: FlvTag, ms: number): void =>
  setTime(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), tag.start, ms);

/** What a tag carries, without its header and its size field. */
export const bodyOf = (bytes: Uint8Array, tag: FlvTag): Uint8Array =>
  bytes.subarray(tag.start + TAG_HEADER_BYTES, tag.end - PREVIOUS_SIZE_BYTES);

const contentOf = (kind: number, first: number, second: number): TagContent => {
  switch (kind & 31) {
    case SCRIPT_TAG:
      return 'script';
    case AUDIO_TAG:
      return soundOf(first, second);
    case VIDEO_TAG:
      return pictureOf(first, second);
    default:
      return 'other';
  }
};

const AAC = 10;
const ENHANCED_AUDIO = 9;

const soundOf = (first: number, second: number): TagContent => {
  const format = first >> 4;
  const isConfig = (format === AAC && second === 0) || (format === ENHANCED_AUDIO && (first & 15) === 0);
  return isConfig ? 'audio-config' : 'sound';
};

const AVC = 7;
const HEVC = 12;

const pictureOf = (first: number, second: number): TagContent => {
  const isEnhanced = (first & 0x80) !== 0;
  const hasPackets = isEnhanced || (first & 15) === AVC || (first & 15) === HEVC;
  const packet = isEnhanced ? first & 15 : second;
  if (hasPackets && packet === 0) return 'video-config';
  if (hasPackets && packet !== 1 && !(isEnhanced && packet === 3)) return 'other';
  return ((first >> 4) & 7) === 1 ? 'key' : 'picture';
};
