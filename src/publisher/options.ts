/**
 * The options of a publisher, checked once, with their defaults.
 */
import { ShoalError } from '../errors.ts';
import type { CameraWish } from './capture.ts';
import type { AudioWish, VideoWish } from './sending/control.ts';

/** Where pictures and sound come from. */
export type PublishSource = 'camera' | 'screen' | MediaStream;

/** How pictures are captured and encoded; everything has a default. */
export interface PictureOptions {
  readonly width?: number;
  readonly height?: number;
  readonly frameRate?: number;
  /** Bits a second at most, and the least the rate is lowered to on a slow line. */
  readonly maxBitrate?: number;
  readonly minBitrate?: number;
  readonly keyframeSeconds?: number;
  readonly deviceId?: string;
}

/** How sound is captured and encoded. */
export interface SoundOptions {
  readonly bitrate?: number;
  readonly deviceId?: string;
}

/** What a publisher is made with. */
export interface PublisherOptions {
  /** Address the stream is published at, `wss://host/publish/live/door?key=...`; `http(s)` is taken for `ws(s)`. */
  readonly url: string;
  /** The camera with its microphone unless given. */
  readonly source?: PublishSource;
  /** False for sound alone. */
  readonly video?: boolean | PictureOptions;
  /** False for pictures alone. */
  readonly audio?: boolean | SoundOptions;
}

/** Checked options. */
export interface ParsedPublisher {
  readonly address: string;
  readonly source: PublishSource;
  readonly capture: CameraWish;
  readonly video: VideoWish | undefined;
  readonly audio: AudioWish | undefined;
}

const bad = (detail: string): ShoalError => new ShoalError('options/invalid', { detail });

/** Checks options; throws `options/invalid`. */
export const parsePublisher = (options: PublisherOptions): ParsedPublisher => {
  const { source = 'camera' } = options;
  const address = parseAddress(options.url);
  const isStream = typeof MediaStream !== 'undefined' && source instanceof MediaStream;
  if (source !== 'camera' && source !== 'screen' && !isStream) throw bad('source');
  const picture = options.video === false ? undefined : parsePicture(options.video, source);
  const sound = options.audio === false ? undefined : parseSound(options.audio);
  if (picture === undefined && sound === undefined) throw bad('video and audio are both off');
  const { width, height, frameRate } = picture ?? { width: WIDTH, height: HEIGHT, frameRate: FRAME_RATE };
  return {
    address,
    source,
    capture: {
      width,
      height,
      frameRate,
      sound: sound !== undefined,
      picture: picture !== undefined,
      cameraId: picture?.deviceId,
      microphoneId: sound?.deviceId,
    },
    video: picture?.wish,
    audio: sound === undefined ? undefined : { bitsPerSec: sound.bitsPerSec },
  };
};

const parseAddress = (url: unknown): string => {
  if (typeof url !== 'string' || !URL.canParse(url)) throw bad('url');
  const address = new URL(url);
  if (!/^(https?|wss?):$/.test(address.protocol)) throw bad('url');
  return address.href.replace(/^http/, 'ws');
};

const parsePicture = (given: true | PictureOptions | undefined, source: PublishSource) => {
  const options = given === true || given === undefined ? {} : given;
  const isScreen = source === 'screen';
  const width = whole('video.width', options.width, isScreen ? SCREEN_WIDTH : WIDTH, [16, 8192]);
  const height = whole('video.height', options.height, isScreen ? SCREEN_HEIGHT : HEIGHT, [16, 8192]);
  const frameRate = whole('video.frameRate', options.frameRate, FRAME_RATE, [1, 120]);
  const usual = Math.round(Math.min(BITRATE_MAX, Math.max(BITRATE_MIN, width * height * frameRate * BITS_PER_PIXEL)));
  const max = whole('video.maxBitrate', options.maxBitrate, usual, [10_000, 100_000_000]);
  const min = whole('video.minBitrate', options.minBitrate, Math.min(max, Math.max(80_000, Math.round(max / 10))), [
    10_000,
    max,
  ]);
  const keyframeSeconds = whole('video.keyframeSeconds', options.keyframeSeconds, KEYFRAME_SECONDS, [1, 20]);
  const wish: VideoWish = { min, max, widthMax: width, heightMax: height, frameRate, keyframeSeconds };
  return { width, height, frameRate, wish, deviceId: deviceOf('video.deviceId', options.deviceId) };
};

const parseSound = (given: true | SoundOptions | undefined) => {
  const options = given === true || given === undefined ? {} : given;
  return {
    bitsPerSec: whole('audio.bitrate', options.bitrate, SOUND_BITRATE, [6000, 510_000]),
    deviceId: deviceOf('audio.deviceId', options.deviceId),
  };
};

const whole = (name: string, value: unknown, fallback: number, [least, most]: readonly [number, number]): number => {
  if (value === undefined) return fallback;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) throw bad(name);
  return value;
};

const deviceOf = (name: string, value: unknown): string | undefined => {
  if (value !== undefined && typeof value !== 'string') throw bad(name);
  return value;
};

const WIDTH = 1280;
const HEIGHT = 720;
const SCREEN_WIDTH = 1920;
const SCREEN_HEIGHT = 1080;
const FRAME_RATE = 30;
const KEYFRAME_SECONDS = 2;
const BITS_PER_PIXEL = 0.07;
const BITRATE_MIN = 300_000;
const BITRATE_MAX = 6_000_000;
const SOUND_BITRATE = 96_000;
