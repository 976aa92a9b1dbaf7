import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { OggOpus, opusSamples } from './ogg-opus.ts';

test.each([
  [[0x78], 960],
  [[0x08], 960],
  [[0x00], 480],
  [[0x80], 120],
  [[0xf9], 1920],
  [[0xfb, 0x03], 2880],
  [[], 0],
])('a packet that begins %j holds %i samples', (bytes, samples) => {
  expect(opusSamples(Uint8Array.from(bytes))).toBe(samples);
});

test('ffprobe reads the pages, and a gap of time is a gap', () => {
  const ogg = new OggOpus();
  const silence = Buffer.from([0xf8, 0xff, 0xfe]);
  const pages = [ogg.begin(undefined)];
  for (const ms of [0, 20, 40, 60, 1060, 1080]) pages.push(ogg.packet(silence, ms));
  expect(ogg.packet(Buffer.alloc(0), 2000).length).toBe(0);
  const args = ['-v', 'error', '-show_entries', 'packet=pts_time', '-of', 'csv=p=0', '-f', 'ogg', '-'];
  const times = execFileSync('ffprobe', args, { input: Buffer.concat(pages) })
    .toString()
    .trim()
    .split('\n')
    .map((line) => Math.round(Number.parseFloat(line) * 1000));
  // A page says when it ends, so the one packet behind a gap is taken to follow the one before.
  expect(times).toEqual([0, 20, 40, 60, 80, 1080]);
});
