// Files that were cut short at any byte: what is whole of them is found, and nothing else.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { samplePath } from '../assets.ts';
import { FLV_HEADER, readTags, type Tag } from '../flv/tags.ts';
import { FlvFile, repairFlv } from './flv-file.ts';
import type { FormatWriter, PartStart, WriterPlace } from './format-writer.ts';
import { HlsFolder, repairHls } from './hls-folder.ts';
import { Mp4File, repairMp4 } from './mp4-file.ts';
import { scanMp4 } from './mp4-scan.ts';

const LENGTH_MS = 5000;

const tags = readTags(readFileSync(samplePath()));
const frames = tags.filter(({ kind, dtsMs }) => kind === 'frame' && dtsMs < LENGTH_MS);
const config = (type: number): Tag | undefined => tags.find((tag) => tag.kind === 'config' && tag.type === type);
const start: PartStart = { script: tags.find(({ kind }) => kind === 'script'), picture: config(9), sound: config(8) };

const placeIn = (dir: string): WriterPlace => ({
  dir,
  name: '1',
  remux: undefined,
  ready: Promise.resolve(),
  failed: (error) => {
    throw error;
  },
});

const fill = (writer: FormatWriter): void => {
  for (const frame of frames) writer.frame(frame, frame.dtsMs);
};

let dir = '';
let flv: Buffer;
let mp4: Buffer;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'shoal-repair-'));
  for (const writer of [new FlvFile(start, placeIn(dir)), new Mp4File(start, placeIn(dir))]) {
    fill(writer);
    const finished = await writer.finish();
    expect(Math.abs((finished?.durationMs ?? 0) - LENGTH_MS)).toBeLessThan(60);
  }
  flv = readFileSync(join(dir, '1.flv'));
  mp4 = readFileSync(join(dir, '1.mp4'));
});

/** Lengths to cut at: all around the ends of tags, and others here and there. */
const cutsOf = (file: Buffer, ends: readonly number[]): number[] => {
  const near = ends.filter((_end, at) => at % 30 === 3).flatMap((end) => [end - 1, end, end + 1, end + 5, end + 12]);
  return [0, 5, ...near, file.length - 1].filter((length) => length >= 0 && length < file.length);
};

afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('FLV', () => {
  test('is good up to its last whole tag', async () => {
    let at = FLV_HEADER.length;
    const ends = readTags(flv).map(({ data }) => {
      at += 11 + data.length + 4;
      return at;
    });
    for (const length of cutsOf(flv, ends)) {
      const here = mkdtempSync(join(dir, 'flv-'));
      writeFileSync(join(here, '1.flv'), flv.subarray(0, length));
      const whole = ends.filter((end) => end <= length);
      const repaired = await repairFlv(here, '1.flv');
      // Metadata and two codec headers are no recording.
      expect([length, repaired?.bytes]).toEqual([length, whole.length > 3 ? whole.at(-1) : undefined]);
      if (repaired === undefined) continue;
      const file = readFileSync(join(here, '1.flv'));
      expect(file.length).toBe(repaired.bytes);
      // All but the metadata, which has its own duration.
      const [from = 0] = ends;
      expect(file.subarray(from).equals(flv.subarray(from, whole.at(-1)))).toBe(true);
      expect(readTags(file).length).toBe(whole.length);
    }
  });

  test('has its duration and its size in front', () => {
    const text = flv.toString('latin1');
    const number = (name: string) => flv.readDoubleBE(text.indexOf(name) + name.length + 1);
    expect(Math.abs(number('duration') - LENGTH_MS / 1000)).toBeLessThan(0.06);
    expect(number('filesize')).toBe(flv.length);
  });
});

describe('MP4', () => {
  const boxEnds = (file: Buffer): { readonly kind: string; readonly end: number }[] => {
    const boxes: { kind: string; end: number }[] = [];
    for (let at = 0; at < file.length; at += file.readUInt32BE(at)) {
      boxes.push({ kind: file.toString('latin1', at + 4, at + 8), end: at + file.readUInt32BE(at) });
    }
    return boxes;
  };

  test('is good up to its last whole fragment', async () => {
    const boxes = boxEnds(mp4);
    const fragments = boxes.filter(({ kind }) => kind === 'mdat').map(({ end }) => end);
    expect(fragments.length).toBeGreaterThan(3);
    for (const { end } of boxes) {
      for (const length of [end - 1, end, end + 7, end + 100].filter((cut) => cut < mp4.length)) {
        const here = mkdtempSync(join(dir, 'mp4-'));
        writeFileSync(join(here, '1.mp4'), mp4.subarray(0, length));
        const whole = fragments.filter((fragment) => fragment <= length);
        const repaired = await repairMp4(here, '1.mp4', undefined);
        expect([length, repaired?.bytes]).toEqual([length, whole.at(-1)]);
        if (repaired === undefined) continue;
        const file = readFileSync(join(here, '1.mp4'));
        expect(file.equals(mp4.subarray(0, whole.at(-1)))).toBe(true);
        expect(Math.abs(repaired.durationMs - whole.length * 1000)).toBeLessThan(300);
      }
    }
  });

  test('a length that cannot be is where it ends', async () => {
    const broken = Buffer.from(mp4);
    const [init] = boxEnds(mp4).filter(({ kind }) => kind === 'moov');
    broken.writeUInt32BE(3, init?.end ?? 0);
    writeFileSync(join(dir, 'broken.mp4'), broken);
    expect(await scanMp4(join(dir, 'broken.mp4'))).toMatchObject({ fragments: 0, end: init?.end });
  });
});

describe('HLS', () => {
  test('a folder whose last segment was cut short lists what is whole, and an end', async () => {
    const here = mkdtempSync(join(dir, 'hls-'));
    const writer = new HlsFolder(start, placeIn(here));
    fill(writer);
    const finished = await writer.finish();
    const last = join(here, '1-hls', '000002.m4s');
    const segment = readFileSync(last);
    writeFileSync(last, segment.subarray(0, segment.length - 1));
    const repaired = await repairHls(here, '1-hls/index.m3u8');
    const playlist = readFileSync(join(here, '1-hls', 'index.m3u8'), 'utf8');
    // Its only fragment is not whole any more.
    expect(playlist).not.toContain('000002.m4s');
    expect(playlist).toContain('#EXT-X-ENDLIST');
    expect(Math.abs((repaired?.durationMs ?? 0) - 4000)).toBeLessThan(60);
    expect(finished?.durationMs).toBeGreaterThan(4900);
  });

  test('a folder without a whole fragment is nothing', async () => {
    const here = mkdtempSync(join(dir, 'hls-'));
    expect(await repairHls(here, '1-hls/index.m3u8')).toBeUndefined();
  });
});
