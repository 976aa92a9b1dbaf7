import { describe, expect, test } from 'vitest';
import { DelayHistogram } from './delay-histogram.ts';
import type { GhostPiece, Group } from './ghost-piece.ts';
import { HeldPieces } from './held-pieces.ts';
import { Ledger } from './ledger.ts';

const PIECES = 20;
const groupOf = (number: number): Group => ({
  stream: 0,
  epochTag: 1,
  firstSequence: number * PIECES,
  cutAt: number * 2_000,
  endsAt: (number + 1) * 2_000,
  offsetsMs: Array.from({ length: PIECES }, (_, at) => at * 100),
  keyPieces: 2,
});

/** A viewer that joined long ago; `arrivals` says when a piece came after its cut, Infinity for never. */
const watch = (groups: number, arrivalOf: (sequence: number) => number): Ledger => {
  const ledger = new Ledger({ playoutMs: 1_500, windowFrom: 20_000 }, -20_000);
  const held = new HeldPieces(1_024);
  ledger.started(0);
  for (let number = 10; number < 10 + groups; number++) {
    const group = groupOf(number);
    for (let at = 0; at < PIECES; at++) {
      const sequence = group.firstSequence + at;
      const cutAt = group.cutAt + at * 100;
      const after = arrivalOf(sequence - 200);
      if (after === Number.POSITIVE_INFINITY) continue;
      held.add(sequence);
      ledger.received(cutAt + after, { sequence, cutAt, group } as GhostPiece);
    }
    ledger.judge(group, held);
  }
  ledger.close();
  return ledger;
};

test('a viewer that gets everything in time stands nowhere, and its delay is that of nearly all pieces', () => {
  const ledger = watch(60, (sequence) => (sequence === 700 ? 900 : 400));
  expect([ledger.due, ledger.missed, ledger.stalledMs, ledger.lost]).toEqual([1_200, 0, 0, 0]);
  expect(ledger.watchedMs).toBe(120_000);
  expect(ledger.delayMs).toBe(410);
});

test('one late piece in a thousand is forgiven, two are not', () => {
  expect(watch(50, (sequence) => (sequence === 5 ? 1_400 : 300)).delayMs).toBe(310);
  expect(watch(50, (sequence) => (sequence < 2 ? 1_400 : 300)).delayMs).toBe(1_410);
});

test('the picture stands from when a piece is due until it comes', () => {
  const ledger = watch(3, (sequence) => (sequence === 25 ? 1_900 : 300));
  expect([ledger.missed, ledger.stalls, ledger.stalledMs]).toEqual([1, 1, 400]);
});

test('... and for a piece that never comes until the next keyframe is due', () => {
  const ledger = watch(3, (sequence) => (sequence === 25 ? Number.POSITIVE_INFINITY : 300));
  expect([ledger.missed, ledger.stalls, ledger.stalledMs, ledger.lost]).toEqual([1, 1, 1_500, 1]);
});

test('a gap that nobody sees is no stall', () => {
  const ledger = watch(3, (sequence) => (sequence === 25 ? 1_740 : 300));
  expect([ledger.missed, ledger.stalls, ledger.stalledMs]).toEqual([1, 0, 0]);
});

test('times of standing that touch are one, across groups too', () => {
  const gone = new Set([35, 40]);
  const ledger = watch(4, (sequence) => (gone.has(sequence) ? Number.POSITIVE_INFINITY : 300));
  expect([ledger.stalls, ledger.stalledMs, ledger.longestStallMs]).toEqual([1, 500 + 2_000, 2_500]);
});

describe('what does not count', () => {
  test('pieces from before the first picture', () => {
    const ledger = new Ledger({ playoutMs: 1_500, windowFrom: 0 }, 0);
    ledger.judge(groupOf(1), undefined);
    expect(ledger.due).toBe(0);
    expect(ledger.startupMs).toBeUndefined();
  });

  test('a page that sleeps', () => {
    const ledger = new Ledger({ playoutMs: 1_500, windowFrom: 0 }, 0);
    ledger.started(0);
    ledger.excuse(10_000);
    ledger.judge(groupOf(1), undefined);
    expect(ledger.missed).toBe(0);
    ledger.judge(groupOf(6), undefined);
    expect(ledger.missed).toBe(PIECES);
  });
});

test('a delay that is longer than can be told is ten seconds', () => {
  const delays = new DelayHistogram();
  for (let at = 0; at < 100; at++) delays.add(200);
  expect(delays.within(0)).toBe(210);
  expect(delays.within(1)).toBe(10_000);
});

describe('which pieces are held', () => {
  test('is remembered for the newest of them', () => {
    const held = new HeldPieces(64);
    for (let sequence = 0; sequence < 200; sequence++) expect(held.add(sequence)).toBe(true);
    expect([held.has(199), held.has(137), held.has(136), held.has(200), held.count]).toEqual([
      true,
      true,
      true,
      false,
      64,
    ]);
    expect([held.add(150), held.add(100)]).toEqual([false, false]);
    held.forgetBelow(190);
    expect([held.count, held.has(189), held.has(190)]).toEqual([10, false, true]);
    held.clear();
    expect([held.count, held.newest, held.has(195)]).toEqual([0, -1, false]);
  });
});
