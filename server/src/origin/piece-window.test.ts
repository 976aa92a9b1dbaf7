import { expect, test } from 'vitest';
import { type KeptPiece, PieceWindow } from './piece-window.ts';

const piece = (
  sequence: number,
  at: { readonly atMs: number; readonly keyframe?: boolean; readonly bytes?: number },
): KeptPiece => ({
  header: {
    kind: 'piece',
    keyframe: at.keyframe === true,
    encrypted: true,
    last: false,
    length: 1,
    epochTag: 1,
    sequence,
    dtsMs: at.atMs,
    cutMs: 0,
    generation: 0,
    tagStart: 0,
    groupOffset: 0,
  },
  wire: Buffer.alloc(at.bytes ?? 1000),
  clear: Buffer.alloc(1),
  head: undefined,
  atMs: at.atMs,
});

const fill = (window: PieceWindow, count: number, every: number, msEach = 100): void => {
  for (let n = 0; n < count; n++) window.add(piece(window.next, { atMs: n * msEach, keyframe: n % every === 0 }));
};

test('keeps what is young, finds it by sequence and lists it in order', () => {
  const window = new PieceWindow({ ms: 20_000, bytes: 1e9 });
  expect([window.oldest, window.next, window.keyframe]).toEqual([0, 0, undefined]);
  fill(window, 100, 20);
  expect([window.oldest, window.next]).toEqual([0, 100]);
  expect(window.keyframe?.header.sequence).toBe(80);
  expect(window.get(7)?.header.sequence).toBe(7);
  expect([window.get(-1), window.get(100), window.get(1.5)]).toEqual([undefined, undefined, undefined]);
  expect([...window.from(97)].map(({ header }) => header.sequence)).toEqual([97, 98, 99]);
});

test('lets go of what is old, but never of the last two groups', () => {
  const window = new PieceWindow({ ms: 2000, bytes: 1e9 });
  fill(window, 5000, 10);
  expect(window.next - window.oldest).toBeLessThanOrEqual(22);
  expect(window.get(window.oldest - 1)).toBeUndefined();
  const long = new PieceWindow({ ms: 2000, bytes: 1e9 });
  fill(long, 500, 100);
  expect(long.oldest).toBe(300);
});

test('bytes are bounded whatever the groups', () => {
  const window = new PieceWindow({ ms: 1e9, bytes: 50_000 });
  fill(window, 5000, 1000);
  expect(window.bytes).toBeLessThanOrEqual(50_000);
  expect(window.next - window.oldest).toBe(50);
  expect(window.keyframe).toBeUndefined();
});

test('the clear form is kept from the newest keyframe on', () => {
  const window = new PieceWindow({ ms: 20_000, bytes: 1e9 });
  fill(window, 45, 20);
  expect([...window.from(0)].map(({ clear }) => clear !== undefined).lastIndexOf(false)).toBe(39);
  expect(window.get(40)?.clear).toBeDefined();
});
