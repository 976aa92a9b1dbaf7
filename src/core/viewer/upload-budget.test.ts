import { describe, expect, test } from 'vitest';
import type { Status } from '../../wire/link.ts';
import { Random } from '../kit/random.ts';
import type { PolicyReport } from './io.ts';
import { Neighbour } from './neighbour.ts';
import { SwarmView } from './swarm-view.ts';
import { headOf, nameOf } from './testing/scene.ts';
import { UploadBudget, WIRE_FACTOR } from './upload-budget.ts';

const swarm = (policy: Partial<PolicyReport> = {}): { view: SwarmView; budget: UploadBudget; child: Neighbour } => {
  const view = new SwarmView({
    out: { put: () => undefined },
    random: new Random(1),
    policy: { mode: 'on', uploadBytesPerSec: Number.POSITIVE_INFINITY, neighbours: 16, ...policy },
    windowCapacity: 64,
  });
  view.enterEpoch(headOf(1, 8), 1);
  const child = new Neighbour(1, nameOf('b'), 0, 12);
  child.childMask = 1;
  view.neighbours.add(child);
  return { view, budget: new UploadBudget(view), child };
};

/** The child's word: how long the round trip took, how much of it back, and how much has arrived. */
const hear = (child: Neighbour, now: number, rtt: number, { received = 0, back = 0 } = {}): void => {
  const status: Status = {
    kind: 'status',
    epochTag: 1,
    base: 0,
    have: new Uint8Array(0),
    open: 0,
    relaying: 0,
    lags: new Uint8Array(8),
    ranks: [],
    received,
    stamp: (now - back) & 0xffff,
    echo: (now - rtt) & 0xffff,
    echoAgeMs: 0,
  };
  child.hear(now, status);
};

