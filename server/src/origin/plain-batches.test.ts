import { expect, test } from 'vitest';
import { ManualClock } from '../testing/manual-clock.ts';
import type { KeptPiece } from './piece-window.ts';
import { type Batch, PlainBatches } from './plain-batches.ts';
import type { Stream, Subscriber } from './stream.ts';

/** A stream that only knows who subscribes. */
const setUp = ({ takers = 33 } = {}) => {
  const clock = new ManualClock();
  const subscribers = new Set<Subscriber>();
  const stream = {
    subscribe: (each: Subscriber) => subscribers.add(each),
    unsubscribe: (each: Subscriber) => subscribers.delete(each),
  } as unknown as Stream;
  const batches = PlainBatches.of(stream, clock);
  const taken: Batch[] = [];
  const take = (batch: Batch): void => void taken.push(batch);
  batches.join(take);
  const others = Array.from({ length: takers - 1 }, () => () => undefined);
  for (const other of others) batches.join(other);
  let sequence = 0;
  const piece = (bytes: number, keyframe = false): KeptPiece => {
    const clear = Buffer.alloc(bytes, sequence);
    const kept = { header: { sequence: sequence++, keyframe }, clear, wire: clear, head: undefined, atMs: 0 };
    batches.piece(kept as unknown as KeptPiece);
    return kept as unknown as KeptPiece;
  };
  return { clock, stream, subscribers, batches, taken, take, others, piece };
};

const shape = (taken: readonly Batch[]) => taken.map(({ bytes, first }) => [first.header.sequence, bytes.length]);

test('a few viewers get each piece at once', () => {
  const { taken, batches, others, piece } = setUp();
  piece(5000);
  expect(taken).toEqual([]);
  batches.leave(others[0] ?? (() => undefined));
  piece(5000);
  expect(shape(taken)).toEqual([[0, 10_000]]);
  piece(100);
  expect(shape(taken).slice(1)).toEqual([[2, 100]]);
});

test('where there are many, small pieces leave together after 45 ms, and at once when they are 16 KiB', () => {
  const { clock, taken, piece } = setUp();
  piece(5000);
  clock.advance(30);
  piece(5000);
  clock.advance(14);
  expect(taken).toEqual([]);
  clock.advance(1);
  expect(shape(taken)).toEqual([[0, 10_000]]);
  piece(8192);
  piece(8192);
  expect(shape(taken).slice(1)).toEqual([[2, 16_384]]);
  clock.advance(1000);
  expect(taken.length).toBe(2);
});

test('the piece that the oldest has waited for is the last of its batch', () => {
  const { clock, taken, piece } = setUp();
  piece(5000);
  clock.advance(40);
  piece(5000);
  expect(shape(taken)).toEqual([[0, 10_000]]);
  piece(5000);
  clock.advance(44);
  expect(taken.length).toBe(1);
  clock.advance(1);
  expect(taken.length).toBe(2);
});

test('a keyframe begins a batch, and what its window forgets meanwhile is not lost', () => {
  const { clock, taken, piece } = setUp();
  const before = piece(100);
  before.clear = undefined;
  piece(200, true);
  expect(shape(taken)).toEqual([[0, 100]]);
  clock.advance(45);
  expect(shape(taken)).toEqual([
    [0, 100],
    [1, 200],
  ]);
});

test('what waits leaves before a pause, and nothing is kept for nobody', () => {
  const { stream, clock, subscribers, batches, taken, take, others, piece } = setUp();
  piece(100);
  batches.paused();
  expect(shape(taken)).toEqual([[0, 100]]);
  piece(100);
  expect(batches.waitingFrom).toBe(1);
  for (const each of [...others, take]) batches.leave(each);
  expect([subscribers.size, batches.waitingFrom, clock.nextDue]).toEqual([0, undefined, undefined]);
  expect(PlainBatches.of(stream, clock)).toBe(batches);
});
