/**
 * The states of a player and which may follow which. A step that is not in the table is one that came too late, such
 * as a picture that moves after `destroy`; it is not taken.
 */
import type { PlayerState } from './stats.ts';

const NEXT: Readonly<Record<PlayerState, readonly PlayerState[]>> = {
  starting: ['playing', 'paused', 'source-outage', 'ended', 'failed', 'destroyed'],
  playing: ['stalled', 'paused', 'source-outage', 'ended', 'failed', 'destroyed', 'starting'],
  stalled: ['playing', 'paused', 'source-outage', 'ended', 'failed', 'destroyed', 'starting'],
  paused: ['starting', 'ended', 'failed', 'destroyed'],
  'source-outage': ['playing', 'paused', 'ended', 'failed', 'destroyed', 'starting'],
  ended: ['playing', 'starting', 'failed', 'destroyed'],
  failed: ['starting', 'destroyed'],
  destroyed: [],
};

/** Whether a player may go from one state to another. */
export const mayEnter = (from: PlayerState, to: PlayerState): boolean => NEXT[from].includes(to);
