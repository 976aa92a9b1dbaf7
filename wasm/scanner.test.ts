// The scanner against the slow obvious reader: every form of codec, any chunking, and resynchronisation.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ByteCore, type ScannedTag } from './abi.ts';
import { concat, type FlvShape, makeFlv } from './testing/flv-maker.ts';
import { flvTags } from './testing/flv-tags.ts';
import { random } from './testing/random.ts';

const core = await ByteCore.load(readFileSync(new URL('./dist/shoal.wasm', import.meta.url)));

const scan = (bytes: Uint8Array, most: number): { tags: ScannedTag[]; run: Uint8Array } => {
  const scanner = core.createScanner();
  const dice = random(most);
  const tags: ScannedTag[] = [];
  const runs: Uint8Array[] = [];
  let counted = 0;
  for (let at = 0; at < bytes.length; ) {
    const chunk = bytes.subarray(at, at + 1 + dice.below(most));
    counted += scanner.push(chunk);
    for (let tag = scanner.next(); tag !== undefined; tag = scanner.next()) tags.push(tag);
    const run = scanner.run();
    if (run !== undefined) runs.push(run);
    at += chunk.length;
  }
  scanner.free();
  expect(tags).toHaveLength(counted);
  return { tags, run: concat(...runs) };
};

const shapes: [string, FlvShape, string[]][] = [
  ['AVC and AAC', {}, ['metadata', 'avc', 'aac']],
  ['HEVC and Opus', { codec: 'hevc', audio: 'opus' }, ['metadata', 'hevc', 'opus']],
  ['HEVC by codec id, MP3', { codec: 'hevc-legacy', audio: 'mp3' }, ['metadata', 'hevc', 'mp3']],
  ['AV1', { codec: 'av1', audio: 'none' }, ['metadata', 'av1']],
  ['VP9', { codec: 'vp9' }, ['metadata', 'vp9', 'aac']],
  ['sound alone', { codec: 'none' }, ['metadata', 'aac']],
];

test.each(shapes)('%s', (_name, shape, codecs) => {
  const bytes = makeFlv({ seconds: 2, startMs: 20_000_000, ...shape });
  const wanted = flvTags(bytes).map((tag) => ({
    type: tag.type,
    dtsMs: tag.dtsMs,
    keyframe: tag.keyframe,
    codecHeader: tag.codecHeader,
    byteOffset: tag.byteOffset,
    length: tag.bytes.length,
  }));
  for (const most of [13, 700, 16_384, 1_000_000]) {
    const { tags, run } = scan(bytes, most);
    expect(tags.map(({ codec: _, ...rest }) => rest)).toEqual(wanted);
    expect([...new Set(tags.map(({ codec }) => codec))].sort()).toEqual([...codecs].sort());
    expect(Buffer.compare(run, bytes.subarray(13))).toBe(0);
  }
});

test('a run goes into the buffer of the caller if it fits', () => {
  const source = makeFlv({ seconds: 1 });
  const scanner = core.createScanner();
  const pool = new Uint8Array(source.length);
  scanner.push(source);
  const run = scanner.runInto(pool);
  expect(run.buffer).toBe(pool.buffer);
  expect(Buffer.compare(run, source.subarray(13))).toBe(0);
  expect(scanner.runInto(pool)).toHaveLength(0);
  scanner.push(source.subarray(13));
  expect(Buffer.compare(scanner.runInto(new Uint8Array(10)), source.subarray(13))).toBe(0);
});

test('broken places are counted and skipped', () => {
  const source = makeFlv({ seconds: 2 });
  const tags = flvTags(source);
  const cutAt = tags[50]?.byteOffset ?? 0;
  const noise = random(5).bytes(777);
  const bytes = concat(source.subarray(0, cutAt), noise, source.subarray(cutAt));
  const scanner = core.createScanner();
  expect(scanner.push(bytes)).toBe(tags.length);
  expect(scanner.faults()).toEqual({ count: 1, skippedBytes: 777, stopped: false });
  expect(Buffer.compare(scanner.run() ?? new Uint8Array(0), source.subarray(13))).toBe(0);
});

test('what is no FLV stops it', () => {
  const scanner = core.createScanner();
  expect(scanner.push(new Uint8Array(100))).toBe(0);
  expect(scanner.faults()).toEqual({ count: 1, skippedBytes: 0, stopped: true });
  expect(scanner.push(makeFlv())).toBe(0);
});
