// The writer through its exports: what it writes is read by the scanner of the other build and by the obvious reader.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { decodeAmf } from '../server/src/flv/amf.ts';
import { ByteCore } from './abi.ts';
import { type FlvWriter, WriterCore } from './flv-writer.ts';
import { concat, prefixed } from './testing/flv-maker.ts';
import { flvTags } from './testing/flv-tags.ts';

const built = (name: string) => readFileSync(new URL(`./dist/${name}`, import.meta.url));
const scanners = await ByteCore.load(built('shoal.wasm'));
const writers = await WriterCore.load(built('shoal-writer.wasm'));

const RECORD = Uint8Array.from(
  '0142c01effe100196742c01ed900a02ff97011000003000100000300320f162e4801000568cb83cb20'.match(/../g) ?? [],
  (pair) => Number.parseInt(pair, 16),
);
const OPUS_HEAD = Uint8Array.from(
  'OpusHead\x01\x02\x38\x01\x80\xbb\x00\x00\x00\x00\x00',
  (letter) => letter.charCodeAt(0) & 0xff,
);

const picture = (size: number): Uint8Array => prefixed(new Uint8Array(size).fill(0x65));

const takeAll = (writer: FlvWriter) => {
  const tags = [];
  for (let tag = writer.take(); tag !== undefined; tag = writer.take()) tags.push(tag);
  return tags;
};

test('a stream of pictures and sound is FLV that the scanner understands', () => {
  const writer = writers.createWriter(['video', 'audio']);
  writer.describe({ width: 1280, height: 720, frameRate: 30, videoBitsPerSec: 1_500_000, sampleRate: 48_000 });
  expect(writer.prelude(true, 0)).toBeUndefined();
  expect([writer.configure('video', RECORD), writer.configure('audio', OPUS_HEAD)]).toEqual([true, true]);
  expect([writer.configure('video', RECORD), writer.configure('audio', OPUS_HEAD)]).toEqual([false, false]);
  const bytes = [writer.prelude(true, 0) ?? new Uint8Array(0)];
  const startUs = 7_000_000_000;
  expect(writer.frame({ track: 'video', keyframe: false, timeUs: startUs - 1, bytes: picture(9) })).toBe(false);
  for (let index = 0; index < 50; index++) {
    const timeUs = startUs + index * 20_000;
    if (index % 2 === 0) writer.frame({ track: 'video', keyframe: index % 20 === 0, timeUs, bytes: picture(3000) });
    writer.frame({ track: 'audio', keyframe: true, timeUs: timeUs + 5000, bytes: new Uint8Array(100).fill(index) });
  }
  writer.finish();
  const tags = takeAll(writer);
  expect(tags.filter(({ keyframe }) => keyframe).map(({ ms }) => ms)).toEqual([0, 400, 800]);
  bytes.push(...tags.map((tag) => tag.bytes));
  const whole = concat(...bytes);
  expect(Buffer.from(whole.subarray(0, 13)).toString('hex')).toBe('464c5601050000000900000000');
  const scanner = scanners.createScanner();
  expect(scanner.push(whole)).toBe(3 + 75);
  const codecs = [];
  for (let tag = scanner.next(); tag !== undefined; tag = scanner.next()) {
    codecs.push(`${tag.codec}${tag.codecHeader ? ' header' : ''}`);
  }
  expect(codecs.slice(0, 5)).toEqual(['metadata', 'avc header', 'opus header', 'avc', 'opus']);
  expect(scanner.faults().count).toBe(0);
  const script = flvTags(whole)[0]?.bytes.subarray(11, -4) ?? new Uint8Array(0);
  expect(decodeAmf(script)).toEqual([
    'onMetaData',
    {
      width: 1280,
      height: 720,
      framerate: 30,
      videodatarate: 1500,
      videocodecid: 7,
      audiosamplerate: 48_000,
      audiocodecid: 0x4f707573,
      encoder: 'Shoal',
    },
  ]);
});

test('a track that stays behind holds the other one up for a moment only', () => {
  const writer = writers.createWriter(['video', 'audio']);
  writer.configure('video', RECORD);
  writer.configure('audio', OPUS_HEAD);
  const given = [0, 40, 80, 120, 160, 200, 240];
  const out = given.map((ms) => {
    writer.frame({ track: 'video', keyframe: ms === 0, timeUs: ms * 1000, bytes: picture(10) });
    return takeAll(writer).length;
  });
  expect(out).toEqual([0, 0, 0, 0, 0, 1, 1]);
});

test('a track that never comes can be given up: the other one goes on, and the file header says so', () => {
  const writer = writers.createWriter(['video', 'audio']);
  writer.configure('video', RECORD);
  writer.frame({ track: 'video', keyframe: true, timeUs: 0, bytes: picture(10) });
  expect([writer.prelude(true, 0), takeAll(writer).length]).toEqual([undefined, 0]);
  writer.giveUp('audio');
  expect(writer.prelude(true, 0)?.[4]).toBe(1);
  writer.frame({ track: 'video', keyframe: false, timeUs: 40_000, bytes: picture(10) });
  expect(takeAll(writer).map(({ ms }) => ms)).toEqual([0, 40]);
});

test('in mid-connection a prelude has no file header, and carries the time', () => {
  const writer = writers.createWriter(['audio']);
  writer.configure('audio', OPUS_HEAD);
  const prelude = writer.prelude(false, 0x1234_5678) ?? new Uint8Array(0);
  expect([prelude[0], prelude[4], prelude[5], prelude[6], prelude[7]]).toEqual([18, 0x34, 0x56, 0x78, 0x12]);
});

test('what players would stumble over is refused, and a freed writer is', () => {
  const writer = writers.createWriter(['video']);
  const refused = expect.objectContaining({ code: 'core/bad-argument' });
  expect(() => writers.createWriter([])).toThrow(refused);
  expect(() => writer.configure('video', RECORD.subarray(0, 20))).toThrow(refused);
  expect(() => writer.configure('audio', OPUS_HEAD)).toThrow(refused);
  writer.configure('video', RECORD);
  const annexB = Uint8Array.of(0, 0, 0, 1, 0x65, 1, 2, 3);
  expect(() => writer.frame({ track: 'video', keyframe: true, timeUs: 0, bytes: annexB })).toThrow(refused);
  writer.free();
  writer.free();
  expect(() => writer.take()).toThrow(expect.objectContaining({ code: 'core/bad-handle' }));
});
