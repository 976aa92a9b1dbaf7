import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { samplePath } from '../../assets.ts';
import { AUDIO_TAG, readTags, type Tag, VIDEO_TAG } from '../../flv/tags.ts';
import { codecName, type Track } from '../../mp4/track.ts';
import { Fragmenter } from './fragmenter.ts';

const TIMES = { partMs: 330, segmentMs: 2000 };

interface Made {
  readonly kind: 'init' | 'part' | 'segment' | 'unsupported';
  readonly bytes?: Buffer;
  readonly durationMs?: number;
  readonly independent?: boolean;
  readonly tracks?: readonly Track[];
}

const setUp = () => {
  const made: Made[] = [];
  const fragmenter = new Fragmenter(TIMES, {
    init: (bytes, tracks) => made.push({ kind: 'init', bytes, tracks }),
    part: (part) => made.push({ kind: 'part', ...part }),
    segmentEnd: () => made.push({ kind: 'segment' }),
    unsupported: () => made.push({ kind: 'unsupported' }),
  });
  const parts = (): Made[] => made.filter(({ kind }) => kind === 'part');
  return { fragmenter, made, parts };
};

const sample = (): Tag[] => readTags(readFileSync(samplePath()));

test('parts are no longer than asked, begin segments with keyframes, and lose nothing of the sample', () => {
  const { fragmenter, made, parts } = setUp();
  const tags = sample();
  for (const tag of tags) fragmenter.push(tag);
  fragmenter.flush();
  expect(made[0]?.tracks?.map(codecName)).toEqual([expect.stringMatching(/^avc1\.[0-9a-f]{6}$/), 'mp4a.40.2']);
  expect(made[0]?.tracks?.[0]).toMatchObject({ width: 640, height: 360 });
  for (const { durationMs } of parts()) expect(durationMs).toBeLessThanOrEqual(TIMES.partMs);
  const ends = made.flatMap(({ kind }, at) => (kind === 'segment' ? [at] : []));
  for (const end of ends.slice(0, -1)) expect(made[end + 1]?.independent).toBe(true);
  const frames = tags.filter(({ kind, type }) => kind === 'frame' && type === VIDEO_TAG);
  const length = parts().reduce((sum, { durationMs = 0 }) => sum + durationMs, 0);
  expect(length).toBeCloseTo(frames.length * 40, 0);
  const all = Buffer.concat(parts().map(({ bytes = Buffer.alloc(0) }) => bytes));
  for (const { data } of frames) expect(all.includes(data.subarray(5))).toBe(true);
});

test('sound goes on without pictures, in parts that stay small', () => {
  const { fragmenter, made, parts } = setUp();
  const tags = sample();
  for (const tag of tags.slice(0, 40)) fragmenter.push(tag);
  const before = parts().length;
  const sound = tags.filter(({ type, kind }) => type === AUDIO_TAG && kind === 'frame')[0] as Tag;
  for (let ms = 1000; ms < 61_000; ms += 20) fragmenter.push({ ...sound, dtsMs: ms });
  expect(parts().length - before).toBeGreaterThan(20);
  expect(made.filter(({ kind }) => kind === 'segment').length).toBeGreaterThanOrEqual(2);
});

test('a clock that stands still fills no memory', () => {
  const { fragmenter, made, parts } = setUp();
  const tags = sample();
  for (const tag of tags.slice(0, 10)) fragmenter.push(tag);
  const frame = tags.find(({ type, kind }) => type === VIDEO_TAG && kind === 'frame') as Tag;
  const large = { ...frame, data: Buffer.concat([frame.data.subarray(0, 5), Buffer.alloc(1024 * 1024)]) };
  for (let n = 0; n < 50; n++) fragmenter.push(large);
  expect(parts().length).toBeGreaterThanOrEqual(10);
  expect(made.some(({ kind }) => kind === 'segment')).toBe(true);
});

test('new codec headers are a new beginning, the same ones again are not', () => {
  const { fragmenter, made } = setUp();
  const tags = sample();
  const config = tags.find(({ type, kind }) => type === VIDEO_TAG && kind === 'config') as Tag;
  for (const tag of tags.slice(0, 60)) fragmenter.push(tag);
  fragmenter.push(config);
  for (const tag of tags.slice(60, 120)) fragmenter.push(tag);
  expect(made.filter(({ kind }) => kind === 'init').length).toBe(1);
  const other = Buffer.from(config.data);
  other[8] = (other[8] ?? 0) ^ 1;
  fragmenter.push({ ...config, data: other });
  for (const tag of tags.slice(120)) fragmenter.push(tag);
  fragmenter.flush();
  expect(made.filter(({ kind }) => kind === 'init').length).toBe(2);
});

test('whatever a publisher sends, nothing is thrown and nothing grows for ever', () => {
  let state = 11;
  const dice = (below: number): number => {
    state = (state * 48271) % 0x7fffffff;
    return state % below;
  };
  const firsts = [0x17, 0x27, 0x1c, 0x90, 0x91, 0xa3, 0xaf, 0x2f, 0x9f, 0x52, 0xff];
  const codes = ['avc1', 'hvc1', 'Opus', 'mp4a', 'xxxx'];
  for (let run = 0; run < 200; run++) {
    const { fragmenter, made } = setUp();
    for (let n = 0; n < 100; n++) {
      const data = Buffer.from(Array.from({ length: dice(60) }, () => dice(256)));
      if (data.length > 0) data[0] = firsts[dice(firsts.length)] ?? 0;
      if (data.length > 1 && dice(2) === 0) data[1] = dice(2);
      if (data.length > 5 && dice(3) === 0) data.write(codes[dice(codes.length)] ?? '', 1);
      fragmenter.push({
        type: [AUDIO_TAG, VIDEO_TAG, 18][dice(3)] ?? 8,
        dtsMs: dice(2) === 0 ? n * 40 : dice(2 ** 31),
        data,
        kind: 'frame',
      });
    }
    fragmenter.flush();
    for (const { tracks } of made) for (const track of tracks ?? []) expect(codecName(track)).toMatch(/^[\w.]+$/);
  }
});
