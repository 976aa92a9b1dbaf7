import { describe, expect, it } from 'vitest';
import { brokenExpectations, checkExpectation, figuresText } from './expectation.ts';
import { figuresOf } from './figures.ts';
import { lookAt } from './testing/looks.ts';

const BEFORE = [
  lookAt('anna', { viewer: 'v1', playedBytes: 1000, originBytes: 1000, uploadedBytes: 100 }),
  lookAt('bert', { viewer: 'v2', playedBytes: 500, originBytes: 500 }),
];
const AFTER = [
  lookAt('anna', {
    viewer: 'v1',
    playedBytes: 3000,
    originBytes: 2000,
    uploadedBytes: 1100,
    lagMsP95: 20,
    latencyMs: 600,
  }),
  {
    ...lookAt('bert', { viewer: 'v2', playedBytes: 2500, originBytes: 700, neighbourBytes: 1800, lagMsP95: 90 }),
    stalls: 1,
  },
];
const FIGURES = figuresOf(BEFORE, AFTER);

describe('the figures of a window', () => {
  it('are what came in it', () => {
    expect(FIGURES.offload).toBeCloseTo(1 - 1200 / 4000);
    expect(FIGURES.copies).toBeCloseTo(1200 / 2000);
    expect(FIGURES).toMatchObject({ stalls: 1, delayMs: 90, latencyMs: 600 });
    expect(FIGURES.viewers[1]).toMatchObject({ name: 'bert', played: 2000, fromOrigin: 200, fromNeighbours: 1800 });
  });

  it('count a viewer that came or began anew from its start', () => {
    const anew = figuresOf(BEFORE, [lookAt('anna', { viewer: 'v7', playedBytes: 300, originBytes: 100 })]);
    expect(anew.viewers[0]).toMatchObject({ played: 300, fromOrigin: 100 });
    expect(figuresOf([], AFTER).viewers[0]).toMatchObject({ played: 3000, fromOrigin: 2000 });
  });

  it('are no offload where nothing played', () => {
    expect(figuresOf(BEFORE, BEFORE)).toMatchObject({ offload: 0, copies: 0, stalls: 0 });
  });

  it('are told with a row for each viewer', () => {
    expect(figuresText(FIGURES)).toBe(
      'offload 0.7, copies 0.6, stalls 1\n' +
        'anna: played 2 kB, from the origin 1 kB, from neighbours 0 kB, uploaded 1 kB\n' +
        'bert: played 2 kB, from the origin 0 kB, from neighbours 2 kB, uploaded 0 kB',
    );
  });
});

describe('an expectation', () => {
  it('holds up to its limit', () => {
    const limits = { offloadAtLeast: 0.7, copiesAtMost: 0.6, stallsAtMost: 1, delayMsAtMost: 90, latencyMsAtMost: 600 };
    expect(brokenExpectations(limits, FIGURES)).toEqual([]);
  });

  it('says what it wanted and what there was', () => {
    const limits = { offloadAtLeast: 0.8, copiesAtMost: 0.5, stallsAtMost: 0, delayMsAtMost: 50, latencyMsAtMost: 1 };
    expect(brokenExpectations(limits, FIGURES)).toEqual([
      'the offload: 0.7, wanted at least 0.8',
      'the copies that left the origin: 0.6, wanted at most 0.5',
      'the stalls: 1, wanted at most 0',
      'the delay of pieces: 90 ms, wanted at most 50 ms',
      'the latency: 600 ms, wanted at most 1 ms',
    ]);
  });

  it('does not hold where nothing is known', () => {
    expect(brokenExpectations({ delayMsAtMost: 50 }, figuresOf([], BEFORE))).toEqual([
      'the delay of pieces: not known, wanted at most 50 ms',
    ]);
  });

  it.each([
    [{}, /nothing is expected/],
    [{ offloadAtLeast: undefined }, /nothing is expected/],
    [{ offload: 0.5 }, /unknown expectation offload/],
    [{ offloadAtLeast: Number.NaN }, /offloadAtLeast: wanted a number/],
    [{ stallsAtMost: '0' }, /stallsAtMost: wanted a number/],
  ])('that could not fail is refused: %j', (expectation, text) => {
    expect(() => checkExpectation(expectation as never)).toThrow(text);
  });
});
