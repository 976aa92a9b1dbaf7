/**
 * The small parts of an engine, each alone.
 */
import { describe, expect, test } from 'vitest';
import type { Status } from '../../wire/link.ts';
import { Counters } from './counters.ts';
import { Feed } from './feed.ts';
import { Neighbour } from './neighbour.ts';
import { OriginClock } from './origin-clock.ts';
import { OriginMask } from './origin-mask.ts';
import { NO_RANK, rootRank } from './ranks.ts';
import { nameOf } from './testing/scene.ts';
import { describeOutput } from './testing/spoken.ts';

describe('the clock of the origin', () => {
  test('is a guess until an exchange is timed, and the guess with least delay counts', () => {
    const clock = new OriginClock();
    expect(clock.known).toBe(false);
    clock.hint(100, 10_000);
    clock.hint(200, 10_080);
    expect(clock.wall(300)).toBe(10_200);
  });

  test('follows the exchange with the smallest round trip', () => {
    const clock = new OriginClock();
    clock.sample(200, 0, 5_100);
    expect(clock.wall(200)).toBe(5_200);
    clock.sample(300, 290, 5_290);
    expect([clock.wall(300), clock.rttMs]).toEqual([5_295, 10]);
    clock.sample(400, 200, 9_999);
    expect(clock.rttMs).toBe(10);
  });

  test('a hint counts for nothing after an exchange', () => {
    const clock = new OriginClock();
    clock.sample(10, 0, 1_000);
    clock.hint(20, 99_999);
    expect(clock.wall(10)).toBe(1_005);
  });

  test('forgets an old exchange, so that drift is followed', () => {
    const clock = new OriginClock();
    clock.sample(10, 0, 1_000);
    clock.sample(400_000, 399_900, 500_000);
    expect(clock.wall(400_000)).toBe(500_050);
  });
});

describe('ranks', () => {
  const rank = (viewer: string, uploading: boolean, senior = false): number =>
    rootRank(nameOf(viewer), 3, { uploading, senior });

  test('are the same for everybody who computes them', () => expect(rank('a', true)).toBe(rank('a', true)));
  test('put viewers that cannot upload last', () => {
    const able = [...'abcdefgh'].map((viewer) => rank(viewer, true));
    const unable = [...'abcdefgh'].map((viewer) => rank(viewer, false));
    expect(Math.max(...able)).toBeLessThan(Math.min(...unable));
  });
  test('put the first viewer of a tiny swarm first', () => {
    expect(rank('a', true, true)).toBeLessThan(Math.min(...[...'bcdefgh'].map((viewer) => rank(viewer, true))));
  });
  test('differ by substream, so that the roots of a swarm are spread', () => {
    const first = (substream: number): string =>
      [...'abcdefghij'].sort(
        (a, b) =>
          rootRank(nameOf(a), substream, { uploading: true, senior: false }) -
          rootRank(nameOf(b), substream, { uploading: true, senior: false }),
      )[0] ?? '';
    expect(new Set(Array.from({ length: 16 }, (_, substream) => first(substream))).size).toBeGreaterThan(4);
  });
  test('are never the rank of no tree', () => {
    for (let at = 0; at < 5_000; at++) {
      const name = at.toString(16).padStart(16, '0');
      expect(rootRank(name, 0, { uploading: false, senior: false })).toBeLessThan(NO_RANK);
    }
  });
});

describe('the mask asked of the origin', () => {
  const asked = (act: (mask: OriginMask) => void): string[] => {
    const said: string[] = [];
    act(new OriginMask({ put: (output) => said.push(describeOutput(output)) }));
    return said;
  };

  test('is asked only when it changes, and from what is missing', () => {
    expect(
      asked((mask) => {
        mask.askedAtOpening(0b1111);
        mask.opened(0);
        mask.flush(0b1111, () => 9);
        mask.flush(0b0011, () => 9);
        mask.flush(0b0011, () => 9);
        mask.flush(0b0111, () => 9);
      }),
    ).toEqual(['ask-origin mask 0,1 from=live', 'ask-origin mask 0,1,2 from=9']);
  });

  test('is not asked while the connection is closed', () => {
    expect(asked((mask) => mask.flush(1, () => 0))).toEqual([]);
  });

  test('only the answer to the newest request counts', () => {
    const mask = new OriginMask({ put: () => undefined });
    mask.askedAtOpening(0b11);
    mask.opened(0);
    mask.flush(0b01, () => 0);
    expect([mask.answered(), mask.answered()]).toEqual([false, true]);
  });

  test('rests when the origin asks for it', () => {
    const mask = new OriginMask({ put: () => undefined });
    mask.opened(0);
    mask.rest(500);
    expect([mask.canAsk(499), mask.canAsk(500)]).toEqual([false, true]);
    mask.closed();
    expect(mask.canAsk(600)).toBe(false);
  });
});

