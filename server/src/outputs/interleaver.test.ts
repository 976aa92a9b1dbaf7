import { expect, test } from 'vitest';
import { AUDIO_TAG, type Tag, VIDEO_TAG } from '../flv/tags.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { Interleaver } from './interleaver.ts';

const tag = (type: number, dtsMs: number): Tag => ({ type, dtsMs, data: Buffer.alloc(2), kind: 'frame' });

const setUp = () => {
  const clock = new ManualClock();
  const passed: string[] = [];
  const order = new Interleaver(clock, ({ type, dtsMs }) => passed.push(`${type === AUDIO_TAG ? 's' : 'p'}${dtsMs}`));
  return { clock, passed, order };
};

test('pictures wait for the sound of their time', () => {
  const { passed, order } = setUp();
  for (const ms of [0, 40, 80]) order.direct(tag(VIDEO_TAG, ms));
  order.sound(tag(AUDIO_TAG, 0));
  order.sound(tag(AUDIO_TAG, 50));
  order.sound(tag(AUDIO_TAG, 70));
  expect(passed).toEqual(['p0', 's0', 'p40', 's50', 's70']);
});

test('where sound stays away they wait a second, and no picture overtakes another', () => {
  const { clock, passed, order } = setUp();
  order.direct(tag(VIDEO_TAG, 0));
  clock.advance(600);
  order.direct(tag(VIDEO_TAG, 600));
  clock.advance(399);
  expect(passed).toEqual([]);
  clock.advance(1);
  expect(passed).toEqual(['p0']);
  clock.advance(600);
  expect(passed).toEqual(['p0', 'p600']);
  order.direct(tag(VIDEO_TAG, 700));
  order.close();
  expect(clock.nextDue).toBeUndefined();
});

test('what waits is bounded', () => {
  const { passed, order } = setUp();
  for (let ms = 0; ms < 2100; ms++) order.direct(tag(VIDEO_TAG, ms));
  expect(passed.length).toBe(100);
});
