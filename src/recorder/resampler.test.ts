import { describe, expect, it } from 'vitest';
import { canResample, Resampler } from './resampler.ts';

const SECONDS = 0.5;
const AMPLITUDE = 0.4;

/** Sines of some frequencies, at a rate: the reference, which needs no filter. */
const sines = (rate: number, frequencies: readonly number[], samples = Math.round(rate * SECONDS)): Float32Array =>
  Float32Array.from({ length: samples }, (_, at) =>
    frequencies.reduce(
      (sum, hz) => sum + (AMPLITUDE / frequencies.length) * Math.sin((2 * Math.PI * hz * at) / rate),
      0,
    ),
  );

const convert = (from: number, to: number, input: Float32Array, block = 128): Float32Array => {
  const resampler = new Resampler(from, to);
  const out: number[] = [];
  for (let at = 0; at < input.length; at += block) out.push(...resampler.push(input.subarray(at, at + block)));
  out.push(...resampler.flush());
  return Float32Array.from(out);
};

const power = (signal: Float32Array): number => signal.reduce((sum, value) => sum + value * value, 0) / signal.length;

/** The middle: what begins and ends suddenly has no single frequency. */
const middle = (signal: Float32Array): Float32Array =>
  signal.subarray(Math.floor(signal.length / 4), Math.floor((3 * signal.length) / 4));

const snrDb = (signal: Float32Array, reference: Float32Array): number => {
  const error = middle(signal).map((value, at) => value - (middle(reference)[at] ?? 0));
  return 10 * Math.log10(power(middle(reference)) / power(error));
};

const RATES = [
  [48_000, 8000],
  [48_000, 16_000],
  [44_100, 8000],
  [44_100, 16_000],
  [96_000, 16_000],
  [16_000, 8000],
  [8000, 16_000],
  [22_050, 16_000],
  [16_000, 16_000],
] as const;

describe('a resampler', () => {
  it.each(RATES)('from %i to %i keeps what fits: at least 60 dB above its error', (from, to) => {
    const edge = Math.min(from, to);
    const frequencies = [0.025, 0.1, 0.2, 0.33, 0.44].map((part) => Math.round(part * edge));
    const seconds = SECONDS;
    const reference = sines(to, frequencies, Math.round(to * seconds));
    expect(snrDb(convert(from, to, sines(from, frequencies)), reference)).toBeGreaterThan(60);
  });

  it.each(RATES.filter(([from, to]) => from > to))(
    'from %i to %i lets nothing fold back that does not fit',
    (from, to) => {
      for (const part of [0.51, 0.6, 0.75, 0.9]) {
        const hz = Math.min(part * to, 0.49 * from);
        const heard = middle(convert(from, to, sines(from, [hz])));
        expect(10 * Math.log10(power(heard) / (AMPLITUDE ** 2 / 2)), `${hz} Hz`).toBeLessThan(-60);
      }
    },
  );

  it.each(RATES)('from %i to %i gives the same for blocks of any length, and as much as there was', (from, to) => {
    const input = sines(from, [440, 1000]);
    const once = convert(from, to, input, input.length);
    expect(convert(from, to, input, 37)).toEqual(once);
    expect(Math.abs(once.length - (input.length * to) / from)).toBeLessThanOrEqual(1);
  });

  it('has no bias', () => {
    const constant = convert(44_100, 8000, new Float32Array(22_050).fill(0.25));
    for (const value of middle(constant)) expect(value).toBeCloseTo(0.25, 4);
  });

  it('knows what it cannot do', () => {
    expect(canResample(44_100, 16_000)).toBe(true);
    expect(canResample(44_101, 16_000)).toBe(false);
    expect(canResample(0, 8000)).toBe(false);
    expect(canResample(48_000.5, 8000)).toBe(false);
  });
});
