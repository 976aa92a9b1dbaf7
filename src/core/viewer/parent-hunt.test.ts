import { describe, expect, test } from 'vitest';
import type { Status } from '../../wire/link.ts';
import { Random } from '../kit/random.ts';
import { Feed } from './feed.ts';
import type { Source } from './io.ts';
import { Neighbour } from './neighbour.ts';
import { huntParent, isUrgent, TOO_LATE_MS } from './parent-hunt.ts';
import { NO_RANK } from './ranks.ts';
import { SwarmView } from './swarm-view.ts';
import { headOf, nameOf } from './testing/scene.ts';

/** What a neighbour states of substream 0: its lag in ms, the rank of its tree, and whether it has room. */
interface Stated {
  readonly lag: number;
  readonly rank: number;
  readonly open?: boolean;
  readonly child?: boolean;
  readonly relaying?: boolean;
  /** So many other substreams come from it already. */
  readonly feeds?: number;
}

const RTT_GUESS_HALF = 50;

/** Who is chosen of neighbours b, c, d ... by a viewer with this source, lag and rank. */
const chosen = (
  seeker: {
    readonly source: Source | undefined;
    readonly lag?: number;
    readonly rank: number;
    readonly latency?: number;
    readonly origin?: 'closed';
    readonly children?: number;
    /** It has looked for so long. */
    readonly forMs?: number;
  },
  ...neighbours: readonly Stated[]
): { link: number | undefined; wished: number } => {
  const view = new SwarmView({
    out: { put: () => undefined },
    random: new Random(1),
    policy: { mode: 'on', uploadBytesPerSec: Number.POSITIVE_INFINITY, neighbours: 16 },
    windowCapacity: 64,
  });
  view.enterEpoch(headOf(1, 4), 1);
  neighbours.forEach((stated, at) => {
    const neighbour = new Neighbour(at + 1, nameOf('bcdefg'[at] ?? 'z'), 0, 12);
    neighbour.hear(0, statusOf(stated));
    if (stated.child === true) neighbour.childMask = 1;
    neighbour.parentMask = ((1 << (stated.feeds ?? 0)) - 1) << 1;
    view.neighbours.add(neighbour);
  });
  const feed = new Feed(0, seeker.source, 0);
  if (seeker.lag !== undefined) feed.heard(0, seeker.lag, 'new');
  feed.children = seeker.children ?? 0;
  let wished = 0;
  const timing = {
    latencyMs: () => seeker.latency ?? 1_000,
    deadlineOf: () => 1_000,
    wishLag: (_now: number, lag: number): void => {
      wished = lag;
    },
  };
  const hunt = (now: number) =>
    huntParent(now, view, { timing, feed, rank: seeker.rank, originOpen: seeker.origin !== 'closed' });
  if (seeker.forMs !== undefined) {
    hunt(10);
    for (const neighbour of view.neighbours.all()) neighbour.statusAt = seeker.forMs;
  }
  const found = hunt(10 + (seeker.forMs ?? 0));
  return { link: found?.neighbour.link, wished };
};

const statusOf = (stated: Stated): Status => ({
  kind: 'status',
  epochTag: 1,
  base: 0,
  have: new Uint8Array(0),
  open: stated.open === false ? 0 : 1,
  relaying: stated.relaying === true ? 1 : 0,
  lags: new Uint8Array(4).fill(stated.lag / 10),
  ranks: [stated.rank, stated.rank, stated.rank, stated.rank],
  received: 0,
  stamp: 0,
  echo: 0,
  echoAgeMs: 0xffff,
});

describe('an orphan', () => {
  const orphan = { source: undefined, rank: NO_RANK } as const;

  test('takes the earliest', () => expect(chosen(orphan, { lag: 300, rank: 9 }, { lag: 100, rank: 9 }).link).toBe(2));
  test('takes nobody who is too late for the playhead while the origin can feed it, else whoever is there', () => {
    expect(chosen(orphan, { lag: 950, rank: 9 }).link).toBeUndefined();
    expect(chosen({ ...orphan, origin: 'closed' }, { lag: 950, rank: 9 }).link).toBe(1);
  });
  test('takes nobody who is an orphan, full, or its child', () =>
    expect(
      chosen(orphan, { lag: 10, rank: NO_RANK }, { lag: 10, rank: 1, open: false }, { lag: 10, rank: 1, child: true })
        .link,
    ).toBeUndefined());
});

