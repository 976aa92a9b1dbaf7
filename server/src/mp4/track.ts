// What MP4 says of one track: its codec, and how its time is counted.

import { pictureSize } from './picture-size.ts';

/** Pictures. */
export interface PictureTrack {
  readonly of: 'picture';
  readonly id: number;
  readonly codec: 'avc' | 'hevc';
  /** The decoder configuration record. */
  readonly config: Buffer;
  /** Ticks a second. */
  readonly timescale: number;
  readonly width: number;
  readonly height: number;
}

/** Sound. */
export interface SoundTrack {
  readonly of: 'sound';
  readonly id: number;
  readonly codec: 'aac' | 'mp3';
  /** The AudioSpecificConfig of AAC; MP3 has none. */
  readonly config: Buffer;
  readonly timescale: number;
  readonly channels: number;
  /** Samples of a frame. */
  readonly frameSamples: number;
}

/** A track. */
export type Track = PictureTrack | SoundTrack;

/** Ids of the tracks, the same in every file. */
export const PICTURE_TRACK = 1;
export const SOUND_TRACK = 2;

const PICTURE_TIMESCALE = 90_000;
const AAC_RATES = [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350];
const MP3_RATES = [44_100, 48_000, 32_000];
const RATE_FOLLOWS = 15;

/** The track of a decoder configuration. */
export const pictureTrack = (codec: 'avc' | 'hevc', config: Buffer): PictureTrack => {
  const { width, height } = pictureSize(codec, config) ?? { width: 0, height: 0 };
  return { of: 'picture', id: PICTURE_TRACK, codec, config, timescale: PICTURE_TIMESCALE, width, height };
};

/** The track of an AudioSpecificConfig; undefined when it cannot be read. */
export const aacTrack = (config: Buffer): SoundTrack | undefined => {
  if (config.length < 2) return undefined;
  const bits = config.readUInt16BE();
  const index = (bits >> 7) & 15;
  const follows = index === RATE_FOLLOWS && config.length >= 5;
  const timescale = follows ? (config.readUIntBE(1, 4) >>> 7) & 0xffffff : AAC_RATES[index];
  if (timescale === undefined || timescale === 0) return undefined;
  const channels = follows ? (config.readUInt8(4) >> 3) & 15 : (bits >> 3) & 15;
  return { of: 'sound', id: SOUND_TRACK, codec: 'aac', config, timescale, channels: channels || 2, frameSamples: 1024 };
};

/** The track of MP3, from the header of one of its frames; undefined when it is none. */
export const mp3Track = (frame: Buffer): SoundTrack | undefined => {
  if (frame.length < 4 || frame.readUInt16BE() >> 5 !== 0x7ff) return undefined;
  const version = (frame.readUInt8(1) >> 3) & 3;
  const base = MP3_RATES[(frame.readUInt8(2) >> 2) & 3];
  if (base === undefined || version === 1) return undefined;
  const timescale = version === 3 ? base : version === 2 ? base / 2 : base / 4;
  const channels = frame.readUInt8(3) >> 6 === 3 ? 1 : 2;
  const frameSamples = version === 3 ? 1152 : 576;
  return { of: 'sound', id: SOUND_TRACK, codec: 'mp3', config: Buffer.alloc(0), timescale, channels, frameSamples };
};

/** What a playlist calls the codec (RFC 6381). */
export const codecName = (track: Track): string => {
  if (track.of === 'sound') return track.codec === 'mp3' ? 'mp4a.40.34' : `mp4a.40.${aacObject(track.config)}`;
  return track.codec === 'avc' ? `avc1.${track.config.toString('hex', 1, 4)}` : hevcName(track.config);
};

const aacObject = (config: Buffer): number => {
  const object = config.readUInt8(0) >> 3;
  return object === 31 ? 32 + ((config.readUInt16BE() >> 5) & 63) : object;
};

const hevcName = (record: Buffer): string => {
  const first = record.readUInt8(1);
  const space = ['', 'A', 'B', 'C'][first >> 6] ?? '';
  let compatibility = 0;
  for (let bit = 0; bit < 32; bit++) if ((record.readUInt32BE(2) & (2 ** (31 - bit))) !== 0) compatibility += 2 ** bit;
  const tier = (first & 32) !== 0 ? 'H' : 'L';
  const constraints = record
    .subarray(6, 12)
    .toString('hex')
    .replace(/(00)+$/, '');
  const bytes =
    constraints.match(/../g)?.map((byte) => `.${Number.parseInt(byte, 16).toString(16).toUpperCase()}`) ?? [];
  return `hvc1.${space}${first & 31}.${compatibility.toString(16).toUpperCase()}.${tier}${record.readUInt8(12)}${bytes.join('')}`;
};
