// Makes synthetic FLV streams for tests of every room: real codec headers, length-prefixed NAL units, plausible sizes
// and timestamps, and payload bytes from a seed. The pictures do not decode; everything a splitter looks at is right.

import { random } from './random.ts';

/** What carries the pictures; `none` makes an audio-only stream. `hevc-legacy` is codec id 12, the others FourCC. */
export type VideoCodec = 'avc' | 'hevc' | 'hevc-legacy' | 'av1' | 'vp9' | 'none';
/** What carries the sound. */
export type AudioCodec = 'aac' | 'mp3' | 'opus' | 'none';

/** The shape of a stream; everything has a default. */
export interface FlvShape {
  readonly seconds?: number;
  readonly fps?: number;
  readonly gopSeconds?: number;
  readonly videoKbps?: number;
  readonly audioKbps?: number;
  readonly codec?: VideoCodec;
  readonly audio?: AudioCodec;
  readonly seed?: number;
  /** Timestamp of the first frame, ms. */
  readonly startMs?: number;
  /** Put an access unit delimiter in front of every AVC or HEVC frame. */
  readonly delimiters?: boolean;
}

const KIND = { audio: 8, video: 9, script: 18 } as const;
/** A keyframe is this many times the size of another frame. */
const KEYFRAME_WEIGHT = 5;

const hex = (text: string): Uint8Array => Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const text = (value: string): Uint8Array => Uint8Array.from(value, (letter) => letter.charCodeAt(0));

const AVC_CONFIG = hex('0142c01effe100196742c01ed900a02ff97011000003000100000300320f162e4801000568cb83cb20');
const HEVC_CONFIG = hex(
  '0101600000009000000000003ff000fcfdf8f800000f03' +
    'a00001001840010c01ffff01600000030090000003000003003f959809' +
    'a10001002a42010101600000030090000003000003003fa00502016965959a4932bc05a020000003002000000303' +
    '21a200010007' +
    '4401c172b46240',
);
const AV1_CONFIG = hex('81040c000a0b00000024cf7f0d2effb3081000');
const VP9_CONFIG = hex('010000000014820202020000');
const AAC_CONFIG = hex('1208');
const OPUS_CONFIG = hex('4f70757348656164010238010080bb0000000000');

/** Concatenates byte strings. */
export const concat = (...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};

/** One FLV tag: header, data and PreviousTagSize. */
export const makeTag = (type: number, dtsMs: number, data: Uint8Array): Uint8Array<ArrayBuffer> => {
  const tag = new Uint8Array(11 + data.length + 4);
  const view = new DataView(tag.buffer);
  view.setUint32(0, data.length);
  tag[0] = type;
  view.setUint32(4, ((dtsMs & 0xffffff) << 8) | ((dtsMs >>> 24) & 0xff));
  tag.set(data, 11);
  view.setUint32(11 + data.length, 11 + data.length);
  return tag;
};

/** The 9 bytes of file header and the first PreviousTagSize. */
export const makeFileHeader = (hasVideo: boolean, hasAudio: boolean): Uint8Array<ArrayBuffer> =>
  concat(text('FLV'), Uint8Array.of(1, (hasAudio ? 4 : 0) | (hasVideo ? 1 : 0), 0, 0, 0, 9, 0, 0, 0, 0));

/** An onMetaData tag with a few numbers. */
export const makeMetadata = (values: Readonly<Record<string, number>>): Uint8Array<ArrayBuffer> => {
  const name = (value: string): Uint8Array => concat(Uint8Array.of(0, value.length), text(value));
  const entries = Object.entries(values).map(([key, value]) => {
    const number = new Uint8Array(9);
    new DataView(number.buffer).setFloat64(1, value);
    return concat(name(key), number);
  });
  return concat(
    Uint8Array.of(2),
    name('onMetaData'),
    Uint8Array.of(8, 0, 0, 0, entries.length),
    ...entries,
    Uint8Array.of(0, 0, 9),
  );
};

/** A NAL unit behind its four-byte length. */
export const prefixed = (nal: Uint8Array): Uint8Array<ArrayBuffer> => {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, nal.length);
  return concat(length, nal);
};

interface Frame {
  readonly keyframe: boolean;
  readonly payload: Uint8Array;
  readonly delimiters: boolean;
}

interface VideoForm {
  readonly header: Uint8Array;
  readonly frame: (frame: Frame) => Uint8Array;
}

const fourCc = (first: number, code: string, ...rest: Uint8Array[]): Uint8Array =>
  concat(Uint8Array.of(first), text(code), ...rest);

const NO_OFFSET = new Uint8Array(3);
const frameType = (keyframe: boolean): number => (keyframe ? 1 : 2) << 4;

const avcUnits = ({ keyframe, payload, delimiters }: Frame): Uint8Array =>
  concat(
    delimiters ? prefixed(Uint8Array.of(9, 0xf0)) : new Uint8Array(0),
    prefixed(concat(Uint8Array.of(keyframe ? 0x65 : 0x41), payload)),
  );

