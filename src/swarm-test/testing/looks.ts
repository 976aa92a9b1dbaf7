/**
 * Viewers of a swarm as a test wants to see them.
 */
import type { PlayerStats } from '../../player/stats.ts';
import type { Look } from '../feeding.ts';

type ViewerStats = NonNullable<PlayerStats['viewer']>;

/** A viewer named `id` in the swarm, fed by these neighbours: `{ v1: 3 }` is three substreams from v1. */
export const lookAt = (
  name: string,
  viewer: Partial<ViewerStats>,
  parents: Readonly<Record<string, number>> = {},
): Look => {
  const neighbours = Object.entries(parents).map(([id, count]) => ({
    viewer: id,
    parentOf: Array.from({ length: count }, (_, substream) => substream),
    childOf: [],
    rttMs: 1,
    bytesIn: 0,
    bytesOut: 0,
  }));
  const stats = {
    state: 'playing',
    mode: 'shared',
    viewer: {
      substreams: 8,
      fromOrigin: 0,
      fromNeighbours: neighbours.length,
      orphaned: 0,
      playedBytes: 0,
      originBytes: 0,
      neighbourBytes: 0,
      uploadedBytes: 0,
      piecesRejected: 0,
      neighbours,
      ...viewer,
    },
  };
  return { name, stats: stats as unknown as PlayerStats, stalls: 0 };
};
