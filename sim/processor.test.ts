import { describe, expect, test } from 'vitest';
import { Random } from '../src/core/kit/random.ts';
import { BUSY_PROCESSORS, Machines, Processor } from './processor.ts';
import { runScenario } from './scenarios.ts';

const moments = Array.from({ length: 20_000 }, (_, at) => at * 5);

describe('a processor that is shared', () => {
  test('is busy for its share of the time, in bursts no longer than said', () => {
    const processor = new Processor(BUSY_PROCESSORS, new Random(1), 0);
    const waits = moments.map((now) => processor.freeAt(now) - now);
    const busy = waits.filter((wait) => wait > 0);
    const { share, burstMs } = BUSY_PROCESSORS.usual;
    expect(busy.length / waits.length).toBeGreaterThan(share - 0.03);
    expect(busy.length / waits.length).toBeLessThan(share + 0.03);
    expect(Math.max(...busy)).toBeLessThanOrEqual(burstMs[1]);
    expect(Math.max(...busy)).toBeGreaterThan(burstMs[1] * 0.9);
  });

  test('is busier while a page opens, also on another processor of the machine', () => {
    const machines = new Machines({ ...BUSY_PROCESSORS, pages: 1 }, new Random(4));
    const processor = machines.open(0);
    const busyShareFrom = (from: number): number => {
      const looks = moments.slice(0, BUSY_PROCESSORS.opening.forMs / 5).map((after) => from + after);
      return looks.filter((now) => (processor?.freeAt(now) ?? now) > now).length / looks.length;
    };
    let [calm, opening] = [0, 0];
    for (let round = 0; round < 40; round++) {
      calm += busyShareFrom(round * 20_000 + 10_000) / 40;
      machines.open(round * 20_000 + 15_000);
      opening += busyShareFrom(round * 20_000 + 15_000) / 40;
    }
    expect(calm).toBeLessThan(BUSY_PROCESSORS.usual.share + 0.08);
    expect(opening).toBeGreaterThan(BUSY_PROCESSORS.opening.share - 0.08);
  });

  test('looks at things in the order in which they come', () => {
    const processor = new Processor(BUSY_PROCESSORS, new Random(2), 0);
    const looked = moments.map((now) => processor.freeAt(now));
    expect(looked).toEqual([...looked].sort((a, b) => a - b));
  });

  test('has as many pages as it can take, and free ones have none', () => {
    const machines = new Machines({ ...BUSY_PROCESSORS, pages: 2 }, new Random(3));
    const [a, b, c] = [machines.open(0), machines.open(0), machines.open(0)];
    expect(a).toBe(b);
    expect(c).not.toBe(a);
    expect(new Machines(undefined, new Random(3)).open(0)).toBeUndefined();
  });
});

test('pages on busy processors measure longer round trips than there are', () => {
  const size = { scenario: 'tabs', world: 'real', viewers: 8, seconds: 10, seed: 1, bitsPerSec: 1_000_000 } as const;
  const roundTrips = (processors: 'free' | 'busy'): number => {
    const { world } = runScenario({ ...size, processors });
    const all = [...world.viewers.values()].flatMap(({ decider }) => decider.roundTripsMs);
    return all.sort((a, b) => a - b)[all.length >> 1] ?? 0;
  };
  expect(roundTrips('free')).toBeLessThan(5);
  expect(roundTrips('busy')).toBeGreaterThan(10);
});
