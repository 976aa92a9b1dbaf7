import { expect, test } from 'vitest';
import { Distance, WISH_MARGIN_MS, WISH_MAX_MS } from './distance.ts';

test('is what the page asked for as long as nobody wishes for more', () => {
  const distance = new Distance(600);
  expect(distance.targetMs).toBe(600);
  distance.wish(0, 500 - WISH_MARGIN_MS);
  expect(distance.targetMs).toBe(600);
});

test('grows by a wish and a little more, up to a bound, and fades', () => {
  const distance = new Distance(600);
  distance.wish(0, 900);
  expect(distance.targetMs).toBe(900 + WISH_MARGIN_MS);
  distance.wish(0, 800);
  expect(distance.targetMs).toBe(900 + WISH_MARGIN_MS);
  distance.fade(10_000);
  expect(distance.targetMs).toBe(900 + WISH_MARGIN_MS - 80);
  distance.wish(10_000, 5_000);
  expect(distance.targetMs).toBe(WISH_MAX_MS);
  distance.fade(400_000);
  expect(distance.targetMs).toBe(600);
});

test('is never less than asked for, however much that is', () => {
  expect(new Distance(3_000).targetMaxMs).toBe(3_000);
  expect(new Distance(100).targetMaxMs).toBe(WISH_MAX_MS);
});

test('covers what nearly all pieces have taken, and a repair; not what one in a hundred has', () => {
  const distance = new Distance(600);
  for (let piece = 0; piece < 256; piece++) distance.came(piece % 100 === 0 ? 1_000 : 100);
  distance.keepUsual(0);
  expect(distance.targetMs).toBe(600);
  for (let piece = 0; piece < 256; piece++) distance.came(piece % 10 === 0 ? 500 : 100);
  distance.keepUsual(0);
  expect(distance.targetMs).toBeGreaterThan(500 + 150);
  expect(distance.targetMs).toBeLessThan(500 + 350);
});

test('is not changed by pieces before there are any', () => {
  const distance = new Distance(600);
  distance.keepUsual(0);
  expect(distance.targetMs).toBe(600);
});
