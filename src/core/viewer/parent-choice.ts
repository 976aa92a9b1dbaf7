/**
 * Which neighbour should push a substream to us: the one whose own lag plus half the way is least, among those that
 * would take us and whose tree we may join.
 */
import type { Millis } from '../engine.ts';
import type { LinkNumber } from './io.ts';
import type { Neighbour } from './neighbour.ts';
import { NO_RANK } from './ranks.ts';
import { type SwarmView, TINY_SWARM } from './swarm-view.ts';

/** What is looked for. */
export interface ParentSearch {
  readonly substream: number;
  /** The candidate's tree must rank below this ... */
  readonly rankBelow: number;
  /** ... unless we feed nobody and the candidate does: that can close no circle. */
  readonly leaf: boolean;
  /** Its expected lag must be below this, ms, with room for one repair when the origin would be given up for it. */
  readonly lagBelow: number;
  readonly withRepair: boolean;
  /** Whoever feeds us much already is taken last, or not at all: what one goes with should be made up for by the others. */
  readonly muchFrom: 'last' | 'nobody';
  /** The present parent is no candidate. */
  readonly except: LinkNumber | undefined;
}

/** A candidate and the lag to expect from it. */
export interface ParentCandidate {
  readonly neighbour: Neighbour;
  readonly lagMs: number;
}

/** A status states lags in units of this many ms; 255 stands for unknown. */
export const LAG_UNIT_MS = 10;
export const LAG_UNKNOWN = 255;
/** Joining, verifying and sending on. */
export const RELAY_MS = 5;

/** Of what we get, more than one part of so many is much from one neighbour, if there are so many. */
export const SOURCES_WANTED = 4;

/** Whether a neighbour feeds us so much that one more substream had better come from another. */
const feedsMuch = (view: SwarmView, neighbour: Neighbour): boolean => {
  const sources = Math.min(SOURCES_WANTED, view.neighbours.count);
  // Two others: whoever was there first feeds the swarm.
  if (sources <= TINY_SWARM) return false;
  return bitsOf(neighbour.parentMask) >= Math.ceil(view.substreams / sources);
};

const bitsOf = (mask: number): number => {
  let count = 0;
  for (let rest = mask >>> 0; rest !== 0; rest &= rest - 1) count++;
  return count;
};

/** Finds the best candidate, or undefined. */
export const findParent = (now: Millis, view: SwarmView, search: ParentSearch): ParentCandidate | undefined => {
  const { substream } = search;
  const bit = 1 << substream;
  let best: ParentCandidate | undefined;
  let last: ParentCandidate | undefined;
  for (const neighbour of view.neighbours.all()) {
    const { status } = neighbour;
    if (status === undefined || (status.open & bit) === 0 || neighbour.link === search.except) continue;
    if ((neighbour.childMask & bit) !== 0 || !neighbour.isFresh(now, view.epochTag)) continue;
    const lag = status.lags[substream] ?? LAG_UNKNOWN;
    const rank = status.ranks[substream];
    if (lag === LAG_UNKNOWN || rank === undefined) continue;
    if (rank >= search.rankBelow && !(search.leaf && rank < NO_RANK && neighbour.relays(substream))) continue;
    if (lag * LAG_UNIT_MS >= search.lagBelow || neighbour.refuses(now, substream)) continue;
    if (!neighbour.reputation.isTrusted(now)) continue;
    const lagMs = lag * LAG_UNIT_MS + neighbour.rttMs / 2 + RELAY_MS;
    if (lagMs + (search.withRepair ? neighbour.patienceMs : 0) >= search.lagBelow) continue;
    if (feedsMuch(view, neighbour)) {
      if (search.muchFrom === 'last' && (last === undefined || lagMs < last.lagMs)) last = { neighbour, lagMs };
    } else if (best === undefined || lagMs < best.lagMs) best = { neighbour, lagMs };
  }
  return best ?? last;
};
