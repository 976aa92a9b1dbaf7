// The cutter's clock, its marks, and what it says of broken sources; and how the core refuses misuse.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ShoalError } from '../src/errors.ts';
import { ByteCore, type CutterOptions } from './abi.ts';
import { cut, drain, names, openStore, piecesOf, signingSeed, startsGroup } from './testing/cutting.ts';
import { concat, makeFileHeader, makeFlv, makeTag } from './testing/flv-maker.ts';
import { flvTags } from './testing/flv-tags.ts';

const wasm = readFileSync(new URL('./dist/shoal.wasm', import.meta.url));
const core = await ByteCore.load(wasm);
const plain = (options: Partial<CutterOptions> = {}) => core.createCutter({ ...names, signingSeed, ...options });
const sound = (dtsMs: number, bytes: number): Uint8Array =>
  makeTag(8, dtsMs, concat(Uint8Array.of(0xaf, 1), new Uint8Array(bytes)));
const soundFile = (...tags: Uint8Array[]): Uint8Array => concat(makeFileHeader(false, true), ...tags);

const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return error instanceof ShoalError ? error.code : String(error);
  }
  return 'no error';
};

describe('the clock', () => {
  test('a small piece is due 100 ms after it was opened', () => {
    const cutter = plain();
    expect(cutter.nextDueMs()).toBeUndefined();
    cutter.push(soundFile(sound(0, 50)), 1000);
    cutter.push(sound(20, 50), 1030);
    expect(cutter.nextDueMs()).toBe(1100);
    cutter.tick(1099.9);
    expect(piecesOf(drain(cutter))).toHaveLength(0);
    cutter.tick(1100);
    expect(piecesOf(drain(cutter))).toHaveLength(1);
    expect(cutter.nextDueMs()).toBeUndefined();
  });

  test('one of 4 KiB after 40 ms, and 8 KiB at once', () => {
    const cutter = plain();
    cutter.push(soundFile(sound(0, 5000)), 1000);
    expect(cutter.nextDueMs()).toBe(1040);
    cutter.push(sound(20, 10), 1040);
    const [first] = piecesOf(drain(cutter));
    expect(first?.clear).toHaveLength(5017);
    cutter.push(sound(40, 9000), 1050);
    const [full] = piecesOf(drain(cutter));
    expect(full?.clear).toHaveLength(8192);
    expect(new DataView(full?.wire.buffer ?? new ArrayBuffer(28)).getUint32(18)).toBe(1050);
  });

  test('nothing waits longer than its time however bytes arrive', () => {
    const source = makeFlv({ seconds: 5, videoKbps: 300 });
    const cutter = plain();
    let nowMs = 0;
    let openedMs = 0;
    for (let at = 0; at < source.length; at += 97) {
      const due = cutter.nextDueMs();
      if (due === undefined) openedMs = nowMs;
      else expect(due - openedMs).toBeLessThanOrEqual(100 + nowMs - openedMs);
      cutter.push(source.subarray(at, at + 97), nowMs);
      nowMs += 2;
      for (const { wire } of piecesOf(drain(cutter))) {
        expect(wire.length - 92).toBeLessThanOrEqual(8192);
        openedMs = nowMs;
      }
      expect((cutter.nextDueMs() ?? nowMs) - nowMs).toBeLessThanOrEqual(100);
    }
  });
});

describe('marks', () => {
  const marksOf = (bytes: Uint8Array) => {
    const scanner = core.createScanner();
    scanner.push(bytes);
    const tags = [];
    for (let tag = scanner.next(); tag !== undefined; tag = scanner.next()) tags.push(tag);
    scanner.free();
    return tags.filter(({ mark }) => mark !== undefined);
  };

  test.each(['avc', 'hevc', 'hevc-legacy'] as const)(
    '%s keyframes name their piece and prove the group before',
    (codec) => {
      const source = makeFlv({ codec, seconds: 8, delimiters: codec === 'avc' });
      const pieces = piecesOf(cut(core, source));
      const marked = marksOf(concat(source.subarray(0, 13), ...pieces.map(({ clear }) => clear)));
      const starts = pieces.flatMap((piece, index) => (startsGroup(piece) ? [index] : []));
      expect(marked.map(({ mark }) => mark?.sequence)).toEqual(starts);
      for (const [index, { mark }] of marked.entries()) {
        if (mark === undefined) continue;
        expect(core.verifyMark(core.publicKey(signingSeed), names.stream, mark)).toBe(true);
        expect(core.verifyMark(core.publicKey(signingSeed), new Uint8Array(32), mark)).toBe(false);
        const [from, to] = index === 0 ? [0, 0] : [starts[index - 1] ?? 0, starts[index] ?? 0];
        expect([mark.previousFirst, mark.previousCount]).toEqual([from, to - from]);
        const digest = core.blake3(concat(...pieces.slice(from, to).map(({ clear }) => clear)));
        expect(mark.digest).toEqual(index === 0 ? new Uint8Array(32) : digest);
        expect(mark.epoch).toEqual(names.epoch);
      }
    },
  );

  test('a marked stream cut again has only the new marks', () => {
    const source = makeFlv();
    const once = concat(source.subarray(0, 13), ...piecesOf(cut(core, source)).map(({ clear }) => clear));
    const epoch = new Uint8Array(10).fill(8);
    const twice = concat(source.subarray(0, 13), ...piecesOf(cut(core, once, { epoch })).map(({ clear }) => clear));
    expect(marksOf(twice).map(({ mark }) => mark?.epoch)).toEqual([epoch, epoch]);
    expect(twice.length).toBe(once.length);
    const clean = concat(...piecesOf(cut(core, once, { mark: false })).map(({ clear }) => clear));
    expect(Buffer.compare(clean.subarray(0, source.length - 13), source.subarray(13))).toBe(0);
  });

  test.each(['av1', 'vp9', 'none'] as const)('%s has groups without marks', (codec) => {
    const pieces = piecesOf(cut(core, makeFlv({ codec, seconds: 6 })));
    expect(pieces.filter(startsGroup).length).toBeGreaterThanOrEqual(3);
  });
});

