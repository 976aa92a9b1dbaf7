/**
 * One substream's source and how well it does.
 */
import type { ViewerName } from '../../wire/tracker.ts';
import type { Millis } from '../engine.ts';
import { Quantiles } from '../kit/quantiles.ts';
import type { LinkNumber, Source } from './io.ts';
import type { SwarmView } from './swarm-view.ts';

/** A candidate that has been asked to push the substream, or does so beside the present source. */
export interface Trial {
  readonly link: LinkNumber;
  state: 'asked' | 'accepted';
  at: Millis;
  /** Pieces in a row that came early enough. */
  good: number;
  ancestors: readonly ViewerName[];
}

/** Counts changes of who feeds whom, so that what follows from them is worked out only then. */
export interface FeedChanges {
  count: number;
}

/** Between two looks at all feeds. */
export const FEEDS_EVERY_MS = 200;
/** Lags of the newest pieces that are remembered. */
export const LAGS_KEPT = 8;

export class Feed {
  readonly substream: number;
  #source: Source | undefined;
  sourceSince: Millis;
  trial: Trial | undefined;
  #ancestors: readonly ViewerName[] = [];
  readonly #changes: FeedChanges;
  /** Lag of the newest pieces from the present source, ms: some four seconds of them, so a bad start is soon forgotten. */
  readonly lag = new Quantiles(LAGS_KEPT);
  /** Highest sequence the present source has sent. */
  #newest = -1;
  /** Late pieces in a row. */
  lates = 0;
  /** Late pieces in a row that it said it misses too. */
  excuses = 0;
  /** Candidates tried since the last source was lost. */
  tries = 0;
  improvedAt: Millis;
  /** Since when nobody could take the origin's place but somebody who is too late. */
  tooLateSince: Millis | undefined;
  /** What the origin has been asked to send begins here, when it is the source. */
  originFrom = 0;
  /** Those we feed in turn. */
  children = 0;

  constructor(substream: number, source: Source | undefined, now: Millis, changes: FeedChanges = { count: 0 }) {
    this.substream = substream;
    this.#source = source;
    this.sourceSince = now;
    this.improvedAt = now;
    this.#changes = changes;
  }

  /** Undefined: an orphan. */
  get source(): Source | undefined {
    return this.#source;
  }

  /** The viewers above our parent, nearest first. */
  get ancestors(): readonly ViewerName[] {
    return this.#ancestors;
  }

  set ancestors(ancestors: readonly ViewerName[]) {
    this.#ancestors = ancestors;
    this.#changes.count++;
  }

  setSource(source: Source | undefined, now: Millis): void {
    this.#source = source;
    this.#changes.count++;
    this.sourceSince = now;
    this.improvedAt = now;
    this.originFrom = 0;
    this.tooLateSince = undefined;
    this.lates = 0;
    this.excuses = 0;
    this.#newest = -1;
    this.lag.clear();
    if (source !== undefined) this.tries = 0;
  }

  enterEpoch(now: Millis): void {
    this.lates = 0;
    this.excuses = 0;
    this.#newest = -1;
    this.lag.clear();
    this.improvedAt = now;
  }

  /** The source has sent a piece. One that was held tells its lag, unless it is old; it is no service. */
  heard(sequence: number, lagMs: number, state: 'new' | 'held'): void {
    if (state === 'new') {
      this.lates = 0;
      this.excuses = 0;
    } else if (sequence <= this.#newest) return;
    this.#newest = Math.max(this.#newest, sequence);
    this.lag.add(lagMs);
  }
}

/** How long a candidate is given to answer, less when nobody feeds the substream meanwhile, and to deliver. */
const ASK_PATIENCE_MS = 1_000;
export const ORPHAN_PATIENCE_MS = 400;
export const TRIAL_PATIENCE_MS = 6_000;
/** ... if it has never sent anything. */
const STRANGER_PATIENCE_MS = 2_500;

/** How long a trial may go on. */
export const patienceOf = (feed: Feed, trial: Trial, proven: boolean): Millis => {
  if (trial.state === 'accepted') return proven ? TRIAL_PATIENCE_MS : STRANGER_PATIENCE_MS;
  return feed.source === undefined ? ORPHAN_PATIENCE_MS : ASK_PATIENCE_MS;
};

/** Pieces of a substream to look back for the first that is missing. */
const LOOK_BACK = 4;

/** The first sequence of a substream that is not held, looking back a little. */
export const nextMissing = ({ pieces, substreams }: SwarmView, substream: number): number => {
  if (pieces.newest < 0) return 0;
  const lastOf = pieces.newest - ((((pieces.newest - substream) % substreams) + substreams) % substreams);
  let next = lastOf + substreams;
  for (let back = 0; back < LOOK_BACK && next - substreams >= pieces.oldest && !pieces.has(next - substreams); back++)
    next -= substreams;
  return Math.max(0, next);
};

/** A piece that should have come: when it was cut, whether its parent says that it misses it too, and whether nothing comes at all. */
export interface LatePiece {
  readonly cutAt: Millis;
  readonly excused: boolean;
  readonly isMute: boolean;
}
