import { describe, expect, test } from 'vitest';
import { Random } from '../kit/random.ts';
import { Feed } from './feed.ts';
import { BEYOND_MAX_MS, BEYOND_STEP, isStarving, NEIGHBOURS_WANTED, Reach, STARVING_MS } from './reach.ts';
import { heard, Scene } from './testing/scene.ts';

describe('links that are wanted', () => {
  test('are a few, and at most half of what is allowed', () => {
    const reach = new Reach(new Random(1));
    expect([0, 1, 2, 6, 16, 64].map((limit) => reach.links(limit))).toEqual([0, 1, 1, 3, 8, NEIGHBOURS_WANTED]);
  });

  test('become two more at a time while that does not help, more and more seldom, and never more than allowed', () => {
    const reach = new Reach(new Random(1));
    const grewAt: number[] = [];
    let links = 8;
    for (let now = 1_000; now <= 120_000; now += 1_000) {
      if (!reach.look(now, links, true)) continue;
      grewAt.push(now);
      expect(reach.links(64)).toBe(links + BEYOND_STEP);
      links = reach.links(64);
      expect(reach.links(16)).toBeLessThanOrEqual(16);
    }
    const gaps = grewAt.slice(1).map((at, index) => at - (grewAt[index] ?? 0));
    expect(gaps.length).toBeGreaterThan(5);
    expect(gaps.at(0)).toBeLessThan(7_000);
    expect(gaps.at(-1)).toBeGreaterThan(BEYOND_MAX_MS / 2);
  });

  test('are as few as before once it does help', () => {
    const reach = new Reach(new Random(1));
    reach.look(1_000, 8, true);
    reach.look(2_000, 10, false);
    expect(reach.links(64)).toBe(NEIGHBOURS_WANTED);
  });
});

describe('a viewer starves', () => {
  const fedFor = (source: 'origin' | number, ms: number, children = 0): boolean => {
    const feed = new Feed(0, source, 1_000);
    feed.children = children;
    return isStarving(1_000 + ms, [new Feed(1, 7, 0), feed]);
  };
  test('when the origin has fed it for long', () => expect(fedFor('origin', STARVING_MS + 1)).toBe(true));
  test('not yet after a moment', () => expect(fedFor('origin', STARVING_MS - 1)).toBe(false));
  test('not when it is a root that others hang from', () => expect(fedFor('origin', 60_000, 1)).toBe(false));
  test('not when neighbours feed it', () => expect(fedFor(3, 60_000)).toBe(false));
});

describe('who starves among eight neighbours', () => {
  const NAMES = ['b', 'c', 'd', 'e', 'f', '1', '2', '3'];
  const START = `
    0 start
    10 opened
    10 head K=4
    20 joined a ${NAMES.join(' ')}
    ${NAMES.map((name, at) => `300 link ${at + 1} ${name}`).join('\n')}
  `;

  test('asks the tracker for two more', () => {
    const scene = new Scene();
    scene.play(START, []);
    const asked = scene.play('3000 wait\n9000 wait', ['tell-tracker more']);
    expect(asked[0]).toMatch(/tell-tracker more 2$/);
  });

  test('and dials them', () =>
    expect(heard(`${START}\n9000 wait`, '9010 met 4 5 6', ['dial']).map((line) => line.replace(/^\d+ /, ''))).toEqual([
      'dial 9 4',
      'dial 10 5',
    ]));
});