describe('broken sources', () => {
  const faultsOf = (source: Uint8Array, options: Partial<CutterOptions> = {}) =>
    cut(core, source, options).filter((event) => event.kind === 'fault');

  test('what is no FLV stops with a fault and still ends the epoch', () => {
    const events = cut(core, new Uint8Array(5000).fill(0x47));
    expect(events[0]).toEqual({ kind: 'fault', code: 'flv/bad-signature', skippedBytes: 0 });
    expect(piecesOf(events)).toHaveLength(1);
  });

  test('a broken tag costs itself and nothing else', () => {
    const source = makeFlv();
    const tags = flvTags(source);
    const broken = source.slice();
    const victim = tags[100];
    broken[(victim?.byteOffset ?? 0) + 9] = 1;
    const events = cut(core, broken, { mark: false });
    const length = victim?.bytes.length ?? 0;
    expect(events.filter(({ kind }) => kind === 'fault')).toEqual([
      { kind: 'fault', code: 'flv/bad-tag', skippedBytes: length },
    ]);
    const clear = flvTags(concat(...piecesOf(events).map((piece) => piece.clear)));
    expect(clear.length).toBeGreaterThanOrEqual(tags.length - 1);
    expect(clear[100]?.data).toEqual(tags[101]?.data);
  });

  test('a tag above the limit is skipped', () => {
    const source = soundFile(sound(0, 100), sound(20, 9000), sound(40, 100));
    expect(faultsOf(source, { maxTagBytes: 5000 })).toEqual([
      { kind: 'fault', code: 'flv/tag-too-large', skippedBytes: 9017 },
    ]);
  });

  test('a NAL unit that does not fit is said and passed on', () => {
    const source = makeFlv({ seconds: 1 });
    const keyframe = flvTags(source).find((tag) => tag.keyframe);
    const broken = source.slice();
    broken[(keyframe?.byteOffset ?? 0) + 11 + 5] = 0x7f;
    expect(faultsOf(broken)).toEqual([{ kind: 'fault', code: 'flv/bad-nal', skippedBytes: 0 }]);
    const pieces = piecesOf(cut(core, broken));
    const clear = concat(...pieces.map((piece) => piece.clear));
    expect(flvTags(clear).find((tag) => tag.keyframe)?.data).toEqual(flvTags(broken).find((tag) => tag.keyframe)?.data);
  });

  test('a source that ends inside a tag says how much is lost', () => {
    const source = soundFile(sound(0, 100), sound(20, 100));
    expect(faultsOf(source.subarray(0, -30))).toEqual([{ kind: 'fault', code: 'flv/bad-tag', skippedBytes: 87 }]);
  });
});

describe('the end', () => {
  test('an empty source still ends the epoch', () => {
    const cutter = plain();
    cutter.finish(5);
    const [last, ...more] = piecesOf(drain(cutter));
    expect(more).toEqual([]);
    expect((last?.wire[1] ?? 0) & 4).toBe(4);
    expect(flvTags(last?.clear ?? new Uint8Array(1))[0]?.type).toBe('script');
    expect(codeOf(() => cutter.push(Uint8Array.of(1), 6))).toBe('core/bad-argument');
  });
});

describe('misuse', () => {
  test('a freed object refuses every call, and freeing twice is harmless', () => {
    const cutter = plain();
    const store = openStore(core);
    const scanner = core.createScanner();
    for (const object of [cutter, store, scanner, cutter, store, scanner]) object.free();
    const calls = [
      () => cutter.push(Uint8Array.of(1), 0),
      () => cutter.tick(0),
      () => cutter.nextDueMs(),
      () => cutter.next(),
      () => store.pieces,
      () => store.admit([]),
      () => store.play(0),
      () => store.takePlayed(),
      () => scanner.push(Uint8Array.of(1)),
      () => scanner.next(),
    ];
    expect(calls.map(codeOf)).toEqual(calls.map(() => 'core/bad-handle'));
  });

  test('arguments of the wrong size are refused by name', () => {
    const short = new Uint8Array(3);
    const capBytes = 1e6;
    const calls = [
      () => plain({ stream: short }),
      () => plain({ epoch: short }),
      () => plain({ signingSeed: short }),
      () => plain({ contentSecret: short }),
      () => plain({ generation: 65_536 }),
      () => core.createStore({ ...names, publicKey: short, capBytes }),
      () => core.createStore({ ...names, publicKey: core.publicKey(signingSeed), capBytes: 100 }),
      () => openStore(core).setKey(0, short),
      () => openStore(core).setKey(-1, new Uint8Array(32)),
    ];
    expect(calls.map(codeOf)).toEqual(calls.map(() => 'core/bad-argument'));
  });

  test('more objects than there are places are refused, and places come back', async () => {
    const other = await ByteCore.load(wasm);
    const scanners = Array.from({ length: 1024 }, () => other.createScanner());
    expect(codeOf(() => other.createScanner())).toBe('core/out-of-memory');
    scanners[0]?.free();
    expect(codeOf(() => other.createScanner())).toBe('no error');
  });

  test('something that is not the byte core is told apart', async () => {
    const empty = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
    await expect(ByteCore.load(empty)).rejects.toMatchObject({ code: 'core/abi-mismatch' });
    await expect(ByteCore.load(Uint8Array.of(1, 2, 3))).rejects.toMatchObject({ code: 'support/no-webassembly' });
  });
});
