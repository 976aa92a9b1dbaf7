import { describe, expect, test } from 'vitest';
import { WayOut } from './way-out.ts';

/** The other's clock began earlier. */
const AHEAD_MS = 50_123;

const grownBy = (ways: readonly number[], clockGainsMs = 0): number => {
  const way = new WayOut();
  ways.forEach((ms, at) => {
    const sentAt = 60_000 + at * 400;
    const came = sentAt + ms + AHEAD_MS + at * clockGainsMs;
    way.answered(sentAt + 900, { echo: sentAt & 0xffff, stamp: (came + 70) & 0xffff, echoAgeMs: 70 });
  });
  return way.longerMs;
};

describe('the way out', () => {
  test('is as long as the quickest was while nothing stands in it', () =>
    expect(grownBy([30, 25, 90, 25, 200])).toBe(0));
  test('is longer by what all of the newest had to wait', () =>
    expect(grownBy([25, 25, 25, 85, 95, 80, 120, 100])).toBe(55));
  test('says nothing by one word or two', () => expect(grownBy([25, 300])).toBe(0));
  test('may begin with the slow ones', () => expect(grownBy([400, 300, 25, 25, 25, 25, 25])).toBe(0));
  test('does not grow with a clock that is fast, over hours', () =>
    expect(grownBy(Array<number>(20_000).fill(25), 0.02)).toBeLessThan(8));

  test('one word that is answered again and again is one', () => {
    const way = new WayOut();
    way.answered(0, { echo: 5, stamp: 30, echoAgeMs: 0 });
    for (let at = 0; at < 9; at++) way.answered(at, { echo: 100, stamp: 500 + at, echoAgeMs: at });
    expect(way.longerMs).toBe(0);
  });
});
