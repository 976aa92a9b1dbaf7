/**
 * The model held against the exact level: the same scenario, size and seeds at both, side by side.
 */
import { FIGURE_NAMES, type Figures, type RunSize } from '../figures.ts';
import { runScenario } from '../scenarios.ts';
import { runModel } from './model-level.ts';

/** How far the model may be off. */
export const LIMITS = { offloadPoints: 1, delayP95Percent: 15 } as const;

/** Both levels, each as the mean over the seeds, and how far the model is off. */
export interface Comparison {
  readonly exact: Figures;
  readonly model: Figures;
  /** Model less exact, in hundredths. */
  readonly offloadPoints: number;
  /** Model over exact, less one. */
  readonly delayP95Percent: number;
  /** What is further off than allowed, in words. */
  readonly missed: readonly string[];
}

/** Runs both levels. */
export const compareLevels = (size: RunSize, seeds: number): Comparison => {
  const sizes = Array.from({ length: seeds }, (_, at) => ({ ...size, seed: size.seed + at }));
  const exact = meanOf(sizes.map((each) => runScenario(each).figures));
  const model = meanOf(sizes.map((each) => runModel(each).figures));
  const offloadPoints = round(100 * (model.offload - exact.offload));
  const delayP95Percent = round(100 * (model.delayMsP95 / exact.delayMsP95 - 1));
  const missed: string[] = [];
  if (Math.abs(offloadPoints) > LIMITS.offloadPoints) missed.push(`offload is ${offloadPoints} points off`);
  if (Math.abs(delayP95Percent) > LIMITS.delayP95Percent) missed.push(`p95 of the delay is ${delayP95Percent} % off`);
  return { exact, model, offloadPoints, delayP95Percent, missed };
};

/** A table of both, figure by figure. */
export const comparisonTable = ({ exact, model, missed }: Comparison): string => {
  const cell = (value: number): string => String(Number(value.toPrecision(5))).padStart(12);
  const rows = FIGURE_NAMES.map((name) => `  ${name.padEnd(20)}${cell(exact[name])}${cell(model[name])}`);
  const head = `  ${''.padEnd(20)}${'exact'.padStart(12)}${'model'.padStart(12)}`;
  return [head, ...rows, ...missed.map((miss) => `  missed: ${miss}`)].map((line) => `${line}\n`).join('');
};

const meanOf = (runs: readonly Figures[]): Figures => {
  const mean = (name: keyof Figures): number => runs.reduce((sum, run) => sum + run[name], 0) / runs.length;
  return Object.fromEntries(FIGURE_NAMES.map((name) => [name, mean(name)])) as unknown as Figures;
};

const round = (value: number): number => Number(value.toFixed(2));
