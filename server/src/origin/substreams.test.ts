import { expect, test } from 'vitest';
import { bitCount, hasBit, shareOut, wholeMask } from './substreams.ts';

test('masks of up to 32 substreams', () => {
  expect(wholeMask(4)).toBe(0b1111);
  expect(wholeMask(32)).toBe(0xffff_ffff);
  expect(bitCount(0xffff_ffff)).toBe(32);
  expect(hasBit(0x8000_0000, 31)).toBe(true);
});

test('gives all there is room for, and nothing outside the stream', () => {
  expect(shareOut({ held: 0, wanted: 0xffff_ffff, substreams: 32, room: 32, holders: [] })).toBe(0xffff_ffff);
  expect(shareOut({ held: 0, wanted: 0xffff_ffff, substreams: 4, room: 9, holders: [] })).toBe(0b1111);
});

test('keeps what is held, and gives first what fewest hold', () => {
  const given = shareOut({ held: 0b0001, wanted: 0b1111, substreams: 4, room: 1, holders: [5, 3, 1, 2] });
  expect(given).toBe(0b0101);
});

test('what nobody holds is given even when there is no room: every substream must leave the origin once', () => {
  const given = shareOut({ held: 0, wanted: 0b1111, substreams: 4, room: 0, holders: [1, 0, 1, 0] });
  expect(given).toBe(0b1010);
});

test('what is no longer wanted is no longer given', () => {
  expect(shareOut({ held: 0b1111, wanted: 0b0010, substreams: 4, room: 0, holders: [1, 1, 1, 1] })).toBe(0b0010);
});
