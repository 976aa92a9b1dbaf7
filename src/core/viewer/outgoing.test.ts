/**
 * Pieces wait their turn once it is known what the uplink carries, and whoever passes them on comes first.
 */
import { expect, test } from 'vitest';
import { Random } from '../kit/random.ts';
import { type Leaving, Outgoing } from './outgoing.ts';
import { SwarmView } from './swarm-view.ts';
import { WIRE_FACTOR } from './upload-budget.ts';

/** An uplink that takes 40 ms for a piece. */
const PIECE_BYTES = 5_000;
const CAPACITY = (PIECE_BYTES * WIRE_FACTOR * 1000) / 40;

const line = (
  capacity: number,
  wants: (piece: Leaving) => boolean = () => true,
  uselessFrom = Number.POSITIVE_INFINITY,
) => {
  const left: string[] = [];
  const gaveUp: number[] = [];
  let now = 0;
  const view = new SwarmView({
    out: { put: (said) => void (said.kind === 'push' && left.push(`${now} ${said.sequence} to ${said.links}`)) },
    random: new Random(1),
    policy: { mode: 'on', uploadBytesPerSec: Number.POSITIVE_INFINITY, neighbours: 16 },
    windowCapacity: 64,
  });
  const outgoing = new Outgoing(view, {
    capacity,
    comesTooLate: (at) => at > uselessFrom,
    wants: (_now, piece) => wants(piece),
    gaveUp: ({ sequence }) => void gaveUp.push(sequence),
  });
  const runTo = (end: number): void => {
    for (let next = outgoing.tick(now); next <= end; next = outgoing.tick(now)) now = next;
    now = end;
  };
  const send = (sequence: number, links: readonly number[], rank: 'first' | 'then' = 'then'): void =>
    outgoing.send(
      now,
      links.map((link) => ({ link, sequence, bytes: PIECE_BYTES })),
      rank,
    );
  return { outgoing, left, gaveUp, runTo, send };
};

test('while nothing is known of the uplink, nothing waits', () => {
  const { left, send, outgoing } = line(Number.POSITIVE_INFINITY);
  send(1, [1, 2, 3, 4]);
  send(2, [1]);
  expect(left).toEqual(['0 1 to 1,2,3,4', '0 2 to 1']);
  expect(outgoing.waiting).toBe(0);
});

test('they leave no faster than the uplink carries them, and the uplink never runs dry', () => {
  const { left, send, runTo } = line(CAPACITY);
  send(1, [1, 2, 3]);
  runTo(200);
  const times = left.map((each) => Number(each.split(' ')[0]));
  expect(times[0]).toBe(0);
  expect(times[1]).toBeGreaterThan(30);
  expect(times[1]).toBeLessThanOrEqual(40);
  expect(times[2]).toBeGreaterThan(70);
  expect(times[2]).toBeLessThanOrEqual(80);
});

test('who passes a piece on gets it before who does not, however long that one has waited', () => {
  const { left, send, runTo } = line(CAPACITY);
  send(1, [1, 2, 3]);
  send(2, [7, 8], 'first');
  runTo(500);
  expect(left.map((each) => each.split(' ').slice(1).join(' '))).toEqual([
    '1 to 1',
    '2 to 7',
    '2 to 8',
    '1 to 2',
    '1 to 3',
  ]);
});

test('what is not wanted any more is let go without taking its time', () => {
  const { left, send, runTo } = line(CAPACITY, ({ link }) => link !== 2);
  send(1, [1, 2, 3]);
  runTo(45);
  expect(left.map((each) => each.split(' ').at(-1))).toEqual(['1', '3']);
});

test('what has waited too long is given up', () => {
  const { left, gaveUp, send, runTo, outgoing } = line(CAPACITY);
  send(
    1,
    Array.from({ length: 60 }, (_, link) => link),
  );
  runTo(5_000);
  expect(outgoing.waiting).toBe(0);
  expect(left.length + gaveUp.length).toBe(60);
  expect(gaveUp.length).toBeGreaterThan(30);
  expect(Math.max(...left.map((each) => Number(each.split(' ')[0])))).toBeLessThanOrEqual(910);
});

test('what would leave too late is refused at once, and what has become so as soon as that shows', () => {
  const { left, gaveUp, send, runTo } = line(CAPACITY, () => true, 150);
  send(1, [1, 2, 3]);
  send(2, [1, 2, 3]);
  expect(gaveUp).toEqual([2, 2]);
  send(3, [9], 'first');
  runTo(400);
  expect(gaveUp).toEqual([2, 2, 2]);
  expect(left.map((each) => each.split(' ').slice(1).join(' '))).toEqual(['1 to 1', '3 to 9', '1 to 2', '1 to 3']);
});

test('how long pieces usually wait is known', () => {
  const { outgoing, send, runTo } = line(CAPACITY);
  expect(outgoing.usualWaitMs).toBe(0);
  send(1, [1, 2, 3, 4]);
  runTo(500);
  expect(outgoing.usualWaitMs).toBeGreaterThan(60);
  expect(outgoing.usualWaitMs).toBeLessThanOrEqual(120);
});

test('repairs take their share of the uplink', () => {
  const { left, outgoing, send, runTo } = line(CAPACITY);
  outgoing.left(0, 5 * PIECE_BYTES);
  send(1, [1]);
  runTo(180);
  expect(left).toEqual([]);
  runTo(250);
  expect(left.length).toBe(1);
});
