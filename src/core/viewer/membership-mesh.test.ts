import { describe, expect, test } from 'vitest';
import { MeetingPlace } from './testing/meeting-place.ts';

const SEEDS = 20;

describe.each([4, 5, 8, 16])('viewers of at most %i neighbours each', (most) => {
  test.each([0, 200, 800])('that come %i ms apart are one mesh', (gapMs) => {
    const apart: number[] = [];
    for (let seed = 1; seed <= SEEDS; seed++) {
      const place = new MeetingPlace(seed);
      const viewers = Array.from({ length: 12 }, () => {
        place.pass(gapMs);
        return place.comes(most);
      });
      place.pass(20_000);
      for (const viewer of viewers) expect(place.neighboursOf(viewer).length).toBeLessThanOrEqual(most);
      if (place.reachedFrom(viewers[0] ?? '') < 12) apart.push(seed);
    }
    expect(apart).toEqual([]);
  });

  test('let in whoever comes later', () => {
    const lonely: number[] = [];
    for (let seed = 1; seed <= SEEDS; seed++) {
      const place = new MeetingPlace(seed);
      for (let viewer = 0; viewer < 12; viewer++) place.comes(most);
      place.pass(20_000);
      const late = place.comes(most);
      place.pass(10_000);
      if (place.neighboursOf(late).length === 0) lonely.push(seed);
    }
    expect(lonely).toEqual([]);
  });
});

test('who had no room is dialled again before long, though not all the time', () => {
  const place = new MeetingPlace(1);
  place.comes(1);
  place.comes(1);
  place.pass(5_000);
  const late = place.comes(16);
  place.pass(60_000);
  expect(place.neighboursOf(late)).toEqual([]);
  expect(place.dialledBy(late)).toBeGreaterThan(6);
  expect(place.dialledBy(late)).toBeLessThan(20);
});
