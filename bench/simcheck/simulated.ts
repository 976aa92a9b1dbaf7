/**
 * A topology in the exact level of the simulator: as many viewers, the same uplinks, joins, stream and window as in the
 * real run, several seeds.
 */

import type { GhostPiece } from '../../sim/ghost-piece.ts';
import { shipped } from '../../sim/shipped.ts';
import { World } from '../../sim/world.ts';
import { BENCH } from '../../sim/worlds.ts';
import { Histogram } from '../harness/histogram.ts';
import { median } from '../harness/quantiles.ts';
import { PLAN, type Topology } from './topologies.ts';

/** The stream as the real run had it. */
export interface Stream {
  readonly bytesPerSec: number;
  readonly piecesPerSec: number;
}

/** What both sides are compared by. */
export interface Shown {
  readonly originCopies: number;
  readonly delayMsP50: number;
  readonly delayMsP95: number;
}

/** What is adjusted. */
export interface Adjustment {
  /** What a hop takes besides the way and the uplink, ms: joining parts, verifying, threads, timers. */
  readonly hopMs: number;
}

/** The middle of several seeds. */
export const simulate = (
  topology: Topology,
  stream: Stream,
  how: Adjustment & { readonly seconds: number; readonly seeds: number },
): Shown => {
  const runs = Array.from({ length: how.seeds }, (_, at) => runOnce(topology, stream, { ...how, seed: at + 1 }));
  return {
    originCopies: median(runs.map((run) => run.originCopies)),
    delayMsP50: median(runs.map((run) => run.delayMsP50)),
    delayMsP95: median(runs.map((run) => run.delayMsP95)),
  };
};

const runOnce = (
  topology: Topology,
  stream: Stream,
  how: Adjustment & { readonly seconds: number; readonly seed: number },
): Shown => {
  const bitsPerSec = stream.bytesPerSec * 8;
  const delays = new Histogram();
  const measured = { from: Number.POSITIVE_INFINITY };
  const world: World = new World({
    ...BENCH,
    bitsPerSec,
    pieceBytes: stream.bytesPerSec / stream.piecesPerSec,
    rttMedianMs: PLAN.rttMs + 2 * how.hopMs,
    delayMs: PLAN.deadlineMs,
    clockPpm: 0,
    seed: how.seed,
    decider: (options) => {
      const decider = shipped(options);
      const handle = decider.handle.bind(decider);
      return Object.assign(decider, {
        handle: (...[at, input]: Parameters<typeof handle>) => {
          if (input.kind === 'piece' && world.now >= measured.from)
            delays.add(Math.round(world.now - (input.header as GhostPiece).cutAt));
          handle(at, input);
        },
      });
    },
  });
  for (let joined = 0; joined < topology.viewers; joined++) {
    const uplink = topology.uplinks[joined % topology.uplinks.length] ?? 1;
    world.at((joined * 1000) / PLAN.joinsPerSec, () => void world.join({ uplinkBitsPerSec: uplink * bitsPerSec }));
  }
  world.run((topology.viewers * 1000) / PLAN.joinsPerSec + PLAN.settleSeconds * 1000);
  measured.from = world.now;
  const before = world.originBytes;
  world.run(measured.from + how.seconds * 1000);
  return {
    originCopies: (world.originBytes - before) / (stream.bytesPerSec * how.seconds),
    delayMsP50: delays.at(0.5),
    delayMsP95: delays.at(0.95),
  };
};
