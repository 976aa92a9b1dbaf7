import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { ErrorCode } from '../../../src/errors.ts';
import { decodeHead } from '../../../src/wire/head.ts';
import type { EndReason } from '../../../src/wire/origin.ts';
import { ByteCore } from '../../../wasm/abi.ts';
import { concat, makeFlv } from '../../../wasm/testing/flv-maker.ts';
import { readByteCore, samplePath } from '../assets.ts';
import { FLV_HEADER, makeTag, VIDEO_TAG } from '../flv/tags.ts';
import { makeLog, silentSink } from '../log.ts';
import { FlvLoop } from '../sources/flv-loop.ts';
import type { SourceEvents } from '../sources/source.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { CutEpoch } from './cut-epoch.ts';
import { CutStream } from './cut-stream.ts';
import type { Epoch } from './epoch.ts';
import type { KeptPiece } from './piece-window.ts';
import type { Stream, Subscriber } from './stream.ts';
import { streamId } from './stream-keys.ts';

const core = await ByteCore.load(await readByteCore());
const seed = new Uint8Array(32).fill(9);
const keys = { seed, publicKey: core.publicKey(seed) };

class Watcher implements Subscriber {
  readonly epochs: Epoch[] = [];
  readonly pieces: KeptPiece[] = [];
  readonly generations: number[] = [];
  readonly paused_: EndReason[] = [];
  readonly refused_: ErrorCode[] = [];
  begin(epoch: Epoch): void {
    this.epochs.push(epoch);
  }
  piece(piece: KeptPiece): void {
    this.pieces.push(piece);
  }
  generation(generation: number): void {
    this.generations.push(generation);
  }
  paused(reason: EndReason): void {
    this.paused_.push(reason);
  }
  refused(code: ErrorCode): void {
    this.refused_.push(code);
  }
}

const setUp = (encrypt = true) => {
  const clock = new ManualClock();
  const started: { events: SourceEvents; stopped: number; at: number }[] = [];
  const idle: Stream[] = [];
  let random = 0;
  const stream = new CutStream(
    {
      path: '/live/a',
      clock,
      log: makeLog(silentSink(), false, () => 0),
      start: (events) => {
        const entry = { events, stopped: 0, at: clock.now() };
        started.push(entry);
        return {
          stop: () => {
            entry.stopped++;
          },
        };
      },
      lingerMs: 5000,
      rotateMs: 60_000,
      random: () => 0.5,
      epoch: (events, { lastStartMs, byteRate }) =>
        new CutEpoch(
          {
            core,
            clock,
            keys,
            stream: streamId(core, keys.publicKey, '/live/a'),
            contentSecret: encrypt ? new Uint8Array(32).fill(1) : undefined,
            window: { ms: 20_000, bytes: 10_000_000 },
            startMs: Math.max(clock.wall(), lastStartMs + 1),
            random: random++,
            usualByteRate: byteRate,
          },
          events,
        ),
      idle: (left) => idle.push(left),
    },
    '',
  );
  const source = () => {
    const newest = started.at(-1);
    if (newest === undefined) throw new Error('not started');
    return newest;
  };
  const sample = new FlvLoop(readFileSync(samplePath()));
  const feed = (ms: number): void => {
    if (started.at(-1) !== undefined && sample.nextMs === 0) source().events.bytes(sample.preamble);
    source().events.bytes(sample.take(ms));
  };
  return { clock, stream, started, source, idle, feed };
};

test('viewers begin when there is a head and a piece, and get every piece once', () => {
  const { clock, stream, source, feed } = setUp();
  const watcher = new Watcher();
  stream.subscribe(watcher);
  source().events.bytes(FLV_HEADER);
  expect(watcher.epochs).toEqual([]);
  for (let ms = 0; ms <= 3000; ms += 40) {
    feed(ms);
    clock.advance(40);
  }
  expect(watcher.epochs.length).toBe(1);
  const [epoch] = watcher.epochs;
  // Piece 0 holds metadata and codec headers, piece 1 the keyframe that made them a head: with it viewers began.
  const first = 2;
  expect(watcher.pieces.map(({ header }) => header.sequence)).toEqual(watcher.pieces.map((_, at) => at + first));
  expect(epoch?.window.next).toBe(watcher.pieces.length + first);
  expect(epoch?.window.get(1)?.header.keyframe).toBe(true);
});

test('ticks cut what waits, without more bytes', () => {
  const { clock, stream, feed } = setUp();
  const watcher = new Watcher();
  stream.subscribe(watcher);
  feed(400);
  const { length } = watcher.pieces;
  clock.advance(100);
  expect(watcher.pieces.length).toBeGreaterThan(length);
  expect(clock.nextDue === undefined || clock.nextDue > clock.now() + 1000).toBe(true);
});

