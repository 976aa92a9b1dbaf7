import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { samplePath } from '../assets.ts';
import { readTags, type Tag, VIDEO_TAG } from '../flv/tags.ts';
import { freshFolder } from '../testing/folders.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import type { FinishedFile } from './format-writer.ts';
import { Tape } from './tape.ts';

const sample = readTags(readFileSync(samplePath()));
const configs = sample.filter(({ kind }) => kind === 'script' || kind === 'config');
const frames = sample.filter(({ kind }) => kind === 'frame');

const stage = (formats = 2, partMs = 3_600_000) => {
  const dir = freshFolder('tape');
  const parts: { readonly name: string; readonly files: readonly FinishedFile[] }[] = [];
  const failures: string[] = [];
  let names = 0;
  const tape = new Tape({
    clock: new ManualClock(),
    formats,
    dir,
    partMs,
    remux: undefined,
    name: () => String(++names),
    began: () => Promise.resolve(),
    finished: (name, files) => parts.push({ name, files }),
    failed: ({ code }) => failures.push(code),
  });
  const feed = (tags: readonly Tag[]) => {
    for (const tag of tags) tape.tag(tag);
  };
  /** Times of the pictures of a part. */
  const pictures = (name: string) =>
    readTags(readFileSync(join(dir, `${name}.flv`))).filter(({ type, kind }) => type === VIDEO_TAG && kind === 'frame');
  return { tape, feed, parts, failures, dir, pictures };
};

const isPicture = ({ type }: Tag): boolean => type === VIDEO_TAG;
const isKeyframe = (tag: Tag): boolean => isPicture(tag) && (tag.data[0] ?? 0) >> 4 === 1;

test('a part begins with a keyframe, at time 0', async () => {
  const { tape, feed, pictures } = stage();
  feed(configs);
  const second = frames.findIndex((tag) => isKeyframe(tag) && tag.dtsMs > 0 && tag !== frames.find(isKeyframe));
  feed(frames.slice(second - 10));
  await tape.finish();
  const [first] = pictures('1');
  expect(first?.dtsMs).toBe(0);
  expect(first?.data.equals(frames[second]?.data ?? Buffer.alloc(0))).toBe(true);
});

test('new codec headers, and a jump of time, begin a new part; the same headers again do not', async () => {
  const { tape, feed, parts } = stage();
  feed(configs);
  const keyframes = frames.filter(isKeyframe);
  const [one, two, three, four] = keyframes;
  if (one === undefined || two === undefined || three === undefined || four === undefined) throw new Error('no sample');
  feed([one, ...configs, two]);
  const other = configs.map((tag) =>
    isPicture(tag) ? { ...tag, data: Buffer.concat([tag.data, Buffer.of(0)]) } : tag,
  );
  feed([...other, three, { ...four, dtsMs: four.dtsMs + 60_000 }, { ...one, dtsMs: 5 }]);
  await tape.finish();
  expect(parts.map(({ name, files }) => [name, files.length])).toEqual([
    ['1', 1],
    ['2', 1],
    ['3', 1],
    ['4', 1],
  ]);
});

test('timestamps that run over 32 bits begin a new part instead of one of 49 days', async () => {
  const { tape, feed, parts } = stage();
  feed(configs);
  const [one, two] = frames.filter(isKeyframe);
  if (one === undefined || two === undefined) throw new Error('no sample');
  feed([
    { ...one, dtsMs: 0xffff_fff0 },
    { ...two, dtsMs: 10 },
  ]);
  await tape.finish();
  expect(parts.length).toBe(2);
});

test('pictures that MP4 cannot carry are recorded as FLV, and the rest is left out and said', async () => {
  const { tape, feed, parts, failures, dir } = stage(7);
  const av1 = (packet: number, keyframe: boolean, dtsMs: number): Tag => ({
    type: VIDEO_TAG,
    dtsMs,
    kind: packet === 0 ? 'config' : 'frame',
    data: Buffer.concat([Buffer.of(0x80 | ((keyframe ? 1 : 2) << 4) | packet), Buffer.from('av01data')]),
  });
  feed([av1(0, true, 0), av1(1, true, 0), av1(1, false, 40), av1(1, false, 80)]);
  await tape.finish();
  expect(parts).toMatchObject([{ name: '1', files: [{ format: 'flv', name: '1.flv', durationMs: 120 }] }]);
  expect(failures).toContain('output/unsupported-codec');
  expect(readdirSync(dir)).toEqual(['1.flv']);
});

test('sound alone is a recording too', async () => {
  const { tape, feed, parts } = stage(7);
  feed(configs.filter((tag) => !isPicture(tag)));
  feed(frames.filter((tag) => !isPicture(tag)));
  await tape.finish();
  expect(parts[0]?.files.map(({ format }) => format)).toEqual(['flv', 'mp4', 'hls']);
  for (const { durationMs } of parts[0]?.files ?? []) expect(Math.abs(durationMs - 7981)).toBeLessThan(150);
});

test('while it is blocked nothing is written, and it goes on at a keyframe', async () => {
  const { tape, feed, parts, pictures } = stage();
  feed(configs);
  const half = Math.floor(frames.length / 2);
  feed(frames.slice(0, 20));
  tape.block();
  feed(frames.slice(20, half));
  tape.unblock();
  feed(frames.slice(half));
  await tape.finish();
  expect(parts.map(({ name }) => name)).toEqual(['1', '2']);
  const next = frames.slice(half).find(isKeyframe);
  expect(pictures('2')[0]?.data.equals(next?.data ?? Buffer.alloc(0))).toBe(true);
});
