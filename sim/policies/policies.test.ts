/**
 * The policies the engine is held against: they play, they are told apart by their figures, and the engine beats them.
 */
import { describe, expect, test } from 'vitest';
import { deciders } from '../deciders.ts';
import { runScenario } from '../scenarios.ts';

const run = (policy: string) => {
  const decider = deciders[policy];
  if (decider === undefined) throw new Error(`no policy ${policy}`);
  const size = {
    scenario: 'steady',
    world: 'ideal',
    viewers: 40,
    seconds: 15,
    seed: 101,
    bitsPerSec: 1_000_000,
  } as const;
  const { world, figures } = runScenario({ ...size, decider });
  return { ...figures, broken: world.checks.violations.filter((each) => /plays|pushes|uploads|keeps/.test(each)) };
};

const shoal = run('shoal');

describe.each(['tree', 'pull', 'segments'])('%s', (policy) => {
  const figures = run(policy);

  test('plays, and neither plays nor sends what it should not', () => {
    expect(figures.startupMsP95).toBeLessThan(2_000);
    expect(figures.badBytesPlayed).toBe(0);
    expect(figures.broken).toEqual([]);
  });

  test('takes more from the origin than the engine', () => expect(figures.offload).toBeLessThan(shoal.offload));

  test('is what it was when run again', () => expect(run(policy).trace).toBe(figures.trace));
});

test('only who shares whole groups shares nothing this close to live', () => {
  expect(run('segments').originRepairs).toBe(0);
  expect(run('segments').duplicateShare).toBe(0);
  expect(run('pull').duplicateShare).toBeGreaterThan(0);
});
