/**
 * One consistent snapshot of a running viewer, taken from the engine and the byte side at one moment.
 */
import type { ViewerEngine } from '../core/viewer/viewer-engine.ts';
import type { NeighbourStats, ViewerState, ViewerStats } from './face.ts';

/** What the engine does not know. */
export interface ByteSide {
  readonly playedBytes: number;
  readonly storeBytes: number;
  /** Bytes of origin frames that are no pieces: heads, keys, clocks. */
  readonly originOtherBytes: number;
}

/** Takes the snapshot. */
export const takeSnapshot = (now: number, engine: ViewerEngine, bytes: ByteSide): ViewerStats => {
  const { view, feeds, playout, budget } = engine;
  const { counters } = view;
  const sources = feeds.all().map((feed) => feed.source);
  return {
    state: stateOf(engine),
    viewer: view.viewer,
    epoch: view.epochText,
    substreams: view.substreams,
    fromOrigin: sources.filter((source) => source === 'origin').length,
    fromNeighbours: sources.filter((source) => typeof source === 'number').length,
    orphaned: sources.filter((source) => source === undefined).length,
    originBytes: counters.originBytes + bytes.originOtherBytes,
    neighbourBytes: counters.neighbourBytes,
    uploadedBytes: counters.uploadedBytes,
    playedBytes: bytes.playedBytes,
    piecesFromOrigin: counters.piecesFromOrigin,
    piecesFromNeighbours: counters.piecesFromNeighbours,
    piecesDuplicate: counters.piecesDuplicate,
    piecesRejected: counters.piecesRejected,
    repairsFromNeighbours: counters.repairsFromNeighbours,
    repairsFromOrigin: counters.repairsFromOrigin,
    missedDeadlines: counters.missedDeadlines,
    stalls: counters.stalls,
    restarts: Math.max(0, counters.runs - 1),
    lagMsP50: counters.lags.at(0.5),
    lagMsP95: counters.lags.at(0.95),
    bufferAheadMs: playout.bufferAheadMs(),
    latencyTargetMs: playout.targetMs,
    latencyMs: playout.latencyMs(now),
    storeBytes: bytes.storeBytes,
    uploadBudgetBytesPerSec: budget.bytesPerSec,
    neighbours: neighboursOf(engine),
    dials: engine.membership.outcomes.totals,
    faults: Object.fromEntries(counters.faults),
  };
};

const stateOf = (engine: ViewerEngine): ViewerState => engine.state;

const neighboursOf = (engine: ViewerEngine): NeighbourStats[] => {
  const list: NeighbourStats[] = [];
  for (const neighbour of engine.view.neighbours.all()) {
    const bits = (mask: number): number[] =>
      Array.from({ length: engine.view.substreams }, (_, substream) => substream).filter(
        (substream) => (mask & (1 << substream)) !== 0,
      );
    list.push({
      viewer: neighbour.viewer,
      parentOf: engine.feeds
        .all()
        .filter((feed) => feed.source === neighbour.link)
        .map((feed) => feed.substream),
      childOf: bits(neighbour.childMask),
      rttMs: neighbour.rttKnown ? neighbour.rttMs : undefined,
      bytesIn: neighbour.bytesIn,
      bytesOut: neighbour.bytesOut,
    });
  }
  return list;
};
