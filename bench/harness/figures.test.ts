/**
 * The arithmetic behind the figures.
 */
import { expect, test } from 'vitest';
import { missedGoals, tidy } from './bench.ts';
import { Histogram } from './histogram.ts';
import { median, quantile } from './quantiles.ts';
import { inSeries, ratioOf, timeRounds } from './rounds.ts';

test('goals are missed by figures beyond them, absent ones and words', () => {
  const goals = [
    { figure: 'offload', is: 'at least', value: 0.9 },
    { figure: 'delay', is: 'at most', value: 100 },
  ] as const;
  expect(missedGoals({ offload: 0.9, delay: 100 }, goals)).toEqual([]);
  expect(missedGoals({ offload: 0.89, delay: 101 }, goals)).toHaveLength(2);
  expect(missedGoals({ offload: Number.NaN, delay: 'quick' }, goals)).toHaveLength(2);
  expect(missedGoals({ delay: 1 }, goals)).toEqual(['offload is absent, should be at least 0.9']);
});

test('quantiles interpolate and do not touch their samples', () => {
  const samples = [4, 1, 3, 2];
  expect(median(samples)).toBe(2.5);
  expect(quantile(samples, 1)).toBe(4);
  expect(quantile([], 0.5)).toBeNaN();
  expect(samples).toEqual([4, 1, 3, 2]);
});

test('histograms add up across processes', () => {
  const one = new Histogram();
  for (const ms of [1, 2, 3, 20_000]) one.add(ms);
  const both = new Histogram();
  both.merge(one.bins());
  both.add(2.2);
  expect(both.count).toBe(5);
  expect(both.at(0.5)).toBe(2);
  expect(both.at(1)).toBe(9999);
  both.clear();
  expect(both.at(0.5)).toBeNaN();
});

test('ratios are taken within a round', () => {
  const rates = { ours: [10, 400, 30], theirs: [5, 100, 10] };
  expect(ratioOf(rates, 'ours', 'theirs')).toBe(3);
  expect(inSeries(rates, ['ours', 'theirs'])[0]).toBeCloseTo(10 / 3);
});

test('every variant is timed once a round', async () => {
  const runs = { a: 0, b: 0 };
  const variants = { a: () => ++runs.a, b: () => Promise.resolve(++runs.b) };
  const rates = await timeRounds(variants, { rounds: 3, sampleMs: 0.001 });
  expect(rates.a).toHaveLength(3);
  expect(rates.b?.every((rate) => rate > 0)).toBe(true);
});

test('figures are rounded for reading', () => {
  expect([tidy(1234.56), tidy(0.123456), tidy(12.3456)]).toEqual([1235, 0.1235, 12.35]);
});