describe('a feed', () => {
  test('forgets how its source did when the source changes', () => {
    const feed = new Feed(0, 'origin', 0);
    feed.heard(4, 30, 'new');
    feed.lates = 2;
    feed.setSource(7, 100);
    expect([feed.lag.at(0.5), feed.lates, feed.sourceSince]).toEqual([undefined, 0, 100]);
  });

  test('takes an old piece, sent once more, for no service', () => {
    const feed = new Feed(0, 3, 0);
    feed.heard(8, 30, 'new');
    feed.lates = 2;
    feed.heard(4, 900, 'held');
    expect([feed.lates, feed.lag.at(1)]).toEqual([2, 30]);
  });
});

describe('a neighbour', () => {
  const status = (more: Partial<Status>): Status => ({
    kind: 'status',
    epochTag: 1,
    base: 100,
    have: new Uint8Array([0b1010_0000]),
    open: 0,
    relaying: 0,
    lags: new Uint8Array(4),
    ranks: [0, 0, 0, 0],
    received: 0,
    stamp: 0,
    echo: 0,
    echoAgeMs: 0xffff,
    ...more,
  });
  const met = (): Neighbour => new Neighbour(1, nameOf('b'), 0, 12);

  test('holds what its last word says, while that is fresh and of this epoch', () => {
    const neighbour = met();
    neighbour.hear(0, status({}));
    const holds = (now: number, epochTag: number, sequence: number): boolean =>
      neighbour.holds(now, epochTag, sequence);
    expect([holds(10, 1, 100), holds(10, 1, 101), holds(10, 1, 102), holds(10, 1, 99)]).toEqual([
      true,
      false,
      true,
      false,
    ]);
    expect([holds(10, 2, 100), holds(9_999, 1, 100)]).toEqual([false, false]);
  });

  test('measures the round trip by what comes back, over the wrap of the stamp', () => {
    const neighbour = met();
    neighbour.hear(65_540, status({ echo: 65_500, echoAgeMs: 10 }));
    expect(neighbour.rttMs).toBe(30);
  });

  test('shows a queue only when the newest round trips have all grown', () => {
    const neighbour = met();
    const hear = (now: number, rtt: number): void =>
      neighbour.hear(now, status({ echo: now - rtt, echoAgeMs: 0, stamp: now }));
    for (const [at, rtt] of [20, 20, 20, 300].entries()) hear(1_000 + at * 400, rtt);
    expect(neighbour.queueingMs).toBe(0);
    for (const at of [4, 5, 6, 7]) hear(1_000 + at * 400, 220);
    expect(neighbour.queueingMs).toBe(200);
  });

  test('has in flight what was pushed lately and not acknowledged, over the wrap of the count', () => {
    const neighbour = met();
    neighbour.pushed(1_000, 40_000);
    expect(neighbour.inFlight(1_010)).toBe(40_000);
    neighbour.hear(1_200, status({ received: 30_000 }));
    expect(neighbour.inFlight(1_210)).toBe(10_000);
    expect(neighbour.inFlight(9_000)).toBe(0);
  });

  test('would queue when much is in flight on a slow line', () => {
    const neighbour = met();
    expect(neighbour.wouldQueue(0, 5_000, 150)).toBe(false);
    neighbour.pushed(1_000, 60_000);
    expect(neighbour.wouldQueue(1_010, 5_000, 150)).toBe(true);
  });

  test('is left alone for as long as it refused', () => {
    const neighbour = met();
    neighbour.refusedUntil(2, 500);
    expect([neighbour.refuses(499, 2), neighbour.refuses(500, 2), neighbour.refuses(0, 1)]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

test('every missed deadline is counted under one cause', () => {
  const counters = new Counters();
  counters.missed['no-parent']++;
  counters.missed['parent-late']++;
  counters.missed['origin-late']++;
  counters.missed['not-connected']++;
  expect(counters.missedDeadlines).toBe(4);
});
