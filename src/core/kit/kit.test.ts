import { describe, expect, test } from 'vitest';
import { Bucket } from './bucket.ts';
import { Quantiles } from './quantiles.ts';
import { Random } from './random.ts';
import { Timers } from './timers.ts';

describe('a bucket', () => {
  test('gives its burst at once and then its rate', () => {
    const bucket = new Bucket(10, 3);
    expect([0, 0, 0, 0].map((at) => bucket.take(at))).toEqual([true, true, true, false]);
    expect(bucket.take(99)).toBe(false);
    expect(bucket.take(100)).toBe(true);
    expect(bucket.take(100)).toBe(false);
  });

  test('never holds more than its burst, however long nobody asks', () => {
    const bucket = new Bucket(10, 3);
    bucket.take(0, 3);
    expect(bucket.take(1e9, 4)).toBe(false);
    expect(bucket.take(1e9, 3)).toBe(true);
  });

  test('a new rate counts from now on', () => {
    const bucket = new Bucket(1, 10);
    bucket.take(0, 10);
    bucket.setRate(1000, 100);
    expect(bucket.take(1000, 2)).toBe(false);
    expect(bucket.take(1010, 2)).toBe(true);
  });

  test('a clock that stands or goes back gives nothing', () => {
    const bucket = new Bucket(1000, 1);
    expect(bucket.take(500)).toBe(true);
    expect(bucket.take(500)).toBe(false);
    expect(bucket.take(100)).toBe(false);
  });
});

describe('quantiles', () => {
  const of = (samples: readonly number[], capacity = 8): Quantiles => {
    const quantiles = new Quantiles(capacity);
    for (const sample of samples) quantiles.add(sample);
    return quantiles;
  };

  test.each([
    [[], 0.5, undefined],
    [[7], 0, 7],
    [[7], 1, 7],
    [[3, 1, 2], 0.5, 2],
    [[4, 3, 2, 1], 0, 1],
    [[4, 3, 2, 1], 0.95, 4],
    [[-5, 5], 0.1, -5],
  ])('of %j at %f is %o', (samples, share, expected) => expect(of(samples).at(share)).toBe(expected));

  test('know the newest samples only', () => {
    const quantiles = of([100, 100, 100, 1, 2, 3], 3);
    expect(quantiles.at(1)).toBe(3);
    expect(quantiles.count).toBe(6);
  });

  test('are unknown again when cleared', () => {
    const quantiles = of([1, 2]);
    quantiles.clear();
    expect(quantiles.at(0.5)).toBeUndefined();
    quantiles.add(9);
    expect(quantiles.at(0)).toBe(9);
  });

  test('agree with sorting everything', () => {
    const random = new Random(5);
    const quantiles = new Quantiles(16);
    const all: number[] = [];
    for (let round = 0; round < 300; round++) {
      const sample = random.between(-50, 50);
      all.push(sample);
      quantiles.add(sample);
      const sorted = all.slice(-16).sort((a, b) => a - b);
      const share = random.unit();
      expect(quantiles.at(share)).toBe(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]);
    }
  });
});

describe('dice', () => {
  const rolls = (seed: number): number[] => {
    const random = new Random(seed);
    return Array.from({ length: 20 }, () => random.bits());
  };

  test('of one seed are the same, of another not', () => {
    expect(rolls(1)).toEqual(rolls(1));
    expect(rolls(1)).not.toEqual(rolls(2));
    expect(new Set(rolls(0)).size).toBe(20);
  });

  test('fill their range evenly', () => {
    const random = new Random(3);
    const counts = new Array<number>(10).fill(0);
    for (let roll = 0; roll < 10_000; roll++) {
      const face = random.below(10);
      counts[face] = (counts[face] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  });

  test('stay within bounds', () => {
    const random = new Random(4);
    for (let roll = 0; roll < 1_000; roll++) {
      const value = random.between(-2, 3);
      expect(value >= -2 && value < 3).toBe(true);
    }
  });

  test('a sample has no member twice and is never longer than the list', () => {
    const random = new Random(9);
    const list = [1, 2, 3, 4, 5];
    expect(random.sample(list, 9).sort()).toEqual(list);
    expect(new Set(random.sample(list, 3)).size).toBe(3);
    expect(random.sample([], 3)).toEqual([]);
    expect(list).toEqual([1, 2, 3, 4, 5]);
  });
});

describe('timers', () => {
  test('the next is the earliest, and nothing is due before', () => {
    const timers = new Timers({ names: ['a', 'b'], slackMs: [0, 0] });
    expect(timers.next()).toBe(Number.POSITIVE_INFINITY);
    timers.set('a', 20);
    timers.set('b', 10);
    expect(timers.next()).toBe(10);
    expect(timers.expire(9)).toEqual([]);
    expect(timers.expire(10)).toEqual(['b']);
    expect(timers.next()).toBe(20);
  });

  test('what is due is taken out once', () => {
    const timers = new Timers({ names: ['a'], slackMs: [0] });
    timers.set('a', 5);
    expect(timers.expire(100)).toEqual(['a']);
    expect(timers.expire(100)).toEqual([]);
  });

  test('hastening only brings forward; setting moves either way', () => {
    const timers = new Timers({ names: ['a'], slackMs: [0] });
    timers.hasten('a', 50);
    timers.hasten('a', 80);
    expect(timers.next()).toBe(50);
    timers.set('a', 80);
    expect(timers.next()).toBe(80);
    timers.clear('a');
    expect(timers.next()).toBe(Number.POSITIVE_INFINITY);
  });

  test('a timer with slack is woken up for later, unless another one is sooner', () => {
    const timers = new Timers({ names: ['a', 'b'], slackMs: [40, 0] });
    timers.set('a', 100);
    expect(timers.wakeAt()).toBe(140);
    timers.hasten('b', 130);
    expect([timers.next(), timers.wakeAt()]).toEqual([100, 130]);
    expect(timers.expire(130)).toEqual(['a', 'b']);
    expect(timers.wakeAt()).toBe(Number.POSITIVE_INFINITY);
    timers.set('b', 200);
    expect(timers.wakeAt()).toBe(200);
    timers.clear('b');
    expect(timers.wakeAt()).toBe(Number.POSITIVE_INFINITY);
  });
});
