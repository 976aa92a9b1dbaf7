import { expect, it } from 'vitest';
import { avcCodecsFor } from './avc-level.ts';

it('names the lowest level that has room', () => {
  const level = (width: number, height: number, rate: number) => avcCodecsFor(width, height, rate).at(-1);
  expect(level(640, 360, 30)).toBe('avc1.42e01e');
  expect(level(1280, 720, 30)).toBe('avc1.42e01f');
  expect(level(1280, 720, 60)).toBe('avc1.42e020');
  expect(level(1920, 1080, 30)).toBe('avc1.42e028');
  expect(level(1920, 1080, 60)).toBe('avc1.42e02a');
  expect(level(3840, 2160, 30)).toBe('avc1.42e033');
  expect(avcCodecsFor(7680, 4320, 30)).toEqual([]);
  expect(avcCodecsFor(640, 360, 30)[0]).toBe('avc1.64001e');
});
