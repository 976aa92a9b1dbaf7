// A viewer whose pieces come from one process and whose tracker is another.

import { expect, onTestFinished, test } from 'vitest';
import { MemoryHub, MemoryStore } from '../cluster/memory-store.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { Elsewhere } from './elsewhere.ts';

const OWNER = 'token shop ann /live/a';

const setUp = () => {
  const clock = new ManualClock();
  const hub = new MemoryHub(clock);
  const make = (node: string) => {
    const seated = new Map<string, unknown>();
    const sent = new Map<string, number>();
    const here = new Elsewhere({
      store: new MemoryStore(hub),
      clock,
      node,
      seated,
      sentTo: (owner) => sent.get(owner) ?? 0,
    });
    onTestFinished(() => here.close());
    return { here, seated, sent };
  };
  /** Lets time pass, and what was said arrive. */
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 1000) {
      clock.advance(1000);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { clock, hub, make, pass };
};

test('what another process sends to a viewer seated here is known, as of when it was said', async () => {
  const { clock, make, pass } = setUp();
  const [tracker, origin] = [make('tracker'), make('origin')];
  await pass(1000);
  tracker.seated.set(OWNER, true);
  tracker.here.seek(OWNER);
  await pass(1000);
  expect(tracker.here.sentTo(OWNER)).toBe(0);
  expect(tracker.here.isFresh(OWNER, clock.now())).toBe(true);

  origin.here.announce(OWNER);
  await pass(1000);
  for (let seconds = 1; seconds <= 30; seconds++) {
    origin.sent.set(OWNER, seconds * 1000);
    await pass(1000);
  }
  expect(tracker.here.sentTo(OWNER)).toBeGreaterThanOrEqual(25_000);
  expect(tracker.here.isFresh(OWNER, clock.now())).toBe(false);
  expect(tracker.here.isFresh(OWNER, clock.now() - 5000)).toBe(true);
});

test('what was sent before the viewer was seated is not held against it', async () => {
  const { make, pass } = setUp();
  const [tracker, origin] = [make('tracker'), make('origin')];
  origin.sent.set(OWNER, 50_000);
  await pass(1000);
  tracker.seated.set(OWNER, true);
  tracker.here.seek(OWNER);
  await pass(1000);
  origin.sent.set(OWNER, 58_000);
  await pass(6000);
  expect(tracker.here.sentTo(OWNER)).toBe(8000);
});

test('nothing may be credited while processes cannot be heard, and what began meanwhile is found', async () => {
  const { clock, hub, make, pass } = setUp();
  const [tracker, origin] = [make('tracker'), make('origin')];
  tracker.seated.set(OWNER, true);
  tracker.here.seek(OWNER);
  await pass(1000);
  hub.turn('lost', 'gone');
  expect(tracker.here.isFresh(OWNER, clock.now())).toBe(false);
  origin.here.announce(OWNER);
  origin.sent.set(OWNER, 1000);
  await pass(2000);
  hub.turn('ready', 'gone');
  await pass(1000);
  origin.sent.set(OWNER, 9000);
  await pass(6000);
  expect(tracker.here.sentTo(OWNER)).toBe(8000);
});

test('a process that died is waited for a while, and what it had sent stays', async () => {
  const { clock, make, pass } = setUp();
  const [tracker, origin] = [make('tracker'), make('origin')];
  await pass(1000);
  tracker.seated.set(OWNER, true);
  tracker.here.seek(OWNER);
  origin.here.announce(OWNER);
  await pass(1000);
  origin.sent.set(OWNER, 7000);
  await pass(6000);
  origin.here.close();
  await pass(10_000);
  expect(tracker.here.isFresh(OWNER, clock.now() - 1000)).toBe(false);
  await pass(10_000);
  expect(tracker.here.isFresh(OWNER, clock.now())).toBe(true);
  expect(tracker.here.sentTo(OWNER)).toBe(7000);
});
