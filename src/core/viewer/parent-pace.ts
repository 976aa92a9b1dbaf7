/**
 * Whether a parent is quick enough for where the playhead stands: what it sends must come so early that somebody else can
 * still help when it does not.
 */
import type { Millis } from '../engine.ts';
import type { Feed } from './feed.ts';
import type { Neighbour } from './neighbour.ts';

/** A parent is slow by so many pieces, not by one. */
export const SLOW_PIECES = 3;
/** To ask somebody whose distance is not known. */
const REPAIR_GUESS_MS = 100;

/** A piece with this lag leaves time for one repair. */
export const covers = (latencyMs: Millis, lagMs: Millis, parent: Neighbour | undefined): boolean =>
  lagMs + (parent?.patienceMs ?? REPAIR_GUESS_MS) <= latencyMs;

/** What a parent usually sends comes too late for that. */
export const isTooSlow = (latencyMs: Millis, feed: Feed, parent: Neighbour): boolean => {
  const usual = feed.lag.at(0.5);
  return usual !== undefined && feed.lag.count >= SLOW_PIECES && !covers(latencyMs, usual, parent);
};
