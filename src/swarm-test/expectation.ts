/**
 * What a test may expect of a swarm, and the sentence for each expectation that does not hold.
 */
import { ShoalError } from '../errors.ts';
import type { SwarmFigures } from './figures.ts';

/** What is expected; what is left out is not looked at. */
export interface SwarmExpectation {
  /** Least share of what was played that did not come from the origin, 0 to 1. */
  readonly offloadAtLeast?: number;
  /** Most copies of the stream that leave the origin. */
  readonly copiesAtMost?: number;
  /** Most pauses of a picture for want of data, of all viewers together. */
  readonly stallsAtMost?: number;
  /** Most delay of pieces after their cut (95th percentile) of the viewer that is worst off, ms. */
  readonly delayMsAtMost?: number;
  /** Most distance from the live edge of the viewer that is worst off, ms. */
  readonly latencyMsAtMost?: number;
}

interface Rule {
  readonly of: (figures: SwarmFigures) => number | undefined;
  readonly limit: 'least' | 'most';
  readonly what: string;
  readonly unit?: string;
}

const RULES: Readonly<Record<keyof SwarmExpectation, Rule>> = {
  offloadAtLeast: { of: (figures) => figures.offload, limit: 'least', what: 'the offload' },
  copiesAtMost: { of: (figures) => figures.copies, limit: 'most', what: 'the copies that left the origin' },
  stallsAtMost: { of: (figures) => figures.stalls, limit: 'most', what: 'the stalls' },
  delayMsAtMost: { of: (figures) => figures.delayMs, limit: 'most', what: 'the delay of pieces', unit: ' ms' },
  latencyMsAtMost: { of: (figures) => figures.latencyMs, limit: 'most', what: 'the latency', unit: ' ms' },
};

/** Throws `options/invalid` for an expectation that could never fail, or is none. */
export const checkExpectation = (expectation: SwarmExpectation): void => {
  const entries = Object.entries(expectation).filter(([, value]) => value !== undefined);
  if (entries.length === 0) throw new ShoalError('options/invalid', { detail: 'nothing is expected' });
  for (const [name, value] of entries) {
    if (!Object.hasOwn(RULES, name)) throw new ShoalError('options/invalid', { detail: `unknown expectation ${name}` });
    if (typeof value !== 'number' || !Number.isFinite(value)) {
      throw new ShoalError('options/invalid', { detail: `${name}: wanted a number` });
    }
  }
};

/** A sentence for everything that does not hold. */
export const brokenExpectations = (expectation: SwarmExpectation, figures: SwarmFigures): string[] => {
  const broken: string[] = [];
  for (const [name, { of, limit, what, unit = '' }] of Object.entries(RULES)) {
    const wanted = expectation[name as keyof SwarmExpectation];
    if (wanted === undefined) continue;
    const found = of(figures);
    const holds = found !== undefined && (limit === 'least' ? found >= wanted : found <= wanted);
    const told = found === undefined ? 'not known' : `${rounded(found)}${unit}`;
    if (!holds) broken.push(`${what}: ${told}, wanted at ${limit} ${wanted}${unit}`);
  }
  return broken;
};

/** The figures as a line and a row per viewer. */
export const figuresText = (figures: SwarmFigures): string => {
  const { offload, copies, stalls, viewers } = figures;
  const head = `offload ${rounded(offload)}, copies ${rounded(copies)}, stalls ${stalls}`;
  const rows = viewers.map(({ name, played, fromOrigin, fromNeighbours, uploaded }) =>
    [
      `${name}: played ${kilobytes(played)}`,
      `from the origin ${kilobytes(fromOrigin)}`,
      `from neighbours ${kilobytes(fromNeighbours)}`,
      `uploaded ${kilobytes(uploaded)}`,
    ].join(', '),
  );
  return [head, ...rows].join('\n');
};

const rounded = (value: number): number => Math.round(value * 1000) / 1000;
const kilobytes = (bytes: number): string => `${Math.round(bytes / 1000)} kB`;
