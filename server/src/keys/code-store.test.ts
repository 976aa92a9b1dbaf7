import { expect, test } from 'vitest';
import { ManualClock } from '../testing/manual-clock.ts';
import { codeStoreContract } from './code-store.contract.ts';
import { MemoryCodeStore } from './code-store.ts';

codeStoreContract('memory', async () => {
  const clock = new ManualClock();
  return { store: new MemoryCodeStore(clock), pass: async (ms) => clock.advance(ms) };
});

test('refuses to grow beyond its limit, and has room again when codes expire', async () => {
  const clock = new ManualClock();
  const store = new MemoryCodeStore(clock, 2);
  expect(await store.put('a', 'k', 1000)).toBe(true);
  expect(await store.put('b', 'k', 1000)).toBe(true);
  expect(await store.put('c', 'k', 1000)).toBe(false);
  clock.advance(1000);
  expect(await store.put('c', 'k', 1000)).toBe(true);
  expect(store.size).toBe(1);
});
