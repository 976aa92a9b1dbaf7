/**
 * Whole swarms in virtual time. The thresholds are gates of what the engine achieves, with a margin, not timings.
 */
import { describe, expect, test } from 'vitest';
import regressions from './regressions.json' with { type: 'json' };
import { type Run, runScenario } from './scenarios.ts';
import { sabotages } from './testing/sabotage.ts';
import { findCycles } from './tree-cycles.ts';
import { World } from './world.ts';
import { BENCH, type Weather } from './worlds.ts';

interface Size {
  readonly viewers: number;
  readonly seconds: number;
  readonly seed: number;
}

const run = (name: string, size: Size): Run =>
  runScenario({ ...size, scenario: name, world: 'real', bitsPerSec: 1_000_000 });

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
  expect(figures.offload).toBeGreaterThanOrEqual(0.6);
});

describe('seeds that once broke a law', () => {
  test.each(regressions)('$scenario, $viewers viewers, seed $seed: $why', ({ scenario, ...size }) => {
    expect(run(scenario, size).world.checks.violations).toEqual([]);
  });
});

describe('a seed is the whole run', () => {
  const size = { viewers: 12, seconds: 5, seed: 7 };
  const first = run('lossy', size).figures;

  test('again, event by event', () => expect(run('lossy', size).figures.trace).toBe(first.trace));
  test('and another seed is another run', () =>
    expect(run('lossy', { ...size, seed: 8 }).figures.trace).not.toBe(first.trace));
});

describe('the checks notice an engine that', () => {
  const SAYS: Readonly<Record<string, RegExp>> = {
    'plays a piece twice': /plays \d+ after \d+/,
    'pushes what it does not hold': /pushes \d+, which it does not hold/,
    'ignores the cap': /uploads \d+ of 100000 B\/s/,
    'never lets go of a piece': /keeps \d+ pieces/,
  };

  test.each(Object.entries(sabotages))('%s', (name, rewrite) => {
    const world = new World({ ...CANARY, seed: 3 });
    for (let joined = 0; joined < 5; joined++) world.join({ conduct: { policy: 'broken', rewrite } });
    world.run(60_000);
    world.checks.finish();
    expect(world.checks.violations.join('\n')).toMatch(SAYS[name] ?? /never/);
  });

  test('does nothing wrong: they are silent', () => {
    const world = new World({ ...CANARY, seed: 3 });
    for (let joined = 0; joined < 5; joined++) world.join();
    world.run(60_000);
    world.checks.finish();
    expect(world.checks.violations).toEqual([]);
  });
});

test('circles are found wherever one starts to look', () => {
  const node = (name: string) => ({ name, walk: 0 });
  const [a, b, c, d, e, f] = [node('a'), node('b'), node('c'), node('d'), node('e'), node('f')] as const;
  const parents = new Map([
    [a, b],
    [b, c],
    [c, b],
    [d, a],
    [f, e],
  ]);
  const edges = findCycles([a, b, c, d, e, f], (each) => parents.get(each));
  expect(edges).toEqual([
    { child: b, parent: c },
    { child: c, parent: b },
  ]);
  expect(findCycles([d], (each) => parents.get(each))).toHaveLength(2);
});

const CANARY: Weather = { ...BENCH, uplinkMean: 20, capBytesPerSec: 100_000, rttMedianMs: 20 };
