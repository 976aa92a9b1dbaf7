/**
 * For whom a substream's source would be left: an orphan takes anybody who is fed, the origin is left for whoever is
 * early enough, and a parent for one that is clearly earlier or belongs to a tree of lower rank. The last makes two trees
 * that touch anywhere grow together.
 */
import type { Millis } from '../engine.ts';
import { type Feed, nextMissing } from './feed.ts';
import { usualResortMs } from './last-resort.ts';
import { findParent, type ParentCandidate, type ParentSearch } from './parent-choice.ts';
import { NO_RANK } from './ranks.ts';
import type { SwarmView } from './swarm-view.ts';

/** A new parent must be earlier than the present one by this share, and by this much. */
export const GAIN_SHARE = 0.2;
export const GAIN_MIN_MS = 20;
/** A tree of lower rank may be later by this much, time for a repair included. */
export const MERGE_LAG_MS = 150;
/** Left over of the playout delay when a parent takes the origin's place. */
export const MARGIN_MS = 20;

/**
 * So long everybody must be too late before playback makes room. The lags of somebody who has just come or changed its sources
 * tell for some seconds how old was what it was sent first.
 */
export const TOO_LATE_MS = 6_000;

/** What feeds need to know from playback. */
export interface FeedTiming {
  /** How far the playhead is behind the live edge, ms. */
  latencyMs(now: Millis): number;
  /** When the playhead needs a piece. */
  deadlineOf(now: Millis, sequence: number): Millis;
  /** A candidate's lag that playback should make room for. */
  wishLag(now: Millis, lagMs: number): void;
}

/** A substream that looks for a parent, and the rank of the tree it is in. */
export interface Seeker {
  readonly timing: FeedTiming;
  readonly feed: Feed;
  /** Its own as a root when the origin feeds it. */
  readonly rank: number;
  /** The origin could feed it instead. */
  readonly originOpen: boolean;
}

/** Whom to put on trial, if anybody. */
export const huntParent = (now: Millis, view: SwarmView, seeker: Seeker): ParentCandidate | undefined => {
  const { source } = seeker.feed;
  if (source === undefined) return forOrphan(now, view, seeker);
  return source === 'origin' ? insteadOfOrigin(now, view, seeker) : betterParent(now, view, seeker);
};

/** Asking a neighbour and hearing from it take so long, on top of what asking the origin takes. */
const TRY_MS = 100;

/** The playhead will need the next piece before a neighbour could be tried: only the origin is sure to help. */
export const isUrgent = (now: Millis, view: SwarmView, { substream }: Feed, timing: FeedTiming): boolean =>
  timing.deadlineOf(now, nextMissing(view, substream)) - now < usualResortMs(view) + TRY_MS;

/** Whoever is early enough; where the origin cannot be asked, whoever is there. */
const forOrphan = (now: Millis, view: SwarmView, seeker: Seeker): ParentCandidate | undefined => {
  const lagBelow = seeker.timing.latencyMs(now) - MARGIN_MS;
  const found = findParent(now, view, { ...searchOf(seeker, NO_RANK, lagBelow), withRepair: true });
  if (found !== undefined || seeker.originOpen) return found;
  return findParent(now, view, searchOf(seeker, NO_RANK, Number.POSITIVE_INFINITY));
};

/** Nobody early enough for a while: playback is asked to make room for the earliest. */
const insteadOfOrigin = (now: Millis, view: SwarmView, seeker: Seeker): ParentCandidate | undefined => {
  const { timing, feed } = seeker;
  const lagBelow = timing.latencyMs(now) - MARGIN_MS;
  const found = findParent(now, view, { ...searchOf(seeker, seeker.rank, lagBelow), withRepair: true });
  const slower = found ?? findParent(now, view, searchOf(seeker, seeker.rank, Number.POSITIVE_INFINITY));
  if (found !== undefined || slower === undefined) {
    feed.tooLateSince = undefined;
    return found;
  }
  feed.tooLateSince ??= now;
  if (now - feed.tooLateSince >= TOO_LATE_MS) timing.wishLag(now, slower.lagMs + slower.neighbour.patienceMs);
  return undefined;
};

const betterParent = (now: Millis, view: SwarmView, seeker: Seeker): ParentCandidate | undefined => {
  const lag = seeker.feed.lag.at(0.5);
  if (lag === undefined) return undefined;
  const earlier = Math.min(lag * (1 - GAIN_SHARE), lag - GAIN_MIN_MS);
  const found = findParent(now, view, searchOf(seeker, Math.min(NO_RANK, seeker.rank + 1), earlier));
  // Trees grow together by their branches; a leaf that moves only to and fro helps nobody.
  if (found !== undefined || seeker.feed.children === 0) return found;
  const lagBelow = Math.min(lag + MERGE_LAG_MS, seeker.timing.latencyMs(now) - MARGIN_MS);
  return findParent(now, view, { ...searchOf(seeker, seeker.rank, lagBelow), withRepair: true });
};

const searchOf = ({ feed }: Seeker, rankBelow: number, lagBelow: number): ParentSearch => ({
  substream: feed.substream,
  rankBelow,
  leaf: feed.children === 0,
  lagBelow,
  withRepair: false,
  muchFrom: typeof feed.source === 'number' ? 'nobody' : 'last',
  except: typeof feed.source === 'number' ? feed.source : undefined,
});
