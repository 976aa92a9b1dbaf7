import { expect, test } from 'vitest';
import { KnownTokens } from './known-tokens.ts';

test('a token is looked at once, a bad one each time, and the oldest is forgotten', () => {
  const asked: number[] = [];
  const known = new KnownTokens((token) => {
    asked.push(token[0] ?? 0);
    return (token[0] ?? 0) < 100;
  }, 2);
  const ask = (...bytes: number[]): boolean => known.isOurs(Uint8Array.from(bytes));
  expect([ask(1), ask(1), ask(200), ask(200)]).toEqual([true, true, false, false]);
  expect(asked).toEqual([1, 200, 200]);
  expect([ask(2), ask(1), ask(3)]).toEqual([true, true, true]);
  expect(asked).toEqual([1, 200, 200, 2, 3]);
  expect([ask(1), ask(2)]).toEqual([true, true]);
  expect(asked).toEqual([1, 200, 200, 2, 3, 2]);
  expect(ask(1, 0)).toBe(true);
  expect(asked).toHaveLength(7);
});
