/**
 * What a run is asked for and what it shows. Both levels give the same figures, so that one can be held against the other.
 */
import type { DeciderMaker } from './decider.ts';
import type { ProcessorsName, WorldName } from './worlds.ts';

/** How much of what to simulate. */
export interface RunSize {
  readonly scenario: string;
  readonly world: WorldName;
  readonly viewers: number;
  /** Length of the window that is measured, virtual seconds. */
  readonly seconds: number;
  readonly seed: number;
  /** Bitrate of the stream. */
  readonly bitsPerSec: number;
  /** Whether pages share processors that are busy; as the scenario says unless named. */
  readonly processors?: ProcessorsName | undefined;
  /** What decides for the viewers; the engine that ships unless something else is named. */
  readonly decider?: DeciderMaker | undefined;
}

/** The figures of a run; see docs/simulator.md for what each means. */
export interface Figures {
  /** 1 - origin bytes / (viewer-seconds x bytes a second of the plain stream). */
  readonly offload: number;
  /** What no scheduler can beat here. */
  readonly bound: number;
  readonly boundShare: number;
  readonly originCopies: number;
  /** The origin's busiest second over what it would send without neighbours. */
  readonly originPeakShare: number;
  /** Quantiles over viewers of the delay within which 99.9 % of a viewer's pieces were there. */
  readonly delayMsP50: number;
  readonly delayMsP95: number;
  readonly delayMsP99: number;
  readonly startupMsP95: number;
  /** Time the picture stood longer than 250 ms over time watched, at the playout delay of the world. */
  readonly stallRatio: number;
  readonly stalledViewersShare: number;
  readonly wallSeconds: number;
  readonly eventsPerSec: number;
  readonly bytesPerViewer: number;
  readonly badBytesPlayed: number;
  readonly badBytesForwarded: number;
  /** Useful piece bytes over all piece bytes that arrived. */
  readonly goodput: number;
}

/** Names of the figures, in the order they are printed. */
export const FIGURE_NAMES = [
  'offload',
  'bound',
  'boundShare',
  'originCopies',
  'originPeakShare',
  'delayMsP50',
  'delayMsP95',
  'delayMsP99',
  'startupMsP95',
  'stallRatio',
  'stalledViewersShare',
  'wallSeconds',
  'eventsPerSec',
  'bytesPerViewer',
  'badBytesPlayed',
  'badBytesForwarded',
  'goodput',
] as const satisfies readonly (keyof Figures)[];

const MORE_IS_BETTER: ReadonlySet<keyof Figures> = new Set([
  'offload',
  'bound',
  'boundShare',
  'eventsPerSec',
  'goodput',
]);

/** The worst of several runs, figure by figure. */
export const worstOf = (runs: readonly Figures[]): Figures => {
  const worst = (name: keyof Figures): number => {
    const values = runs.map((run) => run[name]);
    return MORE_IS_BETTER.has(name) ? Math.min(...values) : Math.max(...values);
  };
  return Object.fromEntries(FIGURE_NAMES.map((name) => [name, worst(name)])) as unknown as Figures;
};
