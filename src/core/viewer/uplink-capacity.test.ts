import { describe, expect, test } from 'vitest';
import { type Overload, UplinkCapacity } from './uplink-capacity.ts';

const TRUE = 200_000;
const LEAST = 10_000;

/** An uplink that carries TRUE, and is handed `demand` bytes a second. */
class Uplink {
  readonly capacity = new UplinkCapacity();
  now = 0;
  #sent = 0;
  #arrived = 0;
  #queueMs = 0;

  second(demand: number): void {
    this.now += 1_000;
    this.#sent += demand;
    this.#arrived += demand;
    this.#queueMs = Math.max(0, this.#queueMs + ((demand - TRUE) * 1_000) / TRUE);
    this.capacity.read({
      at: this.now,
      sentBytes: this.#sent,
      arrivedBytes: this.#arrived,
      queueMs: this.#queueMs,
    });
  }

  /** No queue ever stands in its router: what would have to wait is dropped. */
  secondOfDrops(demand: number): void {
    this.now += 1_000;
    this.#sent += demand;
    this.#arrived += Math.min(demand, TRUE);
    this.capacity.read({ at: this.now, sentBytes: this.#sent, arrivedBytes: this.#arrived, queueMs: 0 });
  }

  /** More was handed to it than it carries, as can be seen. */
  overloaded(how: Overload = 'standing'): void {
    this.capacity.overloaded(this.now, how, LEAST);
  }
}

/** Overloads it for some seconds, as one whose queue is seen. */
const overloaded = (uplink: Uplink, times = 1): number => {
  for (let time = 0; time < times; time++) {
    for (let second = 0; second < 3; second++) uplink.second(TRUE * 1.1);
    uplink.overloaded();
    for (let second = 0; second < 6; second++) uplink.second(TRUE * 0.8);
  }
  return uplink.capacity.bytesPerSec / TRUE;
};

/** How much more is believed after so many seconds without a queue. */
const grownIn = (uplink: Uplink, seconds: number): number => {
  const before = uplink.capacity.bytesPerSec;
  for (let second = 0; second < seconds; second++) {
    uplink.second(TRUE * 0.8);
    uplink.capacity.grow(uplink.now);
  }
  return uplink.capacity.bytesPerSec / before;
};

describe('what an uplink carries', () => {
  test('is unknown until a queue stands', () => {
    const uplink = new Uplink();
    uplink.second(TRUE);
    expect([uplink.capacity.isKnown, uplink.capacity.bytesPerSec]).toEqual([false, Number.POSITIVE_INFINITY]);
  });

  test('is what left, less what the queue grew by, though more was handed to it', () => {
    expect(overloaded(new Uplink())).toBeCloseTo(1, 2);
  });

  test('is not thought less because the queue was short and the moment before quiet', () => {
    const uplink = new Uplink();
    for (let second = 0; second < 3; second++) uplink.second(TRUE * 1.1);
    uplink.overloaded();
    const before = uplink.capacity.bytesPerSec;
    // A queue is seen although hardly anything was sent within the last seconds.
    for (let second = 0; second < 3; second++) uplink.second(TRUE * 0.3);
    uplink.overloaded();
    expect(uplink.capacity.bytesPerSec / before).toBeGreaterThan(0.94);
  });

  test('is little more than what arrives where the rest is dropped', () => {
    const seen = (how: Overload): number => {
      const uplink = new Uplink();
      for (let second = 0; second < 5; second++) uplink.secondOfDrops(TRUE * 1.6);
      uplink.overloaded(how);
      return uplink.capacity.bytesPerSec / TRUE;
    };
    expect(seen('dropping')).toBeCloseTo(1.1, 5);
    expect(seen('standing')).toBeCloseTo(1.6, 5);
  });

  test('is no more than what left, however much is said to have arrived', () => {
    const uplink = new Uplink();
    for (let second = 0; second < 5; second++) uplink.second(TRUE);
    uplink.capacity.read({ at: uplink.now + 1_000, sentBytes: 6 * TRUE, arrivedBytes: 60 * TRUE, queueMs: 0 });
    uplink.overloaded('dropping');
    expect(uplink.capacity.bytesPerSec).toBeCloseTo(TRUE);
  });

  test('is tried more slowly the more often it was found to be the same', () => {
    const once = new Uplink();
    const often = new Uplink();
    overloaded(once);
    overloaded(often, 6);
    const quick = grownIn(once, 20);
    const slow = grownIn(often, 20);
    expect(quick).toBeGreaterThan(1.08);
    expect(slow).toBeLessThan(1 + (quick - 1) / 4);
    expect(slow).toBeGreaterThan(1);
  });

  test('is found anew when the uplink has become another one', () => {
    const uplink = new Uplink();
    overloaded(uplink, 5);
    for (let second = 0; second < 3; second++) uplink.second(TRUE * 2);
    // The queue that stands is of twice the rate: this uplink carries twice as much now.
    uplink.capacity.read({ at: uplink.now + 1_000, sentBytes: TRUE * 100, arrivedBytes: TRUE * 100, queueMs: 0 });
    uplink.overloaded();
    expect(grownIn(uplink, 20)).toBeGreaterThan(1.08);
  });

  test('falls step by step when less is carried, and never below the least', () => {
    const uplink = new Uplink();
    overloaded(uplink, 3);
    const steps: number[] = [];
    for (let time = 0; time < 60; time++) {
      for (let second = 0; second < 9; second++) uplink.second(TRUE * 0.01);
      uplink.overloaded();
      steps.push(uplink.capacity.bytesPerSec / TRUE);
    }
    expect(steps[0]).toBeGreaterThan(0.85);
    expect(steps[3]).toBeLessThan(0.75);
    expect(uplink.capacity.bytesPerSec).toBe(LEAST);
  });
});
