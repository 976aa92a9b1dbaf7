import { expect, it } from 'vitest';
import { encodeOriginFrame } from '../wire/origin.ts';
import { encodePieceHeader } from '../wire/piece.ts';
import { FrameSplitter } from './frame-splitter.ts';

const piece = (sequence: number, length: number): Uint8Array => {
  const bytes = new Uint8Array(92 + length).fill(sequence);
  const header = encodePieceHeader({
    kind: 'piece',
    keyframe: false,
    encrypted: true,
    last: false,
    length,
    epochTag: 1,
    sequence,
    dtsMs: 0,
    cutMs: 0,
    generation: 0,
    tagStart: 0,
    groupOffset: 0,
  });
  bytes.set(header);
  return bytes;
};

const frames: readonly Uint8Array[] = [
  encodeOriginFrame({ kind: 'applied', mask: 1, sequence: 2 }),
  piece(1, 8192),
  encodeOriginFrame({ kind: 'ended', reason: 'source-ended' }),
  piece(2, 1),
  encodeOriginFrame({ kind: 'key', generation: 1, wrapped: true, nextInMs: 5, key: new Uint8Array(72) }),
  piece(3, 4000),
];

const all = Uint8Array.from(frames.flatMap((frame) => [...frame]));

it.each([1, 2, 3, 7, 91, 92, 93, 1000, 8192, all.length])('finds the same frames in chunks of %i bytes', (size) => {
  const found: Uint8Array[] = [];
  const splitter = new FrameSplitter((bytes) => found.push(bytes));
  for (let at = 0; at < all.length; at += size) expect(splitter.push(all.slice(at, at + size))).toBeUndefined();
  expect(found).toEqual(frames);
});

it('hands out buffers that share nothing with the chunk', () => {
  const found: Uint8Array[] = [];
  const chunk = all.slice();
  new FrameSplitter((bytes) => found.push(bytes)).push(chunk);
  chunk.fill(0);
  expect(found).toEqual(frames);
});

it('stops at what is no frame, with the frames before it out', () => {
  const found: Uint8Array[] = [];
  const splitter = new FrameSplitter((bytes) => found.push(bytes));
  const fault = splitter.push(Uint8Array.from([...(frames[0] ?? []), 0x99]));
  expect(fault?.code).toBe('wire/unknown-kind');
  expect(found.length).toBe(1);
});
