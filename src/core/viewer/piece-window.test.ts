import { describe, expect, test } from 'vitest';
import type { PieceHeader } from '../../wire/piece.ts';
import { Random } from '../kit/random.ts';
import { PieceWindow } from './piece-window.ts';

const CUT = 1_700_000_000_000;

const header = (sequence: number, more: Partial<PieceHeader> = {}): PieceHeader => ({
  kind: 'piece',
  keyframe: sequence % 10 === 0,
  encrypted: false,
  last: false,
  length: 5_000,
  epochTag: 1,
  sequence,
  dtsMs: sequence * 50,
  cutMs: CUT + sequence * 50,
  generation: 0,
  tagStart: 0,
  groupOffset: sequence % 10,
  ...more,
});

const holding = (...sequences: number[]): PieceWindow => {
  const pieces = new PieceWindow(64);
  for (const sequence of sequences) pieces.add(header(sequence));
  return pieces;
};

describe('a window of pieces', () => {
  test('is empty at first', () => {
    const pieces = holding();
    expect([pieces.newest, pieces.newestKeyframe, pieces.has(0), pieces.cutOf(3)]).toEqual([-1, -1, false, 0]);
  });

  test('remembers what was added, once', () => {
    const pieces = holding(5, 7);
    expect([pieces.has(5), pieces.has(6), pieces.has(7)]).toEqual([true, false, true]);
    expect(pieces.add(header(7))).toBe(false);
    expect(pieces.add(header(6))).toBe(true);
  });

  test('slides: old ones fall out, and their places are not mistaken for new ones', () => {
    const pieces = holding(0, 1, 2);
    pieces.add(header(64));
    expect([pieces.has(0), pieces.has(1), pieces.has(64), pieces.has(65)]).toEqual([false, true, true, false]);
    expect(pieces.add(header(0))).toBe(false);
  });

  test('takes earlier pieces of a late joiner', () => {
    const pieces = holding(40, 41);
    expect(pieces.add(header(30))).toBe(true);
    expect(pieces.oldest).toBe(30);
  });

  test('does not believe an absurd leap', () => {
    const pieces = holding(1);
    expect(pieces.add(header(100_000))).toBe(false);
    expect(pieces.newest).toBe(1);
  });

  test('knows the newest keyframe, and the next one after a hole', () => {
    const pieces = holding(10, 11, 20, 21, 30);
    expect(pieces.newestKeyframe).toBe(30);
    expect(pieces.keyframeAfter(11)).toBe(20);
    expect(pieces.keyframeAfter(30)).toBe(-1);
  });

  test('estimates the cut of what is missing by those held around it, or by the pace', () => {
    const pieces = holding(10, 11, 12, 16);
    expect([13, 14, 15].map((each) => pieces.cutOf(each) - CUT)).toEqual([13 * 50, 14 * 50, 15 * 50]);
    expect(pieces.dtsOf(13)).toBe(13 * 50);
    expect(Math.abs(pieces.cutOf(18) - (CUT + 18 * 50))).toBeLessThan(60);
  });

  test('says what is held as bits', () => {
    expect([...holding(8, 9, 11, 17).haveFrom(8, 16)]).toEqual([0b1101_0000, 0b0100_0000]);
    expect([...holding(8).haveFrom(20, 16)]).toEqual([]);
  });

  test('what is forgotten is not promised, nor taken again', () => {
    const pieces = holding(10, 11, 12, 13);
    pieces.forgetBelow(12);
    expect([pieces.has(11), pieces.has(12), pieces.oldest]).toEqual([false, true, 12]);
    expect(pieces.newestKeyframe).toBe(-1);
    expect(pieces.add(header(11))).toBe(false);
  });

  test('never forgets the newest', () => {
    const pieces = holding(10, 11);
    pieces.forgetBelow(1_000);
    expect([pieces.has(11), pieces.newest]).toEqual([true, 11]);
  });

  test('is what a set with a floor would be', () => {
    const random = new Random(11);
    const pieces = new PieceWindow(64);
    const held = new Set<number>();
    let newest = -1;
    for (let round = 0; round < 5_000; round++) {
      const sequence = Math.max(0, newest + random.below(40) - 30);
      const added = pieces.add(header(sequence));
      if (newest < 0 || (sequence > newest - 64 && !held.has(sequence))) {
        expect(added).toBe(true);
        held.add(sequence);
        newest = Math.max(newest, sequence);
      } else expect(added).toBe(false);
      for (const each of held) if (each <= newest - 64) held.delete(each);
      const asked = newest - random.below(80);
      expect(pieces.has(asked)).toBe(held.has(asked));
    }
  });
});