const hevcUnits = ({ keyframe, payload, delimiters }: Frame): Uint8Array =>
  concat(
    delimiters ? prefixed(Uint8Array.of(35 << 1, 1, 0x50)) : new Uint8Array(0),
    prefixed(concat(Uint8Array.of((keyframe ? 19 : 1) << 1, 1), payload)),
  );

const VIDEO: Readonly<Record<Exclude<VideoCodec, 'none'>, VideoForm>> = {
  avc: {
    header: concat(Uint8Array.of(0x17, 0), NO_OFFSET, AVC_CONFIG),
    frame: (frame) => concat(Uint8Array.of(frameType(frame.keyframe) | 7, 1), NO_OFFSET, avcUnits(frame)),
  },
  hevc: {
    header: fourCc(0x90, 'hvc1', HEVC_CONFIG),
    frame: (frame) => fourCc(0x81 | frameType(frame.keyframe), 'hvc1', NO_OFFSET, hevcUnits(frame)),
  },
  'hevc-legacy': {
    header: concat(Uint8Array.of(0x1c, 0), NO_OFFSET, HEVC_CONFIG),
    frame: (frame) => concat(Uint8Array.of(frameType(frame.keyframe) | 12, 1), NO_OFFSET, hevcUnits(frame)),
  },
  av1: {
    header: fourCc(0x90, 'av01', AV1_CONFIG),
    frame: ({ keyframe, payload }) => fourCc(0x81 | frameType(keyframe), 'av01', payload),
  },
  vp9: {
    header: fourCc(0x90, 'vp09', VP9_CONFIG),
    frame: ({ keyframe, payload }) => fourCc(0x81 | frameType(keyframe), 'vp09', payload),
  },
};

interface AudioForm {
  readonly header: Uint8Array | undefined;
  readonly prefix: Uint8Array;
  /** Duration of one frame, ms. */
  readonly frameMs: number;
}

const AUDIO: Readonly<Record<Exclude<AudioCodec, 'none'>, AudioForm>> = {
  aac: { header: concat(Uint8Array.of(0xaf, 0), AAC_CONFIG), prefix: Uint8Array.of(0xaf, 1), frameMs: 1024 / 44.1 },
  mp3: { header: undefined, prefix: Uint8Array.of(0x2f), frameMs: 1152 / 44.1 },
  opus: { header: fourCc(0x90, 'Opus', OPUS_CONFIG), prefix: fourCc(0x91, 'Opus'), frameMs: 20 },
};

/** A whole stream in one buffer. */
export const makeFlv = (shape: FlvShape = {}): Uint8Array<ArrayBuffer> => {
  const { seconds = 4, fps = 25, gopSeconds = 2, videoKbps = 1000, audioKbps = 64, seed = 1, startMs = 0 } = shape;
  const { codec = 'avc', audio = 'aac', delimiters = false } = shape;
  const dice = random(seed);
  const video = codec === 'none' ? undefined : VIDEO[codec];
  const sound = audio === 'none' ? undefined : AUDIO[audio];
  const tags: Uint8Array[] = [
    makeFileHeader(video !== undefined, sound !== undefined),
    makeTag(KIND.script, 0, makeMetadata({ width: 640, height: 360, framerate: fps })),
  ];
  if (video !== undefined) tags.push(makeTag(KIND.video, 0, video.header));
  if (sound?.header !== undefined) tags.push(makeTag(KIND.audio, 0, sound.header));

  const perGop = Math.max(1, Math.round(gopSeconds * fps));
  const unit = (videoKbps * 125 * gopSeconds) / (perGop - 1 + KEYFRAME_WEIGHT);
  const frames = video === undefined ? 0 : Math.round(seconds * fps);
  const blocks = sound === undefined ? 0 : Math.floor((seconds * 1000) / sound.frameMs);
  let frame = 0;
  let block = 0;
  while (frame < frames || block < blocks) {
    const videoMs = frame < frames ? (frame * 1000) / fps : Number.POSITIVE_INFINITY;
    const audioMs = sound !== undefined && block < blocks ? block * sound.frameMs : Number.POSITIVE_INFINITY;
    if (video !== undefined && videoMs <= audioMs) {
      const keyframe = frame % perGop === 0;
      const bytes = Math.max(1, Math.round(unit * (keyframe ? KEYFRAME_WEIGHT : 1) * (0.6 + 0.8 * dice.fraction())));
      const data = video.frame({ keyframe, payload: dice.bytes(bytes), delimiters });
      tags.push(makeTag(KIND.video, startMs + Math.round(videoMs), data));
      frame += 1;
    } else if (sound !== undefined) {
      const bytes = Math.max(1, Math.round((audioKbps * sound.frameMs) / 8));
      tags.push(makeTag(KIND.audio, startMs + Math.round(audioMs), concat(sound.prefix, dice.bytes(bytes))));
      block += 1;
    }
  }
  return concat(...tags);
};
