import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createClock } from './clock.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('wakes once, at or after the time asked for, and only for the newest wish', () => {
  const clock = createClock();
  const woken: string[] = [];
  clock.wakeAt(clock.now() + 500, () => woken.push('first'));
  clock.wakeAt(clock.now() + 100, () => woken.push('second'));
  vi.advanceTimersByTime(99);
  expect(woken).toEqual([]);
  vi.advanceTimersByTime(10_000);
  expect(woken).toEqual(['second']);
});

it('takes a time in the past for now, and one far away in steps', () => {
  const clock = createClock();
  let woken = 0;
  clock.wakeAt(clock.now() - 5, () => woken++);
  vi.advanceTimersByTime(0);
  expect(woken).toBe(1);
  clock.wakeAt(clock.now() + 200_000, () => woken++);
  vi.advanceTimersByTime(199_000);
  expect(woken).toBe(1);
  vi.advanceTimersByTime(1000);
  expect(woken).toBe(2);
});

it('forgets a wish, and never wakes for never', () => {
  const clock = createClock();
  let woken = 0;
  clock.wakeAt(clock.now() + 10, () => woken++);
  clock.cancel();
  clock.wakeAt(Number.POSITIVE_INFINITY, () => woken++);
  vi.advanceTimersByTime(1_000_000);
  expect(woken).toBe(0);
});
