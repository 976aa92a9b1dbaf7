/**
 * The swarms in which the simulator is held against real data channels. The first one is what the simulator is adjusted
 * to; the others it must foresee.
 */

/** A small swarm behind the relay. */
export interface Topology {
  readonly name: string;
  readonly viewers: number;
  /** Uplinks as multiples of the stream's rate, dealt out in turn. */
  readonly uplinks: readonly number[];
}

/** Everybody can upload, three times the stream on average: for adjusting. */
export const CALIBRATION: Topology = { name: 'even', viewers: 16, uplinks: [1, 3, 5, 2, 4] };

/** To be foreseen: uplinks that cannot carry the stream, and a few strong ones among many weak ones. */
export const PREDICTIONS: readonly Topology[] = [
  { name: 'poor', viewers: 16, uplinks: [0.4, 1.2, 0.85, 1.4, 0.4] },
  { name: 'unequal', viewers: 18, uplinks: [0.5, 6, 0.5] },
];

/** How every swarm is run, real or simulated. */
export const PLAN = { rttMs: 50, joinsPerSec: 2, settleSeconds: 10, neighbours: 16, deadlineMs: 1_000 } as const;
