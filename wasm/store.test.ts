// The store against everything that is not the very piece the origin sealed, its cap, its keys and its play queue.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ByteCore } from './abi.ts';
import { contentSecret, cut, names, openStore, type Piece, piecesOf, playAll, signingSeed } from './testing/cutting.ts';
import { concat, makeFlv } from './testing/flv-maker.ts';
import { flvTags } from './testing/flv-tags.ts';
import { random } from './testing/random.ts';

const core = await ByteCore.load(readFileSync(new URL('./dist/shoal.wasm', import.meta.url)));
const pieces = piecesOf(cut(core, makeFlv()));
const SLOT = 8284;

const at = (index: number): Piece => {
  const piece = pieces[index];
  if (piece === undefined) throw new Error(`no piece ${index}`);
  return piece;
};

const tagStart = (piece: Piece): number => new DataView(piece.wire.buffer).getUint16(24);

const flipped = (bytes: Uint8Array, place: number, bit: number): Uint8Array => {
  const copy = bytes.slice();
  copy[place] = (copy[place] ?? 0) ^ (1 << bit);
  return copy;
};

describe('admission', () => {
  test('a flipped bit anywhere in header or signature is refused, and in the body', () => {
    const store = openStore(core);
    const { wire } = at(5);
    const dice = random(3);
    const places = [...Array(92).keys(), ...Array.from({ length: 40 }, () => 92 + dice.below(wire.length - 92))];
    for (const place of places) {
      for (let bit = 0; bit < 8; bit++) expect(store.admit([flipped(wire, place, bit)])).not.toBe('ok');
    }
    expect(store.pieces).toBe(0);
    expect(store.admit([wire])).toBe('ok');
  });

  test.each([
    ['frame type', 0, 'malformed'],
    ['flags', 1, 'bad-signature'],
    ['length', 3, 'malformed'],
    ['epoch tag', 4, 'foreign'],
    ['sequence', 11, 'bad-signature'],
    ['timestamp', 15, 'bad-signature'],
    ['cut time', 21, 'bad-signature'],
    ['generation', 23, 'bad-signature'],
    ['tag start', 25, 'bad-signature'],
    ['signature', 28, 'bad-signature'],
    ['body', 92, 'bad-signature'],
  ] as const)('a changed %s is answered %s %s', (_field, place, answer) => {
    const { wire } = at(5);
    expect(openStore(core).admit([flipped(wire, place, place === 1 ? 2 : 0)])).toBe(answer);
  });

  test('unknown flags, an impossible length and an impossible tag start are malformed', () => {
    const { wire } = at(5);
    const store = openStore(core);
    expect(store.admit([flipped(wire, 1, 3)])).toBe('malformed');
    expect(store.admit([wire.subarray(0, -1)])).toBe('malformed');
    expect(store.admit([wire, Uint8Array.of(0)])).toBe('malformed');
    expect(store.admit([])).toBe('malformed');
    expect(store.admit([wire.subarray(0, 92)])).toBe('malformed');
    expect(store.admit([new Uint8Array(SLOT + 1).fill(0x10)])).toBe('malformed');
    expect(store.admit([new Uint8Array(100_000)])).toBe('malformed');
    const late = wire.slice();
    new DataView(late.buffer).setUint16(24, wire.length);
    expect(store.admit([late])).toBe('malformed');
  });

  test('a replayed piece is a duplicate, even with another body', () => {
    const store = openStore(core);
    const { wire } = at(5);
    expect(store.admit([wire])).toBe('ok');
    expect(store.admit([wire])).toBe('duplicate');
    expect(store.admit([flipped(wire, 100, 0)])).toBe('duplicate');
    expect(Buffer.compare(store.read(5) ?? new Uint8Array(0), wire)).toBe(0);
  });

  test('pieces of another epoch or stream are foreign', () => {
    const { wire } = at(0);
    const publicKey = core.publicKey(signingSeed);
    const other = { epoch: new Uint8Array(10).fill(9), publicKey, capBytes: 1e6 };
    expect(core.createStore({ ...names, ...other }).admit([wire])).toBe('foreign');
    const stream = new Uint8Array(32).fill(9);
    expect(core.createStore({ ...names, stream, publicKey, capBytes: 1e6 }).admit([wire])).toBe('foreign');
  });

  test('another epoch with the same tag would still not verify', () => {
    const { wire } = at(0);
    const forged = wire.slice();
    const epoch = new Uint8Array(10).fill(9);
    new DataView(forged.buffer).setUint32(4, core.epochTag(names.stream, epoch));
    const store = core.createStore({ ...names, epoch, publicKey: core.publicKey(signingSeed), capBytes: 1e6 });
    expect(store.admit([forged])).toBe('bad-signature');
  });

  test('a piece signed by somebody else is refused', () => {
    const theirs = piecesOf(cut(core, makeFlv({ seconds: 1 }), { signingSeed: new Uint8Array(32).fill(77) }));
    expect(openStore(core).admit([theirs[0]?.wire ?? new Uint8Array(0)])).toBe('bad-signature');
  });
});

