import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { samplePath } from '../../server/src/assets.ts';
import { ShoalError } from '../errors.ts';
import { FlvReader, type TagKind } from './flv-reader.ts';
import { flvHeader, flvTag } from './testing/flv-bytes.ts';

const codeOf = (act: () => unknown): string => {
  try {
    act();
    return 'nothing thrown';
  } catch (error) {
    return error instanceof ShoalError ? error.code : String(error);
  }
};

/** Everything a reader finds when the bytes come so many at a time. */
const readAll = (bytes: Uint8Array, size: number) => {
  const reader = new FlvReader();
  const kinds: TagKind[] = [];
  let length = 0;
  for (let at = 0; at < bytes.length; at += size) {
    const { header, tags } = reader.push(bytes.subarray(at, at + size));
    length += header?.length ?? 0;
    for (const tag of tags) {
      kinds.push(tag.kind);
      length += tag.bytes.length;
    }
  }
  return { kinds, length };
};

it('finds every tag of the sample, however it is cut', () => {
  const sample = readFileSync(samplePath());
  const whole = readAll(sample, sample.length);
  expect(whole.length).toBe(sample.length);
  expect(whole.kinds.filter((kind) => kind === 'keyframe').length).toBeGreaterThan(2);
  expect(whole.kinds.filter((kind) => kind === 'video-config').length).toBeGreaterThan(0);
  expect(whole.kinds.filter((kind) => kind === 'audio-config').length).toBeGreaterThan(0);
  for (const size of [1, 7, 1000, 65_536]) expect(readAll(sample, size)).toEqual(whole);
});

it('tells enhanced video and old codecs apart', () => {
  const tags = [
    flvTag('video', [0x90, 0x68, 0x76, 0x63, 0x31]),
    flvTag('video', [0x93, 0x68, 0x76, 0x63, 0x31]),
    flvTag('video', [0xa1, 0x68, 0x76, 0x63, 0x31]),
    flvTag('video', [0x12, 0]),
    flvTag('audio', [0x2f, 0]),
    flvTag('audio', [0x90, 0x4f]),
  ];
  const { kinds } = readAll(Buffer.concat([flvHeader(), ...tags]), 4096);
  expect(kinds).toEqual(['video-config', 'keyframe', 'video', 'keyframe', 'audio', 'audio-config']);
});

it('begins anew when a new file begins, even in the middle of a tag', () => {
  const reader = new FlvReader();
  reader.push(Buffer.concat([flvHeader(), flvTag('audio', [0x2f, 1, 2, 3]).subarray(0, 9)]));
  const { header, tags } = reader.push(Buffer.concat([flvHeader(), flvTag('audio', [0x2f, 9])]));
  expect(header?.length).toBe(13);
  expect(tags.map(({ kind }) => kind)).toEqual(['audio']);
});

it('refuses what is no FLV, and reads on after the next header', () => {
  const reader = new FlvReader();
  expect(codeOf(() => reader.push(Buffer.from('<html>')))).toBe('flv/bad-signature');
  expect(codeOf(() => reader.push(Buffer.concat([flvHeader(), Buffer.alloc(32, 3)])))).toBe('flv/bad-tag');
  const huge = Buffer.concat([flvHeader(), Buffer.from([9, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0])]);
  expect(codeOf(() => reader.push(huge))).toBe('flv/tag-too-large');
  expect(reader.push(Buffer.concat([flvHeader(), flvTag('audio', [0x2f, 1])])).tags.length).toBe(1);
});

it('survives any bytes', () => {
  let seed = 7;
  const random = (): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return seed >>> 8;
  };
  for (let round = 0; round < 300; round++) {
    const reader = new FlvReader();
    const bytes = Buffer.from(Array.from({ length: random() % 400 }, () => random() & 255));
    const input = round % 2 === 0 ? bytes : Buffer.concat([flvHeader(), bytes]);
    const code = codeOf(() => {
      for (let at = 0; at < input.length; at += 31) reader.push(input.subarray(at, at + 31));
    });
    expect(code).toMatch(/^flv\/|^nothing thrown$/);
  }
});
