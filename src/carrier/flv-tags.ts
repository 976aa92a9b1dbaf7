/**
 * FLV as a row of tags, for all who look into a stream on its way: where each begins and ends, when it is due, what is in it.
 * What is no whole tag any more ends the row.
 */

/** Length of an FLV file header and the empty size that follows it. */
export const FILE_HEADER_BYTES = 13;
export const TAG_HEADER_BYTES = 11;
/** Of the size behind each tag. */
export const PREVIOUS_SIZE_BYTES = 4;
export const AUDIO_TAG = 8;
export const VIDEO_TAG = 9;
export const SCRIPT_TAG = 18;

/** One tag of any kind. */
export interface TagPlace {
  readonly kind: number;
  readonly ms: number;
  /** Where the tag begins and ends in its buffer, the size behind it included. */
  readonly at: number;
  readonly end: number;
  /** The first two bytes of its body, 0 where it has none. */
  readonly first: number;
  readonly second: number;
}

export type Track = 'audio' | 'video';

/** One tag of sound or picture. */
export interface FlvTag {
  readonly track: Track;
  readonly content: 'config' | 'sample' | 'both' | 'other';
  /** A picture that needs no other. */
  readonly keyframe: boolean;
  readonly ms: number;
  readonly at: number;
  readonly end: number;
}

const KEYFRAME = 1;

/** Whether bytes begin with an FLV header. */
export const hasFlvHeader = (bytes: Uint8Array): boolean =>
  bytes.length >= 9 && bytes[0] === 0x46 && bytes[1] === 0x4c && bytes[2] === 0x56;

/** All whole tags from a place on. */
export function* tagPlaces(view: DataView, from: number): Generator<TagPlace> {
  for (let at = from; at + TAG_HEADER_BYTES + PREVIOUS_SIZE_BYTES <= view.byteLength; ) {
    const size = view.getUint32(at) & 0xff_ffff;
    const end = at + TAG_HEADER_BYTES + size + PREVIOUS_SIZE_BYTES;
    if (end > view.byteLength) return;
    const first = size > 0 ? view.getUint8(at + TAG_HEADER_BYTES) : 0;
    const second = size > 1 ? view.getUint8(at + TAG_HEADER_BYTES + 1) : 0;
    yield { kind: view.getUint8(at), ms: timeAt(view, at), at, end, first, second };
    at = end;
  }
}

/** All whole tags of sound and picture from a place on. */
export function* flvTags(view: DataView, from: number): Generator<FlvTag> {
  for (const { kind, ms, at, end, first, second } of tagPlaces(view, from)) {
    if (end - at < TAG_HEADER_BYTES + PREVIOUS_SIZE_BYTES + 2 || (kind !== AUDIO_TAG && kind !== VIDEO_TAG)) continue;
    const track = kind === AUDIO_TAG ? 'audio' : 'video';
    const content = track === 'audio' ? audioContent(first, second) : videoContent(first, second);
    const keyframe = track === 'video' && ((first >> 4) & 7) === KEYFRAME;
    yield { track, content, keyframe, ms, at, end };
  }
}

/** Writes another timestamp into a tag. */
export const setTime = (view: DataView, at: number, ms: number): void => {
  view.setUint8(at + 4, (ms >>> 16) & 0xff);
  view.setUint8(at + 5, (ms >>> 8) & 0xff);
  view.setUint8(at + 6, ms & 0xff);
  view.setUint8(at + 7, (ms >>> 24) & 0xff);
};

const timeAt = (view: DataView, at: number): number =>
  ((view.getUint32(at + 4) >>> 8) | (view.getUint8(at + 7) << 24)) >>> 0;

const audioContent = (first: number, second: number): FlvTag['content'] => {
  const format = first >> 4;
  if (format === 10) return second === 0 ? 'config' : 'sample';
  // Enhanced FLV says its packet type in the low bits; MP3 and PCM need no configuration of their own.
  if (format === 9) return (first & 15) === 0 ? 'config' : (first & 15) === 1 ? 'sample' : 'other';
  return 'both';
};

const videoContent = (first: number, second: number): FlvTag['content'] => {
  const isEnhanced = (first & 0x80) !== 0;
  const packet = isEnhanced ? first & 15 : second;
  if (packet === 0) return 'config';
  return packet === 1 || (isEnhanced && packet === 3) ? 'sample' : 'other';
};
