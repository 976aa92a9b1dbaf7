// The built byte core end to end: what the cutter makes, the store admits and plays, byte for byte.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ByteCore, type CutterOptions } from './abi.ts';
import {
  cut as cutWith,
  drain,
  flagsOf,
  names,
  openStore,
  piecesOf,
  playAll,
  signingSeed,
  startsGroup,
} from './testing/cutting.ts';
import { concat, type FlvShape, makeFlv } from './testing/flv-maker.ts';
import { fileHeaderBytes, flvTags } from './testing/flv-tags.ts';

const core = await ByteCore.load(readFileSync(new URL('./dist/shoal.wasm', import.meta.url)));
const publicKey = core.publicKey(signingSeed);
const BODY_AT = 92;

const cut = (source: Uint8Array, options?: Partial<CutterOptions>) => cutWith(core, source, options);

/** Whether two byte strings are equal; far faster than a deep comparison of large ones. */
const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

describe('cut, admit, play', () => {
  const shapes: [string, FlvShape][] = [
    ['AVC and AAC', {}],
    ['AVC with delimiters', { delimiters: true }],
    ['AVC and MP3', { audio: 'mp3' }],
    ['HEVC and Opus', { codec: 'hevc', audio: 'opus' }],
    ['HEVC by codec id', { codec: 'hevc-legacy' }],
    ['AV1', { codec: 'av1' }],
    ['VP9', { codec: 'vp9' }],
    ['sound alone', { codec: 'none', seconds: 12 }],
  ];

  test.each(shapes)('plays what was cut: %s', (_name, shape) => {
    const source = makeFlv(shape);
    const events = cut(source);
    const pieces = piecesOf(events);
    const held = openStore(core);
    for (const { wire } of pieces) {
      const middle = Math.floor(wire.length / 2);
      expect(held.admit([wire.subarray(0, middle), wire.subarray(middle)])).toBe('ok');
    }
    expect(same(playAll(held, 0, pieces.length), concat(...pieces.map(({ clear }) => clear)))).toBe(true);
    expect(events.filter(({ kind }) => kind === 'fault')).toEqual([]);
    held.free();
  });

  test.each(shapes)('without marks the clear pieces are the source: %s', (_name, shape) => {
    const source = makeFlv(shape);
    const clear = concat(...piecesOf(cut(source, { mark: false })).map((piece) => piece.clear));
    const tags = source.subarray(fileHeaderBytes(source));
    expect(same(clear.subarray(0, tags.length), tags)).toBe(true);
    const rest = flvTags(clear.subarray(tags.length));
    expect(rest.length).toBeLessThanOrEqual(1);
    expect(rest.every(({ type }) => type === 'script')).toBe(true);
  });

  test('a group starts at every keyframe and is announced by a prelude when that changed', () => {
    const source = makeFlv({ seconds: 6 });
    const events = cut(source);
    const preludes = events.filter((event) => event.kind === 'prelude');
    expect(preludes).toHaveLength(1);
    const first = events.findIndex((event) => event.kind === 'piece' && startsGroup(event));
    expect(events[first - 1]?.kind).toBe('prelude');
    const wanted = flvTags(source).slice(0, 3);
    const prelude = flvTags(preludes[0]?.bytes ?? new Uint8Array(0));
    expect(prelude.map(({ bytes }) => bytes)).toEqual(wanted.map(({ bytes }) => bytes));
    expect(piecesOf(events).filter(startsGroup)).toHaveLength(flvTags(source).filter((tag) => tag.keyframe).length);
  });

  test('the pieces of a group count up from its first one, and only the final piece is the last', () => {
    let offset = 0;
    const pieces = piecesOf(cut(makeFlv({ seconds: 6 })));
    for (const [index, piece] of pieces.entries()) {
      const view = new DataView(piece.wire.buffer);
      offset = startsGroup(piece) ? 0 : index === 0 ? 0 : offset + 1;
      expect(view.getUint32(8)).toBe(index);
      expect(view.getUint16(26)).toBe(offset);
      expect((flagsOf(piece) & 4) !== 0).toBe(index === pieces.length - 1);
    }
  });

  test('without a secret pieces are clear and play without a key', () => {
    const cutter = core.createCutter({ ...names, signingSeed });
    cutter.push(makeFlv(), 0);
    cutter.finish(1);
    const pieces = piecesOf(drain(cutter));
    const held = core.createStore({ ...names, publicKey, capBytes: 4_000_000 });
    for (const { wire, clear } of pieces) {
      expect(same(wire.subarray(BODY_AT), clear)).toBe(true);
      expect(held.admit([wire])).toBe('ok');
    }
    expect(playAll(held, 0, pieces.length).length).toBeGreaterThan(400_000);
    held.free();
  });
});
