/**
 * The checks against deciders that are broken on purpose: each must turn red for its own reason, and stay silent for the
 * engine that ships.
 */
import { describe, expect, test } from 'vitest';
import { corrupting } from './conduct.ts';
import type { DeciderMaker } from './decider.ts';
import { shipped } from './shipped.ts';
import { complaintsOf } from './testing/gate.ts';
import { leech, pretending, sabotages, stoic } from './testing/sabotage.ts';
import { findCycles } from './tree-cycles.ts';
import type { ViewerTraits } from './viewer-traits.ts';
import { World } from './world.ts';
import { BENCH, type Weather } from './worlds.ts';

const CANARY: Weather = { ...BENCH, uplinkMean: 20, capBytesPerSec: 100_000, rttMedianMs: 20 };

/** Five viewers for a while; what the checks say of them. */
const watch = (traits: Partial<ViewerTraits>, weather: Weather = CANARY, ms = 60_000): World => {
  const world = new World({ ...weather, seed: 3 });
  for (let joined = 0; joined < 5; joined++) world.join(traits);
  world.run(ms);
  world.checks.finish();
  return world;
};

const said = (world: World): string => world.checks.violations.join('\n');

test('of the engine that ships they say nothing', () => expect(said(watch({}))).toBe(''));

describe('they notice one that', () => {
  const SAYS: Readonly<Record<string, RegExp>> = {
    'plays a piece twice': /plays (\d+) after \1/,
    'plays out of order': /plays \d+ after \d+/,
    'pushes what it does not hold': /pushes \d+, which it does not hold/,
    'ignores the cap': /uploads \d+ of 100000 B\/s/,
    'never lets go of a piece': /keeps \d+ pieces/,
    'talks without end': /has a queue of \d+ ms/,
  };

  test.each(Object.entries(sabotages))('%s', (name, rewrite) => {
    const slow = name === 'talks without end' ? { uplinkBitsPerSec: 300_000 } : {};
    const world = watch({ conduct: { policy: 'broken', rewrite }, ...slow });
    expect(said(world)).toMatch(SAYS[name] ?? /never/);
  });

  const PRETENDED: readonly (readonly [string, DeciderMaker, RegExp])[] = [
    ['works on too many holes', pretending({ missing: 600 }), /works on 600 holes/],
    ['has too many neighbours', pretending({ links: 17 }), /has 17 neighbours/],
    ['serves too many', pretending({ serving: 300 }), /serves 300 subscriptions/],
    ['is fed in a circle', pretending({ parentOf: () => 1 }), /is in a circle in substream 0 since/],
  ];

  test.each(PRETENDED)('%s', (_name, decider, says) => expect(said(watch({ decider }, CANARY, 10_000))).toMatch(says));

  test('gives no cause for the deadlines it misses', () => {
    const lossy: Weather = { ...CANARY, loss: 0.2 };
    expect(said(watch({ decider: stoic }, lossy, 30_000))).toBe('');
    expect(said(watch({ decider: pretending({ explained: 0 }, stoic) }, lossy, 30_000))).toMatch(
      /missed \d+ deadlines and gives causes for 0/,
    );
  });

  test('believes and passes on what the origin did not sign', () => {
    const world = new World({ ...CANARY, seed: 3, capBytesPerSec: Number.POSITIVE_INFINITY });
    for (let joined = 0; joined < 4; joined++) world.join({ conduct: corrupting });
    for (let joined = 0; joined < 8; joined++)
      world.at(joined * 500, () => void world.join({ conduct: { policy: 'gullible', rewrite: undefined } }));
    world.run(30_000);
    expect(said(world)).toMatch(/takes \d+, which the origin did not sign/);
    expect(world.totals.badPlayed).toBeGreaterThan(0);
    expect(world.totals.badForwarded).toBeGreaterThan(0);
  });

  test('does neither, among the same liars: nothing bad is played or passed on', () => {
    const world = new World({ ...CANARY, seed: 3, capBytesPerSec: Number.POSITIVE_INFINITY });
    for (let joined = 0; joined < 4; joined++) world.join({ conduct: corrupting });
    for (let joined = 0; joined < 8; joined++) world.at(joined * 500, () => void world.join());
    world.run(30_000);
    expect([said(world), world.totals.badPlayed, world.totals.badForwarded]).toEqual(['', 0, 0]);
  });
});

describe('a thousand viewers', () => {
  test.each([101, 102, 103])('pass the gate with the engine that ships, seed %i', (seed) => {
    expect(complaintsOf(shipped, { viewers: 1_000, seed })).toEqual([]);
  });

  test('do not when they only take from the origin', () => {
    expect(complaintsOf(leech, { viewers: 300, seed: 101 }).join()).toMatch(/offload -?0\.0/);
  });

  test('do not when they never ask for what is missing', () => {
    expect(complaintsOf(stoic, { viewers: 300, seed: 101 }).join()).toMatch(/pieces missed/);
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
