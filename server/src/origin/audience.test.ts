import { expect, test } from 'vitest';
import { ManualClock } from '../testing/manual-clock.ts';
import { Audience } from './audience.ts';
import type { Epoch } from './epoch.ts';
import type { Subscriber } from './stream.ts';

const LINGER_MS = 10_000;

const subscriber = (told: string[], inside?: true): Subscriber => ({
  ...(inside === undefined ? {} : { inside }),
  begin: ({ hex }) => told.push(`begin ${hex}`),
  piece: () => told.push('piece'),
  generation: () => undefined,
  paused: (reason) => told.push(reason),
  refused: (code) => told.push(code),
});

const setUp = () => {
  const clock = new ManualClock();
  const idle: number[] = [];
  return { clock, idle, audience: new Audience(clock, LINGER_MS, () => idle.push(clock.now())) };
};

test('nobody for a while is idle; somebody in between starts the while anew', () => {
  const { clock, idle, audience } = setUp();
  clock.advance(LINGER_MS - 1);
  const viewer = subscriber([]);
  audience.add(viewer);
  clock.advance(10 * LINGER_MS);
  audience.delete(viewer);
  audience.delete(viewer);
  clock.advance(LINGER_MS - 1);
  expect(idle).toEqual([]);
  clock.advance(1);
  expect(idle.length).toBe(1);
});

test('who is held is never idle, and is when it is released', () => {
  const { clock, idle, audience } = setUp();
  audience.hold();
  const viewer = subscriber([]);
  audience.add(viewer);
  audience.delete(viewer);
  clock.advance(10 * LINGER_MS);
  expect(idle).toEqual([]);
  audience.release();
  clock.advance(LINGER_MS);
  expect(idle.length).toBe(1);
});

test('whoever comes is shown the epoch that is there; parts of the server are no viewers and are not sent away', () => {
  const { audience } = setUp();
  const told: string[] = [];
  const inside: string[] = [];
  audience.begin({ hex: 'e1' } as Epoch);
  audience.add(subscriber(told));
  audience.add(subscriber(inside, true));
  expect(audience.viewers).toBe(1);
  audience.begin({ hex: 'e2' } as Epoch);
  audience.sendAway();
  expect(told).toEqual(['begin e1', 'begin e2', 'origin/not-found']);
  expect(inside).toEqual(['begin e1', 'begin e2']);
});

test('a viewer that goes while all are told harms nobody', () => {
  const { audience } = setUp();
  const told: string[] = [];
  const leaving = subscriber([]);
  audience.add({ ...leaving, paused: () => audience.delete(leaving) });
  audience.add(subscriber(told));
  audience.tell((each) => each.paused('source-outage'));
  expect(told).toEqual(['source-outage']);
});
