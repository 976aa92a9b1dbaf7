import { expect, test } from 'vitest';
import { ManualClock } from '../testing/manual-clock.ts';
import { EgressBudget, type Rank } from './egress-budget.ts';

const PIECE = 8192;

const drain = (budget: EgressBudget, rank: Rank): number => {
  let pieces = 0;
  while (budget.take(PIECE, rank)) pieces++;
  return pieces;
};

test('without a limit everything may be sent and nothing is said', () => {
  const budget = new EgressBudget(new ManualClock(), () => 0, Number.POSITIVE_INFINITY);
  expect(budget.take(1e12, 'http')).toBe(true);
  expect(budget.percent).toBe(0);
  expect(budget.busy).toBe(false);
});

test('never sends more than the limit over any time, whoever asks', () => {
  const clock = new ManualClock();
  const budget = new EgressBudget(clock, () => 0, 1_000_000);
  let sent = 0;
  for (let ms = 0; ms < 10_000; ms += 10) {
    sent += drain(budget, 'newcomer') * PIECE;
    clock.advance(10);
  }
  expect(sent).toBeLessThanOrEqual(1_000_000 * 11);
  expect(sent).toBeGreaterThan(1_000_000 * 10);
});

test('ranks leave something for those above them', () => {
  const budget = new EgressBudget(new ManualClock(), () => 0, 1_000_000);
  const http = drain(budget, 'http');
  const whole = drain(budget, 'whole');
  const seeding = drain(budget, 'seeding');
  const newcomer = drain(budget, 'newcomer');
  expect(http).toBeGreaterThan(60);
  expect(whole).toBeGreaterThan(10);
  expect(seeding).toBeGreaterThan(10);
  expect(newcomer).toBeGreaterThan(5);
});

test('those who wait are called back most urgent first', () => {
  const clock = new ManualClock();
  const budget = new EgressBudget(clock, () => 0, 1_000_000);
  drain(budget, 'newcomer');
  const called: string[] = [];
  budget.wait(() => called.push('http'), 'http');
  budget.wait(() => called.push('newcomer'), 'newcomer');
  budget.wait(() => called.push('seeding'), 'seeding');
  clock.advance(20);
  expect(called).toEqual(['newcomer', 'seeding', 'http']);
});

test('newcomers are promised up to the limit, others up to nine tenths', () => {
  const budget = new EgressBudget(new ManualClock(), () => 0, 1000);
  const viewer = {};
  budget.promise(viewer, 850);
  expect(budget.room(true)).toBe(150);
  expect(budget.room(false)).toBe(50);
  expect(budget.percent).toBe(85);
  expect(budget.busy).toBe(false);
  budget.promise(viewer, 950);
  expect(budget.busy).toBe(true);
  budget.promise(viewer, 0);
  expect(budget.room(true)).toBe(1000);
});

test('the time to come back is spread over two seconds', () => {
  const at = (dice: number): number => new EgressBudget(new ManualClock(), () => dice, 1).retryAfterMs();
  expect(at(0)).toBe(1000);
  expect(at(0.999)).toBeGreaterThan(2900);
});