describe('who feeds us a quarter already', () => {
  const far = [
    { lag: 500, rank: 9 },
    { lag: 600, rank: 9 },
    { lag: 600, rank: 9 },
  ];

  test('is taken by an orphan when there is nobody else', () => {
    const orphan = { source: undefined, rank: NO_RANK } as const;
    expect(chosen(orphan, { lag: 100, rank: 9, feeds: 1 }, ...far).link).toBe(2);
    expect(chosen(orphan, { lag: 100, rank: 9, feeds: 1 }, ...far.map((each) => ({ ...each, open: false }))).link).toBe(
      1,
    );
  });

  test('is no reason to leave a parent', () => {
    const child = { source: 7, rank: 50, lag: 400 } as const;
    expect(chosen(child, { lag: 100, rank: 50 }, ...far).link).toBe(1);
    expect(chosen(child, { lag: 100, rank: 50, feeds: 1 }, ...far).link).toBeUndefined();
  });

  test('feeds us all the same in a swarm of three', () =>
    expect(
      chosen({ source: undefined, rank: NO_RANK }, { lag: 100, rank: 9, feeds: 3 }, { lag: 500, rank: 9 }).link,
    ).toBe(1));
});

test('an orphan has time for neighbours when the playhead does not need its next piece before they could help', () => {
  const view = new SwarmView({
    out: { put: () => undefined },
    random: new Random(1),
    policy: { mode: 'on', uploadBytesPerSec: Number.POSITIVE_INFINITY, neighbours: 16 },
    windowCapacity: 64,
  });
  view.enterEpoch(headOf(1, 4), 1);
  const needed = (inMs: number) => ({ latencyMs: () => 0, wishLag: () => undefined, deadlineOf: () => 5_000 + inMs });
  const urgent = (inMs: number) => isUrgent(5_000, view, new Feed(0, undefined, 0), needed(inMs));
  expect([100, 200, 500, 1_000].map(urgent)).toEqual([true, true, false, false]);
});

describe('the origin is left', () => {
  const fed = { source: 'origin', rank: 50 } as const;

  test('for a tree of lower rank only', () => {
    expect(chosen(fed, { lag: 100, rank: 50 }, { lag: 200, rank: 51 }).link).toBeUndefined();
    expect(chosen(fed, { lag: 100, rank: 49 }).link).toBe(1);
  });

  test('by a leaf for any tree, if whoever offers it a place is none', () => {
    expect(chosen(fed, { lag: 100, rank: 51, relaying: true }).link).toBe(1);
    expect(chosen(fed, { lag: 100, rank: NO_RANK, relaying: true }).link).toBeUndefined();
    expect(chosen({ ...fed, children: 1 }, { lag: 100, rank: 51, relaying: true }).link).toBeUndefined();
  });

  test('when the playout delay covers the lag and one repair; else, after a while, it is asked to', () => {
    const late = (forMs: number) => chosen({ ...fed, latency: 300, forMs }, { lag: 200, rank: 1 });
    expect(late(TOO_LATE_MS - 1)).toEqual({ link: undefined, wished: 0 });
    expect(late(TOO_LATE_MS).link).toBeUndefined();
    expect(late(TOO_LATE_MS).wished).toBeGreaterThan(200 + RTT_GUESS_HALF);
  });
});

describe('a parent is left', () => {
  const child = { source: 7, rank: 50, lag: 400 } as const;

  test('for one of its tree that is a fifth earlier, not for less', () => {
    expect(chosen(child, { lag: 250, rank: 50 }).link).toBe(1);
    expect(chosen(child, { lag: 290, rank: 50 }).link).toBeUndefined();
  });

  test('never for a tree of higher rank', () => expect(chosen(child, { lag: 0, rank: 51 }).link).toBeUndefined());

  test('for a tree of lower rank, if it is hardly later than the present one even after a repair', () => {
    const branch = { ...child, children: 1 };
    expect(chosen(branch, { lag: 340, rank: 49 }).link).toBe(1);
    expect(chosen(branch, { lag: 360, rank: 49 }).link).toBeUndefined();
    expect(chosen(child, { lag: 340, rank: 49 }).link).toBeUndefined();
  });

  test('not before its own lag is known', () =>
    expect(chosen({ source: 7, rank: 50 }, { lag: 0, rank: 1 }).link).toBeUndefined());
});