test('a lost source is tried again after growing pauses, and the pauses start anew after a healthy run', () => {
  const { clock, stream, started, source, feed } = setUp();
  stream.subscribe(new Watcher());
  const pauses: number[] = [];
  for (let n = 0; n < 8; n++) {
    const { length } = started;
    source().events.failed('source/unreachable', '');
    const at = clock.now();
    while (started.length === length) clock.advance(10);
    pauses.push(clock.now() - at);
  }
  expect(pauses).toEqual([500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
  feed(100);
  clock.advance(11_000);
  source().events.failed('source/outage', '');
  const { length } = started;
  clock.advance(500);
  expect(started.length).toBe(length + 1);
});

test('a viewer hears of an outage once, and of the new epoch', () => {
  const { clock, stream, source, feed } = setUp();
  const watcher = new Watcher();
  stream.subscribe(watcher);
  feed(1000);
  source().events.failed('source/outage', '');
  clock.advance(500);
  source().events.failed('source/unreachable', '');
  clock.advance(1000);
  const late = new Watcher();
  stream.subscribe(late);
  expect(watcher.paused_).toEqual(['source-outage']);
  expect(watcher.refused_).toEqual([]);
  expect(late.epochs.length).toBe(1);
  expect(late.paused_).toEqual(['source-outage']);
  source().events.bytes(makeFlv({ seconds: 2 }));
  clock.advance(200);
  expect(watcher.epochs.length).toBe(2);
  const [first, second] = watcher.epochs;
  expect((second?.hex ?? '') > (first?.hex ?? '')).toBe(true);
  expect(late.epochs.at(-1)).toBe(second);
});

test('what never came is refused with the reason', () => {
  const { stream, source } = setUp();
  const watcher = new Watcher();
  stream.subscribe(watcher);
  source().events.failed('origin/not-found', '');
  expect(watcher.refused_).toEqual(['origin/not-found']);
});

test('while the source is away and was never there, a newcomer is told at once', () => {
  const { stream, source } = setUp();
  source().events.failed('origin/not-found', '');
  const watcher = new Watcher();
  stream.subscribe(watcher);
  expect(watcher.refused_).toEqual(['origin/not-found']);
});

test('a stream that nobody subscribes to after all is left, too', () => {
  const { clock, stream, idle } = setUp();
  clock.advance(5000);
  expect(idle).toEqual([stream]);
});

test('the stream is idle a while after its last viewer, unless one comes back', () => {
  const { clock, stream, idle, source } = setUp();
  const [a, b] = [new Watcher(), new Watcher()];
  stream.subscribe(a);
  stream.subscribe(b);
  stream.unsubscribe(a);
  clock.advance(10_000);
  expect(idle).toEqual([]);
  stream.unsubscribe(b);
  clock.advance(4999);
  stream.subscribe(a);
  clock.advance(10_000);
  expect(idle).toEqual([]);
  stream.unsubscribe(a);
  clock.advance(5000);
  expect(idle).toEqual([stream]);
  stream.close();
  expect(source().stopped).toBe(1);
  expect(clock.nextDue).toBeUndefined();
});

test('content keys change when it is time, at a piece, and viewers hear of it', () => {
  const { clock, stream, feed } = setUp();
  const watcher = new Watcher();
  stream.subscribe(watcher);
  for (let ms = 0; ms <= 130_000; ms += 200) {
    feed(ms);
    clock.advance(200);
  }
  expect(watcher.generations).toEqual([1, 2]);
  const generations = watcher.pieces.map(({ header }) => header.generation);
  expect(new Set(generations)).toEqual(new Set([0, 1, 2]));
  expect(generations).toEqual([...generations].sort((a, b) => a - b));
  expect(stream.nextInMs(2)).toBeGreaterThan(40_000);
  expect(stream.nextInMs(3)).toBe(stream.nextInMs(2) + 60_000);
  const [epoch] = watcher.epochs;
  expect(epoch?.contentKey(1)).not.toEqual(epoch?.contentKey(2));
});

test('clear streams have no keys and never rotate', () => {
  const { clock, stream, feed } = setUp(false);
  const watcher = new Watcher();
  stream.subscribe(watcher);
  feed(1000);
  expect(watcher.epochs[0]?.contentKey(0)).toBeUndefined();
  expect(stream.nextInMs(0)).toBe(0);
  clock.advance(200_000);
  expect(watcher.generations).toEqual([]);
});

test('a rate that was stated wrongly is corrected once by a new head, whose pieces follow it', () => {
  const { clock, stream, source } = setUp();
  const watcher = new Watcher();
  stream.subscribe(watcher);
  source().events.bytes(FLV_HEADER);
  const frame = (key: boolean): Buffer => Buffer.concat([Buffer.from([key ? 0x17 : 0x27, 1, 0, 0, 0]), nal(2000)]);
  for (let n = 0; n < 400; n++) {
    source().events.bytes(makeTag(VIDEO_TAG, n * 40, frame(n % 50 === 0)));
    clock.advance(40);
  }
  const heads = watcher.pieces.flatMap(({ head }) => (head === undefined ? [] : [decodeHead(head.bytes)]));
  expect(heads.length).toBe(1);
  expect(heads[0]).toMatchObject({ head: { revision: 1 } });
  if (heads[0] !== undefined && 'head' in heads[0]) expect(heads[0].head.byteRate).toBeLessThan(60_000);
});

const nal = (length: number): Buffer => {
  const bytes = Buffer.alloc(4 + length, 0x41);
  bytes.writeUInt32BE(length);
  return bytes;
};

test('a changed codec header is a new head from the next group on, and latecomers get the one that fits', () => {
  const { clock, stream, source } = setUp();
  const watcher = new Watcher();
  stream.subscribe(watcher);
  source().events.bytes(makeFlv({ seconds: 4, gopSeconds: 2 }));
  clock.advance(200);
  const other = makeFlv({ seconds: 2, gopSeconds: 2, codec: 'hevc-legacy', startMs: 4000, seed: 5 }).subarray(
    FLV_HEADER.length,
  );
  source().events.bytes(concat(other));
  clock.advance(200);
  const changed = watcher.pieces.filter(({ head }) => head !== undefined);
  expect(changed.length).toBeGreaterThanOrEqual(1);
  const from = changed.at(-1)?.header.sequence ?? 0;
  const [epoch] = watcher.epochs;
  expect(epoch?.headAt(from)).toBe(changed.at(-1)?.head);
  expect(epoch?.headAt(from - 1)).not.toBe(changed.at(-1)?.head);
});
