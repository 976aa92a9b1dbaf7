import { expect, it } from 'vitest';
import { TrackClock } from './track-clock.ts';

it('takes stamps of one clock as they are, late as one of them may have come', () => {
  const clock = new TrackClock();
  expect(clock.place('video', 1_000_000, 5_000_000)).toBe(5_000_000);
  expect(clock.place('audio', 1_010_000, 5_300_000)).toBe(5_010_000);
  expect(clock.place('video', 1_033_000, 5_500_000)).toBe(5_033_000);
});

it('lays stamps of different clocks beside the time they came', () => {
  const clock = new TrackClock();
  expect(clock.place('video', 0, 5_000_000)).toBe(5_000_000);
  expect(clock.place('audio', 800_000_000, 5_020_000)).toBe(5_020_000);
  expect(clock.place('audio', 800_020_000, 5_090_000)).toBe(5_040_000);
});
