import { expect, test } from 'vitest';
import { FakeOutlet } from '../testing/fake-outlet.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { EgressBudget } from './egress-budget.ts';
import { SendQueue } from './send-queue.ts';

const setUp = (limit = Number.POSITIVE_INFINITY) => {
  const clock = new ManualClock();
  const outlet = new FakeOutlet();
  const budget = new EgressBudget(clock, () => 0.5, limit);
  const slow: number[] = [];
  const queue = new SendQueue({
    outlet,
    budget,
    clock,
    limits: { bytes: 1_000_000, ms: 5000 },
    onSlow: () => slow.push(clock.now()),
  });
  return { clock, outlet, budget, queue, slow };
};

const bytes = (length: number, value: number): Buffer => Buffer.alloc(length, value);

test('hands the buffers themselves over, in order, and repairs before pieces', () => {
  const { outlet, queue } = setUp();
  outlet.hold = true;
  const big = bytes(300_000, 1);
  const piece = bytes(8000, 2);
  const repair = bytes(8000, 3);
  queue.put(big);
  queue.put(piece);
  queue.putUrgent(repair);
  expect(outlet.sent).toEqual([big]);
  outlet.release();
  expect(outlet.sent[1]).toBe(repair);
  expect(outlet.sent[2]).toBe(piece);
});

test('hands over only so much that a slow reader costs references, not memory', () => {
  const { outlet, queue } = setUp();
  outlet.hold = true;
  for (let n = 0; n < 100; n++) queue.put(bytes(8000, n));
  expect(outlet.backlog).toBeLessThan(300_000);
});

test('a reader with too much waiting is too slow', () => {
  const { outlet, queue, slow } = setUp();
  outlet.hold = true;
  for (let n = 0; n < 125; n++) queue.put(bytes(8000, n));
  expect(slow).toEqual([]);
  queue.put(bytes(8000, 0));
  expect(slow.length).toBe(1);
});

test('what fills the outlet alone goes on when it has gone, and nobody asks for more', () => {
  const { outlet, queue } = setUp();
  outlet.hold = true;
  queue.put(bytes(300_000, 0));
  queue.put(bytes(10, 1));
  expect(outlet.sent.length).toBe(1);
  outlet.hold = false;
  outlet.release();
  expect(outlet.sent.length).toBe(2);
});

test('a reader too long behind is too slow, even with little waiting', () => {
  const { clock, outlet, queue, slow } = setUp();
  outlet.hold = true;
  queue.put(bytes(300_000, 0));
  queue.put(bytes(10, 0));
  clock.advance(4900);
  queue.put(bytes(10, 0));
  expect(slow).toEqual([]);
  clock.advance(200);
  queue.put(bytes(10, 0));
  expect(slow).toEqual([5100]);
});

test('a catch-up larger than the limit is forgiven until it has been read', () => {
  const { outlet, queue, slow } = setUp();
  outlet.hold = true;
  for (let n = 0; n < 200; n++) queue.putKept(bytes(8000, n));
  queue.put(bytes(8000, 0));
  expect(slow).toEqual([]);
  outlet.hold = false;
  outlet.release();
  expect(queue.idle).toBe(true);
  outlet.hold = true;
  for (let n = 0; n < 126; n++) queue.put(bytes(8000, n));
  expect(slow.length).toBe(1);
});

test('what the budget refuses waits, and is sent when there is budget again', () => {
  const { clock, outlet, queue } = setUp(100_000);
  queue.put(bytes(200_000, 0));
  queue.put(bytes(100_000, 1));
  expect(outlet.sent.length).toBe(1);
  clock.advance(500);
  expect(outlet.sent.length).toBe(2);
});

test('finishing sends what waits and then says so, closing forgets it', () => {
  const { outlet, queue } = setUp();
  outlet.hold = true;
  queue.put(bytes(300_000, 0));
  queue.put(bytes(10, 1));
  const done: number[] = [];
  queue.finish(() => done.push(outlet.sent.length));
  queue.put(bytes(10, 2));
  expect(done).toEqual([]);
  outlet.hold = false;
  outlet.release();
  expect(done).toEqual([2]);
});
