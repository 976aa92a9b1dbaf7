/**
 * The tags of a buffer of FLV, as far as a timeline needs to know them: track, timestamp and what is in them.
 */

/** Length of an FLV file header and the size that follows it. */
export const FILE_HEADER_BYTES = 13;

export type Track = 'audio' | 'video';

/** One tag of sound or picture. */
export interface FlvTag {
  readonly track: Track;
  readonly content: 'config' | 'sample' | 'both' | 'other';
  /** A picture that needs no other. */
  readonly keyframe: boolean;
  readonly ms: number;
  /** Where the tag begins and ends in its buffer, the size behind it included. */
  readonly at: number;
  readonly end: number;
}

const TAG_HEADER_BYTES = 11;
const PREVIOUS_SIZE_BYTES = 4;
const AUDIO = 8;
const VIDEO = 9;
const KEYFRAME = 1;

/** All whole tags of sound and picture from a place on. */
export function* flvTags(view: DataView, from: number): Generator<FlvTag> {
  let at = from;
  while (at + TAG_HEADER_BYTES + PREVIOUS_SIZE_BYTES <= view.byteLength) {
    const kind = view.getUint8(at);
    const size = view.getUint32(at) & 0xff_ffff;
    const end = at + TAG_HEADER_BYTES + size + PREVIOUS_SIZE_BYTES;
    if (end > view.byteLength) return;
    if (size >= 2 && (kind === AUDIO || kind === VIDEO)) {
      const first = view.getUint8(at + TAG_HEADER_BYTES);
      const second = view.getUint8(at + TAG_HEADER_BYTES + 1);
      const track = kind === AUDIO ? 'audio' : 'video';
      const content = track === 'audio' ? audioContent(first, second) : videoContent(first, second);
      const keyframe = track === 'video' && ((first >> 4) & 7) === KEYFRAME;
      yield { track, content, keyframe, ms: timeAt(view, at), at, end };
    }
    at = end;
  }
}

/** Writes another timestamp into a tag. */
export const setTime = (view: DataView, at: number, ms: number): void => {
  view.setUint8(at + 4, (ms >>> 16) & 0xff);
  view.setUint8(at + 5, (ms >>> 8) & 0xff);
  view.setUint8(at + 6, ms & 0xff);
  view.setUint8(at + 7, (ms >>> 24) & 0xff);
};

const timeAt = (view: DataView, at: number): number => (view.getUint32(at + 4) >>> 8) | (view.getUint8(at + 7) << 24);

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