describe('the upload budget', () => {
  test('begins at half the stream', () => {
    const { view, budget } = swarm();
    budget.step(0, 0, 0);
    expect(budget.bytesPerSec).toBeGreaterThanOrEqual(view.byteRate / 2);
    expect(budget.bytesPerSec).toBeLessThan(view.byteRate * 0.7);
  });

  test('grows by a fifth of the stream a second while it is used and no queue stands', () => {
    const { view, budget, child } = swarm();
    budget.step(0, 0, 0);
    const before = budget.bytesPerSec;
    for (let second = 1; second <= 7; second++) {
      hear(child, second * 1_000, 40);
      budget.step(second * 1_000, budget.slots, 0);
    }
    // Three words are heard before a queue could show.
    expect((budget.bytesPerSec - before) / view.byteRate).toBeCloseTo(7 * 0.2, 1);
  });

  test('does not grow while most of it is unused', () => {
    const { budget, child } = swarm();
    budget.step(0, 0, 0);
    const grown: number[] = [];
    for (let second = 1; second <= 30; second++) {
      hear(child, second * 1_000, 40);
      budget.step(second * 1_000, 0, 0);
      grown.push(budget.slots);
    }
    expect(grown.at(-1)).toBe(grown.at(-10));
  });

  test('shrinks to what arrives when a queue stands, and says how many children are too many', () => {
    const { view, budget, child } = swarm();
    budget.step(0, 0, 0);
    for (let second = 1; second <= 8; second++) {
      view.counters.uploadedBytes += 50_000;
      hear(child, second * 1_000, 40, { received: second * 50_000 });
      budget.step(second * 1_000, budget.slots, 0);
    }
    const before = budget.slots;
    let shed = 0;
    for (let second = 9; second <= 14; second++) {
      view.counters.uploadedBytes += 50_000;
      hear(child, second * 1_000, 400, { received: second * 50_000 });
      shed = Math.max(shed, budget.step(second * 1_000, before, 0));
    }
    expect(budget.slots).toBeLessThan(before);
    expect(budget.slots).toBeGreaterThanOrEqual(1);
    expect(shed).toBeGreaterThan(0);
  });

  test('learns from a queue what the uplink carries, keeps a little back, and finds its way up again', () => {
    const { view, budget, child } = swarm();
    expect(budget.capacity).toBe(Number.POSITIVE_INFINITY);
    let now = 0;
    const second = (rtt: number): void => {
      now += 1_000;
      view.counters.uploadedBytes += 100_000;
      hear(child, now, rtt, { received: (now / 1_000) * 100_000 });
      budget.step(now, budget.slots, 0);
    };
    for (let count = 0; count < 12; count++) second(40);
    for (let count = 0; count < 8; count++) second(200);
    const learned = budget.capacity;
    expect(learned).toBeGreaterThan(70_000);
    expect(learned).toBeLessThan(115_000);
    expect(budget.bytesPerSec).toBeLessThan(learned);
    for (let count = 0; count < 10; count++) second(40);
    expect(budget.capacity).toBeLessThan(learned * 1.08);
    for (let count = 0; count < 90; count++) second(40);
    expect(budget.capacity).toBeGreaterThan(learned * 1.5);
  });

  test('knows no capacity by round trips that grow on the way back alone', () => {
    const capacity = (backOf: (rtt: number) => number): number => {
      const { view, budget, child } = swarm();
      for (let second = 0; second <= 30; second++) {
        view.counters.uploadedBytes += 60_000;
        const rtt = second > 10 ? 400 : 40;
        hear(child, second * 1_000, rtt, { received: second * 60_000, back: backOf(rtt) });
        budget.step(second * 1_000, budget.slots, 0);
      }
      return budget.capacity;
    };
    expect(capacity((rtt) => rtt - 20)).toBe(Number.POSITIVE_INFINITY);
    expect(capacity(() => 20)).toBeLessThan(80_000);
  });

  describe('where what would have to wait is dropped', () => {
    /** Children that are sent 20,000 bytes a second each, of which so much comes; nothing ever takes longer. */
    const droppedFor = (seconds: number, comesOf: (child: number) => number) => {
      const { view, budget, child } = swarm();
      const children = [child, ...[2, 3, 4, 5].map((link) => new Neighbour(link, nameOf(`c${link}`), 0, 12))];
      for (const other of children.slice(1)) {
        other.childMask = 1;
        view.neighbours.add(other);
      }
      for (let second = 1; second <= seconds; second++) {
        const now = second * 1_000;
        for (const [at, each] of children.entries()) {
          view.counters.uploadedBytes += 20_000;
          each.pushed(now, 20_000);
          hear(each, now, 40, { received: Math.round(second * 20_000 * comesOf(at)) });
        }
        budget.step(now, budget.slots, 0);
      }
      return { view, budget };
    };
    const SENT = 5 * 20_000 * WIRE_FACTOR;

    test('knows what the uplink carries by what arrives, though round trips show no queue', () => {
      const { budget } = droppedFor(12, () => 0.7);
      expect(budget.capacity).toBeLessThan(SENT * 0.7 * 1.11);
      expect(budget.capacity).toBeGreaterThan(SENT * 0.65);
    });

    test('thinks nothing of what is missing now and then', () => {
      expect(droppedFor(30, () => 0.93).budget.capacity).toBe(Number.POSITIVE_INFINITY);
    });

    test('does not believe one child that says that nothing came', () => {
      expect(droppedFor(30, (child) => (child === 0 ? 0 : 1)).budget.capacity).toBe(Number.POSITIVE_INFINITY);
      expect(droppedFor(30, (child) => (child < 2 ? 0 : 1)).budget.capacity).toBeLessThan(SENT);
    });

    test('does not believe that more came than was sent', () => {
      expect(droppedFor(30, (child) => (child === 0 ? 9 : 0.7)).budget.capacity).toBeLessThan(SENT);
    });

    test('sees no loss in sending less and less, or more and more', () => {
      const capacity = (rate: (second: number) => number): number => {
        const { view, budget, child } = swarm();
        let sent = 0;
        for (let second = 1; second <= 40; second++) {
          // What was sent within the last 400 ms is not known to have come.
          const bytes = rate(second);
          hear(child, second * 1_000, 40, { received: sent + Math.round(bytes * 0.6) });
          sent += bytes;
          view.counters.uploadedBytes += bytes;
          child.pushed(second * 1_000, bytes);
          budget.step(second * 1_000, budget.slots, 0);
        }
        return budget.capacity;
      };
      expect(capacity((second) => second * 4_000)).toBe(Number.POSITIVE_INFINITY);
      expect(capacity((second) => 200_000 - second * 4_900)).toBe(Number.POSITIVE_INFINITY);
      expect(capacity((second) => (second < 20 ? 100_000 : 20_000))).toBe(Number.POSITIVE_INFINITY);
      expect(capacity((second) => (second < 20 ? 20_000 : 150_000))).toBe(Number.POSITIVE_INFINITY);
    });
  });

  test('keeps who has a place where it would give none', () => {
    const { view, budget, child } = swarm();
    for (let second = 0; second <= 40; second++) {
      view.counters.uploadedBytes += 300_000;
      hear(child, second * 1_000, second > 32 ? 200 : 40, { received: second * 300_000 });
      budget.step(second * 1_000, budget.slots, 0);
    }
    const places = Math.floor((budget.capacity * 0.98) / budget.slotBytesPerSec);
    expect(places).toBeGreaterThan(budget.slots);
    expect([budget.step(40_100, places, 0), budget.step(40_200, places + 1, 0)]).toEqual([0, 1]);
  });

  test('is nothing where uploads are forbidden', () => {
    const { budget } = swarm({ mode: 'download-only' });
    budget.step(0, 0, 0);
    expect([budget.slots, budget.takeUpload(0, 1), budget.takeRepair(0, 1)]).toEqual([0, false, false]);
  });

  test('never crosses the cap of the page', () => {
    const { budget } = swarm({ uploadBytesPerSec: 30_000 });
    budget.step(0, 0, 0);
    expect(budget.bytesPerSec).toBeLessThanOrEqual(30_000);
    let sent = 0;
    for (let now = 0; now < 10_000; now += 10) if (budget.takeUpload(now, 5_000)) sent += 5_000;
    expect(sent).toBeLessThanOrEqual(30_000 * 11);
    expect(sent).toBeGreaterThan(30_000 * 9);
  });

  test('has a tenth of the stream for repairs', () => {
    const { view, budget } = swarm();
    let repaired = 0;
    for (let now = 0; now < 60_000; now += 10) if (budget.takeRepair(now, 5_000)) repaired += 5_000;
    expect(repaired).toBeLessThanOrEqual(view.byteRate * 0.1 * 60 + 64_000);
  });
});
