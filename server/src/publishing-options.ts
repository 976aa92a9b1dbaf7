// Options of who may publish, and of the ways a stream leaves besides the origin's own forms.

import { option, text, whole } from './option-shapes.ts';
import { readFlagList, readText, readWhole } from './option-values.ts';

const readChoice =
  <T extends string>(choices: readonly T[]) =>
  (value: unknown): T | undefined =>
    choices.find((choice) => choice === value);

const readPublishKey = (entry: string): readonly [string, string] | undefined => {
  const [, name, key] = /^\/?([\w./~-]+|\*)=([\w.~-]{8,200})$/.exec(entry) ?? [];
  return name === undefined || key === undefined ? undefined : [name === '*' ? name : `/${name}`, key];
};

/** A rate that streams can also be had in: lines of the picture, and kbit/s of it. */
export interface RateEntry {
  readonly height: number;
  readonly kbps: number;
}

const readRate = (entry: string): readonly [string, RateEntry] | undefined => {
  const [, name, height, kbps] = /^([\w-]{1,20})=(\d{2,4}):(\d{2,6})$/.exec(entry) ?? [];
  if (name === undefined || name === 'aac' || Number(height) % 2 !== 0) return undefined;
  return [name, { height: Number(height), kbps: Number(kbps) }];
};

/** A port, or off. */
const readPort = (value: unknown): number | 'off' | undefined =>
  value === 'off' ? value : readWhole(0, 65_535)(value);

/** A part of the table of options. */
export const PUBLISHING_OPTIONS = {
  publish: option<'off' | 'keys' | 'hook' | 'open'>({
    flags: ['--publish'],
    value: '<who>',
    help: 'who may push streams: off (nobody), keys (who has a key), hook (a key, or --hook lets them in), open (anybody)',
    fallback: 'keys',
    wants: 'off, keys, hook or open',
    read: readChoice(['off', 'keys', 'hook', 'open']),
  }),
  publishKeys: option<Readonly<Record<string, string>>>({
    flags: ['--publish-key'],
    value: '<name=key>',
    help: 'a key that lets in who pushes this stream, or any stream with * as its name; may be repeated',
    fallback: {},
    wants: 'name=key or *=key, the key of 8 to 200 letters, digits, dots and dashes',
    many: true,
    read: readFlagList(readPublishKey),
  }),
  publishSecret: text(
    ['--publish-secret'],
    '<text>',
    'what keys that expire are made from; a fresh one at each start unless given',
  ),
  secondPublisher: option<'refuse' | 'take-over'>({
    flags: ['--second-publisher'],
    value: '<what>',
    help: 'what becomes of who pushes a stream that is being pushed: refuse it, or let it take-over',
    fallback: 'refuse',
    wants: 'refuse or take-over',
    read: readChoice(['refuse', 'take-over']),
  }),
  publishMbps: whole(['--publish-mbps'], 'most a publisher may send, Mbit/s, averaged over seconds', {
    value: '<Mbit/s>',
    fallback: 50,
    least: 1,
    most: 10_000,
  }),
  publishSilence: whole(['--publish-silence'], 'seconds after which a publisher that sends nothing is dismissed', {
    value: '<s>',
    fallback: 10,
    least: 1,
    most: 600,
  }),
  rtmpPort: option<number | 'off'>({
    flags: ['--rtmp-port'],
    value: '<port>',
    help: 'take RTMP pushes and serve RTMP there, 1935 by custom, 0 for any free one',
    fallback: 'off',
    wants: 'a port or off',
    read: readPort,
  }),
  hlsSegment: whole(['--hls-segment'], 'shortest segment of HLS; one ends at the first keyframe after it', {
    value: '<s>',
    fallback: 2,
    least: 1,
    most: 10,
  }),
  hlsPartMs: whole(['--hls-part'], 'longest part of a segment of HLS', {
    value: '<ms>',
    fallback: 330,
    least: 100,
    most: 2000,
  }),
  hlsSegments: whole(['--hls-segments'], 'segments in a playlist of HLS', {
    value: '<n>',
    fallback: 6,
    least: 3,
    most: 100,
  }),
  ffmpeg: option({
    flags: ['--ffmpeg'],
    value: '<program>',
    help: 'what makes other codecs and rates of a stream; off for none',
    fallback: 'ffmpeg',
    wants: 'a program or off',
    read: readText,
  }),
  rates: option<Readonly<Record<string, RateEntry>>>({
    flags: ['--rate'],
    value: '<name=lines:kbps>',
    help: 'a rate every stream can also be had in, as <stream>~<name>, made by ffmpeg while somebody watches; may be repeated',
    fallback: {},
    wants: 'name=lines:kbps such as low=360:600, an even number of lines',
    many: true,
    read: readFlagList(readRate),
  }),
} as const;
