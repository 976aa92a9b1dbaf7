import { expect, it } from 'vitest';
import { random } from '../../../wasm/testing/random.ts';
import { GroupQueue, type QueuedTag } from './group-queue.ts';

/** A tag is named by its time; groups are 100 ms, tags 10. */
const tag = (ms: number, renews = false): QueuedTag => ({
  ms,
  bytes: new Uint8Array(10),
  startsGroup: ms % 100 === 0,
  renews,
});

const fill = (queue: GroupQueue, from: number, to: number): void => {
  for (let ms = from; ms < to; ms += 10) queue.push(tag(ms));
};

const takeAll = (queue: GroupQueue): number[] => {
  const times: number[] = [];
  for (let next = queue.take(); next !== undefined; next = queue.take()) times.push(next.ms);
  return times;
};

it('gives what it was given, also when it ran empty in the middle and at the end of a group', () => {
  const queue = new GroupQueue();
  const taken: number[] = [];
  for (let ms = 0; ms < 500; ms += 10) {
    expect(queue.push(tag(ms))).toBe(true);
    if (ms % 30 === 0) taken.push(...takeAll(queue));
  }
  taken.push(...takeAll(queue));
  expect(taken).toEqual(Array.from({ length: 50 }, (_, n) => n * 10));
  expect([queue.bytes, queue.spanMs]).toEqual([0, 0]);
});

it('drops whole groups, never the rest of one that has begun to leave', () => {
  const queue = new GroupQueue();
  fill(queue, 0, 350);
  queue.take();
  expect(queue.spanMs).toBe(330);
  expect(queue.drop()).toEqual({ groups: 3, tags: 25 });
  expect(queue.push(tag(350))).toBe(false);
  expect(queue.push(tag(400))).toBe(true);
  expect(queue.push(tag(410))).toBe(true);
  expect(takeAll(queue)).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90, 400, 410]);
});

it('drops the whole of a group that was to begin next', () => {
  const queue = new GroupQueue();
  fill(queue, 0, 150);
  for (let n = 0; n < 10; n++) queue.take();
  queue.push(tag(150));
  queue.take();
  expect(queue.drop()).toEqual({ groups: 0, tags: 0 });
  fill(queue, 200, 250);
  expect(queue.drop()).toEqual({ groups: 1, tags: 5 });
});

it('tells the next group of a configuration that changed in one that was dropped', () => {
  const queue = new GroupQueue();
  queue.push(tag(0, true));
  queue.push(tag(10));
  queue.drop();
  queue.push(tag(100));
  expect(queue.take()?.renews).toBe(true);
  queue.push(tag(200));
  expect(queue.take()?.renews).toBe(false);
});

it('a new connection begins with a whole group', () => {
  const queue = new GroupQueue();
  fill(queue, 0, 50);
  queue.take();
  expect(queue.restart()).toEqual({ groups: 0, tags: 4 });
  expect(queue.push(tag(60))).toBe(false);
  fill(queue, 100, 250);
  queue.take();
  queue.restart();
  expect(queue.take()?.ms).toBe(200);
  expect(queue.push(tag(250))).toBe(true);
});

it('whatever happens: groups leave whole up to a cut at their end, in order, and the count of bytes is right', () => {
  for (let seed = 1; seed < 60; seed++) {
    const dice = random(seed);
    const queue = new GroupQueue();
    const taken: number[] = [];
    let restarted = 0;
    let waiting = 0;
    for (let ms = 0; ms < 3000; ms += 10) {
      if (queue.push(tag(ms))) waiting += 1;
      for (let n = dice.below(3); n > 0; n--) {
        const next = queue.take();
        if (next === undefined) break;
        waiting -= 1;
        taken.push(next.ms);
      }
      if (dice.below(40) === 0) waiting -= queue.drop().tags;
      if (dice.below(100) === 0) {
        waiting -= queue.restart().tags;
        restarted += 1;
      }
      expect(queue.bytes).toBe(waiting * 10);
    }
    const gaps = taken.filter((ms, index) => ms !== (taken[index - 1] ?? -10) + 10);
    expect(
      gaps.every((ms) => ms % 100 === 0),
      `seed ${seed}: ${gaps}`,
    ).toBe(true);
    const cuts = taken.filter(
      (ms, index) => index + 1 < taken.length && taken[index + 1] !== ms + 10 && ms % 100 !== 90,
    );
    expect(cuts.length, `seed ${seed}`).toBeLessThanOrEqual(restarted);
  }
});