describe('the cap', () => {
  test('the oldest piece makes room, an older one than all is refused, and memory stays below the cap', () => {
    const capBytes = 10 * SLOT;
    const store = openStore(core, capBytes);
    for (let index = 5; index < 30; index++) {
      expect(store.admit([at(index).wire])).toBe('ok');
      expect(store.usedBytes).toBeLessThanOrEqual(capBytes);
    }
    expect(store.pieces).toBe(9);
    expect(store.has(20)).toBe(false);
    expect(store.has(21)).toBe(true);
    expect(store.admit([at(4).wire])).toBe('full');
    expect(store.admit([flipped(at(40).wire, 100, 1)])).toBe('bad-signature');
    expect(store.has(21)).toBe(true);
    store.evictBelow(25);
    expect(store.pieces).toBe(5);
    expect(store.admit([at(4).wire])).toBe('ok');
  });

  test('memory does not grow with the number of pieces, stores or cutters', () => {
    const store = openStore(core, 6 * SLOT);
    for (const { wire } of pieces) store.admit([wire]);
    const before = process.memoryUsage().arrayBuffers;
    for (let round = 0; round < 300; round++) {
      const passing = openStore(core, 100 * SLOT);
      passing.admit([at(0).wire]);
      passing.free();
      const cutter = core.createCutter({ ...names, signingSeed });
      cutter.push(makeFlv({ seconds: 0.1 }), 0);
      cutter.free();
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8_000_000);
    store.free();
  });
});

describe('play', () => {
  test('without the key, or with the wrong one, nothing clear comes out', () => {
    const store = core.createStore({ ...names, publicKey: core.publicKey(signingSeed), capBytes: 1e6 });
    store.admit([at(0).wire]);
    expect(store.play(0)).toBe('no-key');
    store.setKey(1, core.contentKey(contentSecret, names.epoch, 1));
    expect(store.play(0)).toBe('no-key');
    store.setKey(0, new Uint8Array(32).fill(99));
    expect(store.play(0)).toBe('ok');
    expect(store.takePlayed()).toBeUndefined();
    store.dropPartial();
    store.setKey(0, core.contentKey(contentSecret, names.epoch, 0));
    expect(store.play(0)).toBe('ok');
    expect(flvTags(store.takePlayed() ?? new Uint8Array(0))[0]?.type).toBe('script');
  });

  test('the key of the generation in the header is used', () => {
    const source = makeFlv({ seconds: 2 });
    const cutter = core.createCutter({ ...names, signingSeed, contentSecret, generation: 3 });
    cutter.push(source.subarray(0, 100_000), 0);
    cutter.setGeneration(4);
    cutter.push(source.subarray(100_000), 10);
    cutter.finish(20);
    const store = openStore(core, 4e6, 3);
    store.setKey(4, core.contentKey(contentSecret, names.epoch, 4));
    const clear: Uint8Array[] = [];
    for (let event = cutter.next(); event !== undefined; event = cutter.next()) {
      if (event.kind !== 'piece') continue;
      expect(store.admit([event.wire])).toBe('ok');
      clear.push(event.clear);
    }
    expect(Buffer.compare(playAll(store, 0, clear.length), concat(...clear))).toBe(0);
  });

  test('what is missing is said, and a jump starts at a tag', () => {
    const store = openStore(core);
    for (const [index, { wire }] of pieces.entries()) if (index !== 10) store.admit([wire]);
    playAll(store, 0, 10);
    expect(store.play(10)).toBe('missing');
    const played = playAll(store, 11, pieces.length);
    const first = pieces.findIndex((piece, index) => index > 10 && tagStart(piece) !== 0xffff);
    const wanted = concat(...pieces.slice(first).map(({ clear }) => clear)).subarray(tagStart(at(first)));
    expect(Buffer.compare(played, wanted)).toBe(0);
  });

  test('an incomplete tag stays inside until it is whole or dropped', () => {
    const store = openStore(core);
    for (const { wire } of pieces) store.admit([wire]);
    const long = pieces.findIndex((piece, index) => index > 0 && tagStart(piece) === 0xffff);
    playAll(store, 0, long);
    expect(store.takePlayed()).toBeUndefined();
    store.dropPartial();
    expect(store.play(long)).toBe('ok');
    expect(store.takePlayed()).toBeUndefined();
  });

  test('each delivery is a buffer of its own', () => {
    const store = openStore(core);
    for (const { wire } of pieces) store.admit([wire]);
    store.play(0);
    const first = store.takePlayed();
    const copy = first?.slice();
    store.play(1);
    const second = store.takePlayed();
    expect(first?.buffer).not.toBe(second?.buffer);
    expect(first?.buffer.byteLength).toBe(first?.byteLength);
    expect(first).toEqual(copy);
  });
});
