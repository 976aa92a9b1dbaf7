/**
 * Whole swarms in virtual time. The thresholds are gates of what the engine achieves, with a margin, not timings.
 */
import { describe, expect, test } from 'vitest';
import type { RunSize } from './figures.ts';
import { FIGURE_NAMES, worstOf } from './figures.ts';
import { levels } from './levels.ts';
import regressions from './regressions.json' with { type: 'json' };
import { type Run, runScenario, SCENARIO_NAMES } from './scenarios.ts';

type Size = Pick<RunSize, 'viewers' | 'seconds' | 'seed'>;

const run = (scenario: string, size: Size): Run =>
  runScenario({ ...size, scenario, world: 'real', bitsPerSec: 1_000_000 });

describe('a hundred viewers and more at a delay of 25 ms each way', () => {
  test.each([
    [50, 1, 0.955],
    [50, 2, 0.955],
    [200, 1, 0.975],
  ])('%i of them, seed %i: offload at least %f', (viewers, seed, offload) => {
    const { world, figures } = run('mesh', { viewers, seed, seconds: 8 });
    expect(world.checks.violations).toEqual([]);
    expect(figures.offload).toBeGreaterThanOrEqual(offload);
    expect(figures.delayMsP95).toBeLessThanOrEqual(950);
    expect(figures.missedShare).toBeLessThanOrEqual(0.003);
  });
});

describe('eight tabs with pictures', () => {
  test.each([1, 2, 3])('side by side, three of them killed, seed %i', (seed) => {
    const { world, figures } = run('tabs', { viewers: 8, seed, seconds: 60 });
    expect(world.checks.violations).toEqual([]);
    expect(figures.offload).toBeGreaterThanOrEqual(0.825);
    expect(figures.stalls).toBe(0);
  });

  test.each([1, 2, 3])('far apart, with losses, two without uplink, seed %i', (seed) => {
    const { world, figures } = run('tabs-wan', { viewers: 8, seed, seconds: 60 });
    expect(world.checks.violations).toEqual([]);
    expect(figures.offload).toBeGreaterThanOrEqual(0.72);
    expect(figures.stalls).toBeLessThanOrEqual(2);
  });
});

test('at home, where uplinks barely carry the stream, most of it is still shared', () => {
  const { world, figures } = run('steady', { viewers: 60, seed: 1, seconds: 15 });
  expect(world.checks.violations).toEqual([]);
  expect(figures.offload).toBeGreaterThanOrEqual(0.5);
});

describe('every scenario breaks no law and shows every figure', () => {
  test.each(SCENARIO_NAMES)('%s', (scenario) => {
    const { world, figures } = run(scenario, { viewers: 30, seed: 11, seconds: 12 });
    expect(world.checks.violations).toEqual([]);
    for (const name of FIGURE_NAMES) expect(Number.isFinite(figures[name]), name).toBe(true);
    expect([figures.badBytesPlayed, figures.badBytesForwarded]).toEqual([0, 0]);
    expect(figures.offload).toBeLessThanOrEqual(1);
  });
});

describe('seeds that once broke a law', () => {
  test.each(regressions)('$scenario, $viewers viewers, seed $seed: $why', ({ scenario, ...size }) => {
    expect(run(scenario, size).world.checks.violations).toEqual([]);
  });
});

describe('a seed is the whole run', () => {
  const size = { viewers: 40, seconds: 5, seed: 7 };
  const first = run('liars', size).figures;

  test('again, event by event', () => {
    const again = run('liars', size).figures;
    expect(again.trace).toBe(first.trace);
    const { wallSeconds: _w, eventsPerSec: _e, bytesPerViewer: _b, cpuSeconds: _c, ...figures } = first;
    expect(again).toMatchObject(figures);
  });
  test('and another seed is another run', () =>
    expect(run('liars', { ...size, seed: 8 }).figures.trace).not.toBe(first.trace));
});

test('the worst of several seeds is taken figure by figure', () => {
  const { exact } = levels;
  const size = { scenario: 'mesh', world: 'real', viewers: 8, seconds: 5, bitsPerSec: 1_000_000 } as const;
  const runs = [1, 2, 3].map((seed) => exact?.run({ ...size, seed }).figures).filter((each) => each !== undefined);
  const worst = worstOf(runs);
  expect(runs).toHaveLength(3);
  expect(worst.offload).toBe(Math.min(...runs.map((each) => each.offload)));
  expect(worst.delayMsP95).toBe(Math.max(...runs.map((each) => each.delayMsP95)));
});
