/**
 * The model level: that it is repeatable, that it keeps its own books in order, and that it says what the exact level says.
 */
import { describe, expect, test } from 'vitest';
import { Quantiles } from '../../src/core/kit/quantiles.ts';
import { Random } from '../../src/core/kit/random.ts';
import type { RunSize } from '../figures.ts';
import { ArrivalWheel, type Due } from './arrival-wheel.ts';
import { compareLevels } from './compare.ts';
import { UP } from './crowd.ts';
import { Lags, UNKNOWN } from './lags.ts';
import { runModel } from './model-level.ts';
import { LAGS_KEPT } from './rules.ts';
import { UntoldScenario } from './stories.ts';

const size: RunSize = { scenario: 'steady', world: 'real', viewers: 150, seconds: 10, seed: 1, bitsPerSec: 1_000_000 };

/** Without what depends on the machine. */
const figuresOf = (of: RunSize) => ({ ...runModel(of).figures, wallSeconds: 0, eventsPerSec: 0, cpuSeconds: 0 });

describe('a seed is the whole run', () => {
  const first = figuresOf(size);
  test('again, figure by figure', () => expect(figuresOf(size)).toEqual(first));
  test('and another seed is another run', () =>
    expect(figuresOf({ ...size, seed: 2 }).originCopies).not.toBe(first.originCopies));
});

test('says what the exact level says, roughly, at a size at which both are quick', () => {
  const both = compareLevels({ ...size, world: 'ideal' }, 1);
  expect(Math.abs(both.offloadPoints)).toBeLessThanOrEqual(10);
  expect(Math.abs(both.delayP95Percent)).toBeLessThanOrEqual(20);
});

test('more uplink offloads more, and short sessions less', () => {
  const offloadIn = (scenario: string): number => runModel({ ...size, viewers: 400, scenario }).figures.offload;
  const steady = offloadIn('steady');
  expect(offloadIn('uplink-poor')).toBeLessThan(steady - 0.05);
  expect(offloadIn('short-sessions')).toBeLessThan(steady);
});

test.each(['liars', 'no-such-thing'])('the scenario %s is not told, and it says so', (scenario) =>
  expect(() => runModel({ ...size, scenario })).toThrow(UntoldScenario),
);

describe('after viewers have come and gone', () => {
  const { swarm } = runModel({ ...size, scenario: 'short-sessions', viewers: 200 });
  const { crowd, trees } = swarm;
  const feeds = Array.from({ length: crowd.count }, (_, place) => crowd.present[place] ?? -1).flatMap((row) =>
    Array.from({ length: trees.substreams }, (_, substream) => ({ row, substream })),
  );
  const feedOf = (row: number, substream: number): number => row * trees.substreams + substream;
  const childrenOf = (row: number, substream: number): number[] => {
    const feed = feedOf(row, substream);
    return Array.from({ length: trees.childCounts[feed] ?? 0 }, (_, place) => trees.childAt(feed, place));
  };

  test('everybody stands once among the children of its source', () => {
    for (const { row, substream } of feeds) {
      const source = trees.sources[feedOf(row, substream)] ?? -1;
      if (source >= 0) expect(childrenOf(source, substream).filter((child) => child === row)).toEqual([row]);
    }
  });

  test('nobody serves more than it counts', () => {
    for (let place = 0; place < crowd.count; place++) {
      const row = crowd.present[place] ?? -1;
      const children = Array.from({ length: trees.substreams }, (_, substream) => childrenOf(row, substream)).flat();
      expect(children.length).toBe(trees.served[row]);
    }
  });

  test('hardly anybody hangs on somebody who has left', () => {
    const orphaned = feeds.filter(({ row, substream }) => {
      const source = trees.sources[feedOf(row, substream)] ?? -1;
      return source >= 0 && crowd.state[source] !== UP;
    });
    expect(orphaned.length).toBeLessThan(feeds.length * 0.05);
  });

  test('no circle feeds itself', () => {
    const isFed = ({ row, substream }: { row: number; substream: number }): boolean => {
      let at = row;
      for (let steps = 0; steps <= 40; steps++) {
        const source = trees.sources[feedOf(at, substream)] ?? -1;
        if (source < 0) return true;
        at = source;
      }
      return false;
    };
    expect(feeds.filter((feed) => !isFed(feed))).toEqual([]);
  });
});

test('the wheel gives everything once, to the millisecond in order', () => {
  const random = new Random(5);
  const wheel = new ArrivalWheel(4);
  const times = Array.from({ length: 500 }, () => random.between(0, 4_000));
  times.forEach((at, row) => {
    wheel.put(at, { row, piece: row * 2, what: row * 3 });
  });
  const due: Due = { at: 0, row: 0, piece: 0, what: 0 };
  const rows: number[] = [];
  let before = 0;
  while (wheel.take(5_000, due)) {
    expect(Math.floor(due.at)).toBeGreaterThanOrEqual(before);
    expect([due.at, due.piece, due.what]).toEqual([times[due.row], due.row * 2, due.row * 3]);
    before = Math.floor(due.at);
    rows.push(due.row);
  }
  expect(rows.sort((a, b) => a - b)).toEqual(times.map((_, row) => row));
});

test('lags are remembered as the engine remembers them', () => {
  const random = new Random(9);
  const lags = new Lags(2);
  const quantiles = new Quantiles(LAGS_KEPT);
  expect(lags.at(1, 0.5)).toBe(UNKNOWN);
  for (let sample = 0; sample < 100; sample++) {
    const lag = random.below(1_500);
    lags.add(1, lag);
    quantiles.add(lag);
    for (const share of [0.5, 0.8, 0.95]) expect(lags.at(1, share)).toBe(quantiles.at(share));
  }
  lags.clear(1);
  expect(lags.at(1, 0.5)).toBe(UNKNOWN);
});
