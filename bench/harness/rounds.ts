/**
 * Paired timing: every variant once per round, in turn, so that whatever else the machine does hits all of them alike.
 * Rates are medians over the rounds; ratios are taken within a round first.
 */
import { median } from './quantiles.ts';

/** Something to time: does its work once and returns how much it did (bytes or operations). */
export type Variant = () => number | Promise<number>;

/** Rates of all variants, one per round, in units per second. */
export type Rates = Readonly<Record<string, readonly number[]>>;

/** Times all variants; a sample repeats its variant for at least `sampleMs`. Two rounds of warm-up are thrown away. */
export const timeRounds = async (
  variants: Readonly<Record<string, Variant>>,
  { rounds, sampleMs }: { readonly rounds: number; readonly sampleMs: number },
): Promise<Rates> => {
  const rates: Record<string, number[]> = Object.fromEntries(Object.keys(variants).map((name) => [name, []]));
  for (let round = -2; round < rounds; round++) {
    for (const [name, variant] of Object.entries(variants)) {
      const rate = await sample(variant, sampleMs);
      if (round >= 0) rates[name]?.push(rate);
    }
  }
  return rates;
};

const sample = async (variant: Variant, sampleMs: number): Promise<number> => {
  const began = performance.now();
  let work = 0;
  let ended = began;
  while (ended - began < sampleMs) {
    const done = variant();
    work += typeof done === 'number' ? done : await done;
    ended = performance.now();
  }
  return (work * 1000) / (ended - began);
};

/** The median rate of a variant. */
export const rateOf = (rates: Rates, name: string): number => median(rates[name] ?? []);

/** The median over the rounds of a ratio of two rates. */
export const ratioOf = (rates: Rates, name: string, to: string): number =>
  median((rates[name] ?? []).map((rate, round) => rate / (rates[to]?.[round] ?? Number.NaN)));

/** The rate of doing several things one after the other, round by round. */
export const inSeries = (rates: Rates, names: readonly string[]): readonly number[] => {
  const rounds = Math.min(...names.map((name) => rates[name]?.length ?? 0));
  return Array.from({ length: rounds }, (_, round) => {
    return 1 / names.reduce((time, name) => time + 1 / (rates[name]?.[round] ?? Number.NaN), 0);
  });
};
