import { expect, it } from 'vitest';
import { type BufferedRange, clampToBuffered, jumpTarget, playableUntil } from './buffered-ranges.ts';

const ranges: readonly BufferedRange[] = [
  { start: 1, end: 4 },
  { start: 5.2, end: 9 },
];

it('knows how far playback gets without a hole', () => {
  expect(playableUntil(ranges, 2)).toBe(4);
  expect(playableUntil(ranges, 0.99)).toBe(4);
  expect(playableUntil(ranges, 4.5)).toBe(4.5);
  expect(playableUntil([], 3)).toBe(3);
});

it('jumps only from the edge of a hole, to what is buffered behind it', () => {
  expect(jumpTarget(ranges, 3.95)).toBeCloseTo(5.2, 2);
  expect(jumpTarget(ranges, 4.7)).toBeCloseTo(5.2, 2);
  expect(jumpTarget(ranges, 0)).toBeCloseTo(1, 2);
  expect(jumpTarget(ranges, 3.5)).toBeUndefined();
  expect(jumpTarget(ranges, 8.99)).toBeUndefined();
  expect(
    jumpTarget(
      [
        { start: 1, end: 4 },
        { start: 4.2, end: 4.21 },
      ],
      3.99,
    ),
  ).toBeUndefined();
});

it('keeps a wished point inside what is buffered', () => {
  expect(clampToBuffered(ranges, 6)).toBe(6);
  expect(clampToBuffered(ranges, 4.5)).toBeCloseTo(5.2, 2);
  expect(clampToBuffered(ranges, 60)).toBeCloseTo(8.9, 2);
  expect(clampToBuffered([], 6)).toBeUndefined();
});
