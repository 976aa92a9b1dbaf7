// What the sound and pictures of a stream are made of, from its codec headers and frames.

import { AUDIO_TAG, type Tag, VIDEO_TAG } from './tags.ts';

/** Codecs of pictures that can be told apart. */
export type PictureCodec = 'avc' | 'hevc' | 'av1' | 'vp9' | 'other';
/** Codecs of sound that can be told apart. */
export type SoundCodec = 'aac' | 'mp3' | 'opus' | 'other';

const ENHANCED_SOUND = 9;
const LEGACY_SOUND: Readonly<Record<number, SoundCodec>> = { 2: 'mp3', 10: 'aac', 14: 'mp3' };
const FOUR_CC_SOUND: Readonly<Record<string, SoundCodec>> = { Opus: 'opus', mp4a: 'aac', '.mp3': 'mp3' };
const LEGACY_PICTURE: Readonly<Record<number, PictureCodec>> = { 7: 'avc', 12: 'hevc' };
const FOUR_CC_PICTURE: Readonly<Record<string, PictureCodec>> = { avc1: 'avc', hvc1: 'hevc', av01: 'av1', vp09: 'vp9' };

/** What a tag carries once its header is taken off: `body` is the codec's own bytes. */
export type MediaPacket = PicturePacket | SoundPacket;

/** Pictures. */
export interface PicturePacket {
  readonly of: 'picture';
  readonly codec: PictureCodec;
  readonly kind: 'config' | 'frame' | 'other';
  readonly keyframe: boolean;
  readonly offsetMs: number;
  readonly body: Buffer;
}

/** Sound. */
export interface SoundPacket {
  readonly of: 'sound';
  readonly codec: SoundCodec;
  readonly kind: 'config' | 'frame' | 'other';
  readonly body: Buffer;
}

/** The packet in a tag; undefined for metadata and for tags too short to be one. */
export const packetOf = ({ type, data }: Tag): MediaPacket | undefined => {
  if (data.length < 2) return undefined;
  if (type === VIDEO_TAG) return pictureOf(data);
  return type === AUDIO_TAG ? soundOf(data) : undefined;
};

const pictureOf = (data: Buffer): PicturePacket | undefined => {
  const first = data.readUInt8(0);
  if ((first & 0x80) !== 0) return enhancedPicture(first, data);
  const codec = LEGACY_PICTURE[first & 15] ?? 'other';
  const keyframe = first >> 4 === 1;
  if (codec === 'other') return { of: 'picture', codec, kind: 'frame', keyframe, offsetMs: 0, body: data.subarray(1) };
  if (data.length < 5) return undefined;
  const packet = data.readUInt8(1);
  return {
    of: 'picture',
    codec,
    kind: packet === 0 ? 'config' : packet === 1 ? 'frame' : 'other',
    keyframe,
    offsetMs: data.readIntBE(2, 3),
    body: data.subarray(5),
  };
};

/** Packet types of enhanced FLV: 0 a header, 1 frames with a time offset, 3 frames without one. */
const enhancedPicture = (first: number, data: Buffer): PicturePacket | undefined => {
  if (data.length < 5) return undefined;
  const codec = FOUR_CC_PICTURE[data.toString('latin1', 1, 5)] ?? 'other';
  const packet = first & 15;
  const offset = packet === 1 && (codec === 'avc' || codec === 'hevc');
  if (offset && data.length < 8) return undefined;
  return {
    of: 'picture',
    codec,
    kind: packet === 0 ? 'config' : packet === 1 || packet === 3 ? 'frame' : 'other',
    keyframe: ((first >> 4) & 7) === 1,
    offsetMs: offset ? data.readIntBE(5, 3) : 0,
    body: data.subarray(offset ? 8 : 5),
  };
};

const soundOf = (data: Buffer): SoundPacket | undefined => {
  const first = data.readUInt8(0);
  if (first >> 4 === ENHANCED_SOUND) {
    if (data.length < 5) return undefined;
    const codec = FOUR_CC_SOUND[data.toString('latin1', 1, 5)] ?? 'other';
    const packet = first & 15;
    const kind = packet === 0 ? 'config' : packet === 1 ? 'frame' : 'other';
    return { of: 'sound', codec, kind, body: data.subarray(5) };
  }
  const codec = LEGACY_SOUND[first >> 4] ?? 'other';
  if (codec !== 'aac') return { of: 'sound', codec, kind: 'frame', body: data.subarray(1) };
  return { of: 'sound', codec, kind: data.readUInt8(1) === 0 ? 'config' : 'frame', body: data.subarray(2) };
};
