import { expect, test } from 'vitest';
import { watchMemory } from './peak-memory.ts';

test.runIf(process.platform === 'linux')('what a process takes in between is seen', () => {
  const stop = watchMemory([process.pid]);
  const taken = Buffer.alloc(200_000_000, 1);
  const found = stop();
  expect(taken.length).toBe(200_000_000);
  expect(found.peakMB).toBeGreaterThan(150);
});

test('nothing is claimed of processes that are not there', () => {
  expect(watchMemory([2 ** 22 + 1])()).toEqual({ peakMB: Number.NaN, growthMB: Number.NaN });
});
