/**
 * FLV as a row of tags: where each begins and ends, what it holds, when it is due. Reads headers only and never throws;
 * what does not look like a tag ends the row.
 */

/** Bytes of an FLV header with the empty size field behind it. */
export const FLV_HEADER_BYTES = 13;

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

const TAG_HEADER_BYTES = 11;
const SIZE_BYTES = 4;
const AUDIO = 8;
const VIDEO = 9;
const SCRIPT = 18;

/** Whether bytes begin with an FLV header. */
export const hasFlvHeader = (bytes: Uint8Array): boolean =>
  bytes.length >= 9 && bytes[0] === 0x46 && bytes[1] === 0x4c && bytes[2] === 0x56;

/** Whether a header promises pictures. */
export const promisesPictures = (bytes: Uint8Array): boolean => ((bytes[4] ?? 0) & 1) !== 0;

/** The whole tags of a buffer from `at` on; what follows the last of them is left over. */
export const readTags = (bytes: Uint8Array, at: number): FlvTag[] => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tags: FlvTag[] = [];
  for (let start = at; start + TAG_HEADER_BYTES + SIZE_BYTES <= view.byteLength; ) {
    const size = view.getUint32(start) & 0xff_ffff;
    const end = start + TAG_HEADER_BYTES + size + SIZE_BYTES;
    if (end > view.byteLength) break;
    const first = size > 0 ? view.getUint8(start + TAG_HEADER_BYTES) : 0;
    const second = size > 1 ? view.getUint8(start + TAG_HEADER_BYTES + 1) : 0;
    tags.push({ content: contentOf(view.getUint8(start), first, second), ms: readMs(view, start), start, end });
    start = end;
  }
  return tags;
};

/** Gives a tag another time. */
export const writeMs = (bytes: Uint8Array, tag: FlvTag, ms: number): void => {
  bytes[tag.start + 4] = (ms >>> 16) & 0xff;
  bytes[tag.start + 5] = (ms >>> 8) & 0xff;
  bytes[tag.start + 6] = ms & 0xff;
  bytes[tag.start + 7] = (ms >>> 24) & 0xff;
};

/** What a tag carries, without its header and its size field. */
export const bodyOf = (bytes: Uint8Array, tag: FlvTag): Uint8Array =>
  bytes.subarray(tag.start + TAG_HEADER_BYTES, tag.end - SIZE_BYTES);

const readMs = (view: DataView, start: number): number =>
  ((view.getUint32(start + 4) >>> 8) | (view.getUint8(start + 7) << 24)) >>> 0;

const contentOf = (kind: number, first: number, second: number): TagContent => {
  switch (kind & 31) {
    case SCRIPT:
      return 'script';
    case AUDIO:
      return soundOf(first, second);
    case VIDEO:
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
