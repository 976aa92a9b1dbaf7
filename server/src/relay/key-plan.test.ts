import { expect, test } from 'vitest';
import { KeyPlan } from './key-plan.ts';

test('the next key is asked for in the first half of the life of this one', () => {
  for (const dice of [0, 0.5, 0.999]) {
    const plan = new KeyPlan();
    const askInMs = plan.learned({ generation: 3, nextInMs: 100_000, now: 1000, dice }) ?? Number.NaN;
    expect(askInMs).toBeGreaterThanOrEqual(10_000);
    expect(askInMs).toBeLessThan(50_000);
    expect(plan.nextInMs(3, 41_000)).toBe(60_000);
  }
});

test('a key that was learned ahead of its time is followed from when it begins', () => {
  const plan = new KeyPlan();
  plan.learned({ generation: 0, nextInMs: 10_000, now: 0, dice: 0 });
  const askInMs = plan.learned({ generation: 1, nextInMs: 18_000, now: 2000, dice: 0 }) ?? Number.NaN;
  // It begins at 10,000 and ends at 20,000.
  expect(2000 + askInMs).toBeGreaterThanOrEqual(10_000);
  expect(2000 + askInMs).toBeLessThan(15_000);
  expect(plan.nextInMs(0, 2000)).toBe(8000);
});

test('keys that never change are not asked for again, nor is one that is older than the newest', () => {
  const plan = new KeyPlan();
  expect(plan.learned({ generation: 0, nextInMs: 0, now: 0, dice: 0 })).toBeUndefined();
  expect(plan.nextInMs(0, 0)).toBe(0);
  plan.learned({ generation: 5, nextInMs: 1000, now: 0, dice: 0 });
  expect(plan.learned({ generation: 4, nextInMs: 1000, now: 0, dice: 0 })).toBeUndefined();
  plan.clear();
  expect(plan.nextInMs(5, 0)).toBe(0);
});
