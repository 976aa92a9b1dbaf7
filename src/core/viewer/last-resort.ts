/**
 * When a viewer turns to the origin for a piece that has not come: shortly before the playhead needs it, at a moment of
 * chance, so that not everybody asks at once.
 */
import type { Millis } from '../engine.ts';
import type { SwarmView } from './swarm-view.ts';

/** Not-topmost viewers ask the origin only in the last so many ms before the playhead, spread at random. */
export const LAST_RESORT_MS = 150;
/** The least of the random share of it. */
export const RESORT_SHARE_MIN = 0.4;
/** An answer of the origin may take this much longer than its best ones. */
export const RESORT_MARGIN_MS = 40;
/** Before it is measured, a round trip to the origin; and what it counts for at most. */
const ORIGIN_RTT_GUESS_MS = 50;
export const ORIGIN_RTT_MAX_MS = 400;

/** What asking the origin takes. */
export const originRttMs = ({ clock }: SwarmView): Millis =>
  clock.rttMs === Number.POSITIVE_INFINITY ? ORIGIN_RTT_GUESS_MS : Math.min(ORIGIN_RTT_MAX_MS, clock.rttMs);

/** How long before the playhead needs a piece the origin is asked for it. */
export const resortMs = (view: SwarmView): Millis =>
  view.random.between(RESORT_SHARE_MIN, 1) * LAST_RESORT_MS + RESORT_MARGIN_MS + originRttMs(view);

/** ... usually, by viewers as far from the origin as we are. */
export const usualResortMs = (view: SwarmView): Millis =>
  ((1 + RESORT_SHARE_MIN) / 2) * LAST_RESORT_MS + RESORT_MARGIN_MS + originRttMs(view);
