import { beforeEach, describe, expect, test } from 'vitest';
import type { CutEvent, PieceStore } from '../../wasm/abi.ts';
import { concat, makeFlv } from '../../wasm/testing/flv-maker.ts';
import type { Head } from '../wire/head.ts';
import { counting, EPOCH, headFields, STREAM } from '../wire/testing/samples.ts';
import { Playback } from './playback.ts';
import { core } from './testing/core.ts';
import { RecordingSink } from './testing/recording-sink.ts';

type Piece = Extract<CutEvent, { kind: 'piece' }>;

const signingSeed = counting(32, 7);
const contentSecret = counting(32, 8);
const pieces: Piece[] = [];
const cutter = core.createCutter({ stream: STREAM, epoch: EPOCH, signingSeed, contentSecret });
cutter.push(makeFlv({ seconds: 4, videoKbps: 600 }), 1000);
cutter.finish(1100);
for (let event = cutter.next(); event !== undefined; event = cutter.next())
  if (event.kind === 'piece') pieces.push(event);
cutter.free();

const head: Head = { kind: 'head', version: 1, ...headFields, prelude: counting(50) };
const isKeyframe = ({ wire }: Piece): boolean => ((wire[1] ?? 0) & 1) !== 0;
const keyframes = pieces.flatMap((piece, sequence) => (isKeyframe(piece) ? [sequence] : []));
const [start = -1, second = -1] = keyframes;
const clearOf = (from: number, to: number): Uint8Array => concat(...pieces.slice(from, to).map((piece) => piece.clear));

let sink: RecordingSink;
let store: PieceStore;
let playback: Playback;
beforeEach(() => {
  sink = new RecordingSink();
  store = core.createStore({
    stream: STREAM,
    epoch: EPOCH,
    publicKey: core.publicKey(signingSeed),
    capBytes: 8_000_000,
  });
  for (const { wire } of pieces) store.admit([wire]);
  playback = new Playback(sink);
});
const giveKey = (): void => store.setKey(0, core.contentKey(contentSecret, EPOCH, 0));
const play = (from: number, to: number): void => {
  for (let sequence = from; sequence < to; sequence++) playback.step({ kind: 'play', sequence });
};
const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

test('a run is the prelude and then the clear bytes in order, in whole tags', () => {
  giveKey();
  playback.run(head, store);
  for (let sequence = start; sequence < pieces.length; sequence++) {
    playback.step({ kind: 'play', sequence });
    expect(playback.flush()).toBeUndefined();
  }
  expect(same(sink.bytesOf(0), concat(head.prelude, clearOf(start, pieces.length)))).toBe(true);
  expect(playback.playedBytes).toBe(sink.total);
});

test('a run that another epoch interrupts ends in a seam; the same epoch after a pause does not', () => {
  giveKey();
  playback.run(head, store);
  playback.run(head, store);
  playback.leave();
  playback.run(head, store);
  playback.run(head, store);
  expect(sink.seams).toEqual([false, false, true, false]);
});

describe('without the key', () => {
  test('nothing is played, and the piece that waits is named', () => {
    playback.run(head, store);
    play(start, start + 5);
    expect(playback.flush()).toBe(start);
    expect(playback.flush()).toBe(start);
    expect(same(sink.bytesOf(0), head.prelude)).toBe(true);
  });

  test('everything that waited is played once it is there', () => {
    playback.run(head, store);
    play(start, pieces.length);
    playback.flush();
    giveKey();
    expect(playback.flush()).toBeUndefined();
    expect(same(sink.bytesOf(0), concat(head.prelude, clearOf(start, pieces.length)))).toBe(true);
  });

  test('the end waits for what comes before it', () => {
    playback.run(head, store);
    play(start, pieces.length);
    playback.step({ kind: 'ended' });
    playback.flush();
    expect(sink.ends).toBe(0);
    giveKey();
    playback.flush();
    expect(sink.ends).toBe(1);
  });
});

test('a hole that is left behind leaves no half tag', () => {
  giveKey();
  playback.run(head, store);
  play(start, start + 2);
  playback.step({ kind: 'skip' });
  play(second, second + 3);
  playback.flush();
  const bytes = sink.bytesOf(0).subarray(head.prelude.length);
  const after = clearOf(second, second + 3);
  const firstTags = bytes.length - wholeTags(after);
  expect(firstTags).toBeGreaterThan(0);
  expect(same(bytes.subarray(0, firstTags), clearOf(start, start + 2).subarray(0, firstTags))).toBe(true);
  expect(same(bytes.subarray(firstTags), after.subarray(0, bytes.length - firstTags))).toBe(true);
});

test('a piece that is gone is passed over at a tag', () => {
  giveKey();
  playback.run(head, store);
  store.evictBelow(second);
  play(second - 1, second + 3);
  expect(playback.flush()).toBeUndefined();
  const bytes = sink.bytesOf(0).subarray(head.prelude.length);
  expect(same(bytes, clearOf(second, second + 3).subarray(0, bytes.length))).toBe(true);
});

test('a fresh run forgets what the one before waited for', () => {
  playback.run(head, store);
  play(start, start + 5);
  playback.flush();
  playback.run(head, store);
  giveKey();
  play(second, second + 3);
  playback.flush();
  expect(sink.runs.length).toBe(2);
  const bytes = sink.bytesOf(1).subarray(head.prelude.length);
  expect(same(bytes, clearOf(second, second + 3).subarray(0, bytes.length))).toBe(true);
});

test('after leaving, the store is not touched any more', () => {
  giveKey();
  playback.run(head, store);
  play(start, start + 5);
  playback.leave();
  store.free();
  expect(playback.flush()).toBeUndefined();
  expect(same(sink.bytesOf(0), head.prelude)).toBe(true);
});

/** Bytes of the whole tags at the start. */
const wholeTags = (flv: Uint8Array): number => {
  const view = new DataView(flv.buffer, flv.byteOffset, flv.byteLength);
  let at = 0;
  while (at + 11 < flv.length && at + 15 + (view.getUint32(at) & 0xffffff) <= flv.length)
    at += 15 + (view.getUint32(at) & 0xffffff);
  return at;
};
