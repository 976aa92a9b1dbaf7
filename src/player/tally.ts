/**
 * What a player counts over its life.
 */
import type { PlayerStats } from './stats.ts';

export class Tally {
  startupMs: number | undefined;
  stalls = 0;
  stalledMs = 0;
  bufferAheadMs: number | undefined;
  workersLost = 0;

  buffered(aheadMs: number): void {
    this.bufferAheadMs = aheadMs;
  }

  snapshot(): Pick<PlayerStats, 'startupMs' | 'stalls' | 'stalledMs' | 'bufferAheadMs' | 'workersLost'> {
    const { startupMs, stalls, stalledMs, bufferAheadMs, workersLost } = this;
    return { startupMs, stalls, stalledMs, bufferAheadMs, workersLost };
  }
}
