import { expect, test } from 'vitest';
import { GAP_MS, InOrder } from './in-order.ts';

const takeAll = (order: InOrder<number>): number[] => {
  const taken: number[] = [];
  for (let item = order.take(); item !== undefined; item = order.take()) taken.push(item);
  return taken;
};

test('begins anywhere and goes on in order', () => {
  const order = new InOrder<number>();
  for (const at of [7, 8, 9]) expect(order.put(0, at, at)).toBe('in-order');
  expect(takeAll(order)).toEqual([7, 8, 9]);
  expect(order.next).toBe(10);
  order.put(0, 8, 8);
  expect(takeAll(order)).toEqual([]);
});

test('a gap is asked for and filled', () => {
  const order = new InOrder<number>();
  order.put(0, 1, 1);
  expect(takeAll(order)).toEqual([1]);
  expect(order.put(0, 4, 4)).toBe('gap');
  expect(order.put(0, 5, 5)).toBe('in-order');
  expect(order.missing(32)).toEqual([2, 3]);
  expect(takeAll(order)).toEqual([]);
  order.put(0, 3, 3);
  order.put(0, 2, 2);
  expect(takeAll(order)).toEqual([2, 3, 4, 5]);
  expect(order.missing(32)).toEqual([]);
});

test('what cannot be had is left out, at once when it is said and after a while when it is not', () => {
  const order = new InOrder<number>();
  order.put(0, 1, 1);
  takeAll(order);
  order.put(0, 4, 4);
  order.absent(3);
  expect(takeAll(order)).toEqual([]);
  order.absent(2);
  expect(takeAll(order)).toEqual([4]);
  order.put(100, 6, 6);
  order.expire(99 + GAP_MS);
  expect(takeAll(order)).toEqual([]);
  order.expire(100 + GAP_MS);
  expect(takeAll(order)).toEqual([6]);
});

test('what waits is bounded', () => {
  const order = new InOrder<number>();
  order.put(0, 0, 0);
  takeAll(order);
  for (let at = 2; at < 300; at++) order.put(0, at, at);
  expect(takeAll(order).at(0)).toBe(2);
  expect(order.next).toBe(300);
});
