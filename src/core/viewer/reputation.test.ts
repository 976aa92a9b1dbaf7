import { expect, test } from 'vitest';
import { Reputation } from './reputation.ts';

test('a stranger that breaks its word rests, longer each time', () => {
  const reputation = new Reputation();
  expect(reputation.isTrusted(0)).toBe(true);
  reputation.broke(0);
  expect([reputation.isTrusted(3_999), reputation.isTrusted(4_000)]).toEqual([false, true]);
  reputation.broke(4_000);
  expect([reputation.isTrusted(15_999), reputation.isTrusted(16_000)]).toEqual([false, true]);
  expect(reputation.isHopeless).toBe(false);
  reputation.broke(16_000);
  expect(reputation.isHopeless).toBe(true);
  for (let at = 1; at < 9; at++) reputation.broke(at * 1_000_000);
  expect(reputation.isTrusted(8_000_000 + 120_000)).toBe(true);
});

test('what breaks at one moment counts once', () => {
  const reputation = new Reputation();
  for (let at = 0; at < 8; at++) reputation.broke(at * 100);
  expect(reputation.isTrusted(4_000)).toBe(true);
});

test('who sends in time is trusted again, and is no stranger any more', () => {
  const reputation = new Reputation();
  reputation.broke(0);
  reputation.served();
  expect([reputation.isProven, reputation.isTrusted(1)]).toEqual([false, false]);
  reputation.served();
  expect([reputation.isProven, reputation.isTrusted(1)]).toEqual([true, true]);
  for (let at = 1; at < 9; at++) reputation.broke(at * 10_000);
  expect([reputation.isTrusted(80_001), reputation.isHopeless]).toEqual([true, false]);
});
