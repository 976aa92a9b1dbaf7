import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { samplePath } from '../assets.ts';
import { declaredByteRate } from '../flv/declared-rate.ts';
import { AUDIO_TAG, FLV_HEADER, readTags, VIDEO_TAG } from '../flv/tags.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { startFile } from './file.ts';
import { FlvLoop } from './flv-loop.ts';

const sample = (): FlvLoop => new FlvLoop(readFileSync(samplePath()));
const tagsOf = (bytes: Buffer) => readTags(Buffer.concat([FLV_HEADER, bytes]));

test('the sample says its bitrate and loops after exactly 8 s', () => {
  const loop = sample();
  expect(loop.roundMs).toBe(8000);
  expect(declaredByteRate(loop.preamble)).toBeGreaterThan(110_000);
});

test('timestamps go on across rounds, without a gap and without a step back', () => {
  const tags = tagsOf(sample().take(30_000));
  const video = tags.filter((tag) => tag.type === VIDEO_TAG).map((tag) => tag.dtsMs);
  const audio = tags.filter((tag) => tag.type === AUDIO_TAG).map((tag) => tag.dtsMs);
  expect(tags.every((tag, at) => at === 0 || tag.dtsMs >= (tags[at - 1]?.dtsMs ?? 0))).toBe(true);
  expect(new Set(video.slice(1).map((dts, at) => dts - (video[at] ?? 0)))).toEqual(new Set([40]));
  for (const [at, dts] of audio.slice(1).entries()) expect(Math.abs(dts - (audio[at] ?? 0) - 21.33)).toBeLessThan(2.5);
  expect(video.length).toBe(751);
});

test('a file is paced by the clock, catches up after a stall and goes on after a sleep', async () => {
  const clock = new ManualClock();
  const chunks: Buffer[] = [];
  const failed = vi.fn();
  const source = startFile(samplePath(), clock, {
    bytes: (chunk) => chunks.push(chunk as Buffer),
    ended: failed,
    failed,
  });
  await vi.waitFor(() => expect(clock.nextDue).toBeDefined());
  const newest = (): number => tagsOf(Buffer.concat(chunks.slice(1))).at(-1)?.dtsMs ?? -1;
  const nearly = (ms: number): void => {
    expect(newest()).toBeLessThanOrEqual(ms);
    expect(newest()).toBeGreaterThan(ms - 45);
  };
  clock.advance(1000);
  nearly(1000);
  expect(chunks.length).toBeGreaterThan(40);
  clock.stall(3000);
  nearly(4000);
  clock.stall(60_000);
  nearly(9020);
  clock.advance(500);
  nearly(9520);
  source.stop();
  expect(clock.nextDue).toBeUndefined();
  expect(failed).not.toHaveBeenCalled();
});

test('a file that is no FLV, or is not there, is a bad answer', async () => {
  for (const path of ['/nowhere.flv', new URL(import.meta.url).pathname]) {
    const code = await new Promise((resolve) => {
      startFile(path, new ManualClock(), { bytes: () => undefined, ended: () => undefined, failed: resolve });
    });
    expect(code).toBe('source/bad-answer');
  }
});
