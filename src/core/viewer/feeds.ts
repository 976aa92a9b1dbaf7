/**
 * Where each substream comes from: the origin, a parent, or nobody right now. A change is always make-before-break: a
 * candidate is on trial until it has delivered on time, and only then the old source is let go. The wanted origin mask
 * follows from the sources; nothing else asks the origin for substreams.
 */
import { toHex } from '../../wire/bytes.ts';
import type { LinkMessage } from '../../wire/link.ts';
import { FROM_LIVE } from '../../wire/origin.ts';
import type { ViewerName } from '../../wire/tracker.ts';
import type { Millis } from '../engine.ts';
import { FEEDS_EVERY_MS, Feed, type FeedChanges, type LatePiece, nextMissing, patienceOf } from './feed.ts';
import type { LinkNumber, Source } from './io.ts';
import type { Neighbour } from './neighbour.ts';
import { OriginMask } from './origin-mask.ts';
import { type FeedTiming, huntParent, isUrgent } from './parent-hunt.ts';
import { covers, isTooSlow } from './parent-pace.ts';
import { NO_RANK, rootRank } from './ranks.ts';
import type { SwarmView } from './swarm-view.ts';

/** On-time pieces a stranger must deliver before the origin is let go for it; one is enough of whom we know, or instead of a parent. */
const GOOD_OF_STRANGER = 2;
export const GOOD_ELSE = 1;
/** Late pieces in a row after which a parent is given up. */
export const LATES_MAX = 3;
/** ... not counting so many in a row that it says it misses too. */
const EXCUSES_MAX = 4;
/** A parent that says nothing at all for this long is gone or frozen. */
export const SILENCE_MAX_MS = 1_600;
/** ... and one that is late as well, after this long. */
export const SUSPECT_MS = 800;
/** Candidates an orphan tries before it turns to the origin. */
export const ORPHAN_TRIES = 3;
const REFUSED_MS = 2_500;
const FAILED_MS = 4_000;
/** Shortest time between two attempts to improve one substream. */
export const IMPROVE_EVERY_MS = 1_000;
/** Trials in progress at once; more would double the stream on the downlink. */
export const TRIALS_MAX = 12;

/** What parents and candidates say. */
type FeedWord = Extract<LinkMessage, { kind: 'accept' | 'refuse' | 'drop' | 'ancestors' }>;

export class Feeds {
  readonly #view: SwarmView;
  readonly #timing: FeedTiming;
  #feeds: Feed[] = [];
  readonly #mask: OriginMask;
  #meshAllowed = true;
  /** Who feeds whom has changed so often. */
  readonly changes: FeedChanges = { count: 0 };
  #wanted = 0;
  #wantedAt = -1;

  constructor(view: SwarmView, timing: FeedTiming) {
    this.#view = view;
    this.#timing = timing;
    this.#mask = new OriginMask(view.out);
  }

  /** Trees outlive epochs: sources stay, measurements start anew. */
  enterEpoch(now: Millis): void {
    const count = this.#view.substreams;
    this.#mask.narrow(count);
    const kept = this.#feeds.slice(0, count);
    for (const feed of this.#feeds.slice(count)) this.#leaveTrial(feed);
    while (kept.length < count)
      kept.push(new Feed(kept.length, this.#mask.isOpen ? 'origin' : undefined, now, this.changes));
    for (const feed of kept) feed.enterEpoch(now);
    this.#feeds = kept;
    this.changes.count++;
  }

  all(): readonly Feed[] {
    return this.#feeds;
  }

  of(substream: number): Feed | undefined {
    return this.#feeds[substream];
  }

  /** Whether the origin can be asked for a substream now, or for a single piece: that it gives near its limit too. */
  canAskOrigin(now: Millis, what: 'substream' | 'piece' = 'substream'): boolean {
    return what === 'piece' ? this.#mask.isOpen : this.#mask.canAsk(now);
  }

  /** Rank of the tree we are in: our own when the origin feeds us. */
  rankOf(substream: number): number {
    const feed = this.#feeds[substream];
    if (feed?.source === undefined) return NO_RANK;
    if (feed.source === 'origin') return this.ownRank(substream);
    return this.#view.neighbours.get(feed.source)?.status?.ranks[substream] ?? NO_RANK;
  }

  ownRank(substream: number): number {
    const { viewer } = this.#view;
    if (viewer === undefined) return NO_RANK - 1;
    const { mayUpload: uploading, isSenior: senior } = this.#view;
    return rootRank(viewer, substream, { uploading, senior });
  }

  /** How far the playhead is behind the live edge. */
  latencyMs(now: Millis): number {
    return this.#timing.latencyMs(now);
  }

  /** The viewers above us in a substream, nearest first. */
  ancestorsOf(substream: number): readonly ViewerName[] {
    const feed = this.#feeds[substream];
    if (feed === undefined || typeof feed.source !== 'number') return [];
    const parent = this.#view.neighbours.get(feed.source);
    return parent === undefined ? [] : [parent.viewer, ...feed.ancestors];
  }

  originOpened(now: Millis): void {
    this.#mask.opened(now);
    for (const feed of this.#feeds) if (feed.source === undefined) feed.setSource('origin', now);
  }

  originClosed(now: Millis): void {
    this.#mask.closed();
    for (const feed of this.#feeds) if (feed.source === 'origin') this.#orphan(now, feed);
  }

  /** The origin asks not to be asked for more for a while. */
  originLoaded(now: Millis, retryAfterMs: number): void {
    this.#mask.rest(now + retryAfterMs);
  }

  /** What the origin says it sends: a substream it refuses is an orphan until it may be asked again. */
  originApplied(now: Millis, mask: number): void {
    if (!this.#mask.answered()) return;
    for (const feed of this.#feeds) {
      if (feed.source !== 'origin' || (mask & (1 << feed.substream)) !== 0) continue;
      this.#mask.rest(now + REFUSED_MS);
      this.#orphan(now, feed);
    }
  }

  /** Neighbours are used, or everything comes from the origin. */
  allowMesh(now: Millis, allowed: boolean): void {
    if (this.#meshAllowed === allowed) return;
    this.#meshAllowed = allowed;
    if (allowed) return;
    for (const feed of this.#feeds) {
      this.#leaveTrial(feed);
      if (typeof feed.source === 'number') this.#leaveParent(feed, feed.source);
      feed.setSource(this.#mask.isOpen ? 'origin' : undefined, now);
    }
  }

  /** A verified piece, or one that was held already: both tell how timely its sender is. */
  pieceFrom(now: Millis, sequence: number, from: Source, state: 'new' | 'held'): void {
    const feed = this.#feeds[this.#view.substreamOf(sequence)];
    if (feed === undefined) return;
    const lag = this.#view.clock.wall(now) - this.#view.pieces.cutOf(sequence);
    if (from === feed.source) feed.heard(sequence, lag, state);
    const sender = from === 'origin' ? undefined : this.#view.neighbours.get(from);
    const inTime = covers(this.#timing.latencyMs(now), lag, sender);
    if (inTime) sender?.reputation.served();
    const { trial } = feed;
    if (trial === undefined || trial.link !== from || trial.state !== 'accepted') return;
    trial.good = inTime ? trial.good + 1 : 0;
    // What was cut before was late before it was asked for.
    if (trial.good === 0 && lag <= now - trial.at) this.#timing.wishLag(now, lag);
    this.#maybePromote(now, feed);
  }

  said(now: Millis, neighbour: Neighbour, message: FeedWord): void {
    const feed = this.#feeds[message.substream];
    if (feed === undefined) return;
    switch (message.kind) {
      case 'accept':
        return this.#accepted(now, feed, neighbour, message.ancestors);
      case 'refuse': {
        neighbour.refusedUntil(feed.substream, now + REFUSED_MS * this.#view.random.between(0.7, 1.5));
        if (feed.trial?.link === neighbour.link) feed.trial = undefined;
        return;
      }
      case 'drop': {
        neighbour.refusedUntil(feed.substream, now + REFUSED_MS);
        if (feed.trial?.link === neighbour.link) feed.trial = undefined;
        if (feed.source === neighbour.link) this.#orphan(now, feed);
        return;
      }
      case 'ancestors': {
        if (feed.source !== neighbour.link) return;
        feed.ancestors = message.ancestors.map(toHex);
        if (this.#looped(feed)) {
          this.#leaveParent(feed, neighbour.link);
          this.#orphan(now, feed);
        }
        return;
      }
    }
  }

  linkLost(now: Millis, link: LinkNumber): void {
    for (const feed of this.#feeds) {
      if (feed.trial?.link === link) feed.trial = undefined;
      if (feed.source === link) this.#orphan(now, feed);
    }
  }

  /** A piece is late. A parent that says it misses it too is excused, but not for ever: that is what a liar would say. */
  late(now: Millis, substream: number, piece: LatePiece): void {
    const feed = this.#feeds[substream];
    if (feed === undefined || typeof feed.source !== 'number' || piece.cutAt < feed.sourceSince) return;
    const parent = this.#view.neighbours.get(feed.source);
    const proven = parent?.reputation.isProven === true;
    if (piece.excused && proven && feed.excuses++ < EXCUSES_MAX) return;
    const silent = parent !== undefined && (piece.isMute || now - parent.heardAt > SUSPECT_MS);
    feed.lates++;
    if (feed.lates < (proven ? LATES_MAX : 1) && !silent) return;
    parent?.refusedUntil(substream, now + FAILED_MS);
    parent?.reputation.broke(now);
    this.#leaveParent(feed, feed.source);
    this.#orphan(now, feed);
  }

  /** Looks for parents where they are missing or could be better; returns when to look again. */
  tick(now: Millis): Millis {
    let trials = 0;
    for (const feed of this.#feeds) {
      this.#expire(now, feed);
      if (feed.trial !== undefined) trials++;
    }
    const order = this.#feeds.length === 0 ? 0 : this.#view.random.below(this.#feeds.length);
    for (let step = 0; step < this.#feeds.length; step++) {
      const feed = this.#feeds[(order + step) % this.#feeds.length];
      if (feed === undefined || feed.trial !== undefined) continue;
      const orphaned = feed.source === undefined;
      if (!orphaned && trials >= TRIALS_MAX) continue;
      if (this.#search(now, feed)) trials++;
    }
    return now + FEEDS_EVERY_MS;
  }

  /** Tells the origin when the wanted substreams have changed; called after every input. */
  flushMask(): void {
    if (this.#feeds.length > 0) this.#mask.flush(this.#wantedMask(), (added) => this.#firstMissing(added));
  }

  /** The opening of the connection has asked for these. */
  maskAsked(mask: number): void {
    this.#mask.askedAtOpening(mask);
  }

  /** What to ask for when a connection is opened: all that no parent feeds. */
  openingMask(): number {
    if (this.#feeds.length === 0) return 0xffff_ffff;
    return maskOf(this.#feeds, (feed) => typeof feed.source !== 'number');
  }

  #wantedMask(): number {
    if (this.#wantedAt === this.changes.count) return this.#wanted;
    this.#wantedAt = this.changes.count;
    this.#wanted = maskOf(this.#feeds, (feed) => feed.source === 'origin');
    return this.#wanted;
  }

  #firstMissing(mask: number): number {
    let first = FROM_LIVE;
    const added = this.#feeds.filter(({ substream }) => (mask & (1 << substream)) !== 0);
    for (const feed of added) first = Math.min(first, nextMissing(this.#view, feed.substream));
    for (const feed of added) feed.originFrom = first;
    return first;
  }

  #accepted(now: Millis, feed: Feed, neighbour: Neighbour, ancestors: readonly Uint8Array[]): void {
    const { trial } = feed;
    if (trial === undefined || trial.link !== neighbour.link || trial.state !== 'asked') {
      if (feed.source !== neighbour.link) this.#view.out.put(unsubscribe(neighbour.link, feed.substream));
      return;
    }
    trial.state = 'accepted';
    trial.at = now;
    trial.ancestors = ancestors.map(toHex);
    if (trial.ancestors.some((ancestor) => this.#view.isUs(ancestor))) {
      neighbour.refusedUntil(feed.substream, now + REFUSED_MS);
      this.#leaveTrial(feed);
      return;
    }
    neighbour.parentMask |= 1 << feed.substream;
    // Two parents at once would send every piece twice: what is said by one that keeps its word is enough.
    if (feed.source === undefined || (typeof feed.source === 'number' && neighbour.reputation.isProven))
      this.#promote(now, feed);
  }

  #maybePromote(now: Millis, feed: Feed): void {
    const { trial } = feed;
    if (trial === undefined) return;
    const stranger = this.#view.neighbours.get(trial.link)?.reputation.isProven !== true;
    if (trial.good < (feed.source === 'origin' && stranger ? GOOD_OF_STRANGER : GOOD_ELSE)) return;
    this.#promote(now, feed);
  }

  #promote(now: Millis, feed: Feed): void {
    const { trial } = feed;
    if (trial === undefined) return;
    const before = feed.source;
    feed.trial = undefined;
    feed.ancestors = trial.ancestors;
    if (typeof before === 'number') {
      this.#leaveParent(feed, before);
      this.#view.counters.reparented++;
    }
    feed.setSource(trial.link, now);
    if (this.#looped(feed)) {
      this.#leaveParent(feed, trial.link);
      this.#orphan(now, feed);
    }
  }

  #looped(feed: Feed): boolean {
    return feed.ancestors.some((ancestor) => this.#view.isUs(ancestor));
  }

  #orphan(now: Millis, feed: Feed): void {
    if (typeof feed.source === 'number') {
      const parent = this.#view.neighbours.get(feed.source);
      if (parent !== undefined) parent.parentMask &= ~(1 << feed.substream);
    }
    const { trial } = feed;
    feed.setSource(undefined, now);
    feed.ancestors = [];
    if (trial?.state === 'accepted') this.#promote(now, feed);
    else if (trial === undefined) this.#search(now, feed);
  }

  #expire(now: Millis, feed: Feed): void {
    const { trial } = feed;
    const candidate = trial === undefined ? undefined : this.#view.neighbours.get(trial.link);
    const proven = candidate?.reputation.isProven === true;
    if (trial !== undefined && now - trial.at > patienceOf(feed, trial, proven)) {
      candidate?.refusedUntil(feed.substream, now + FAILED_MS);
      if (trial.state === 'accepted' && trial.good === 0) candidate?.reputation.broke(now);
      this.#leaveTrial(feed);
    }
    if (typeof feed.source !== 'number') return;
    const parent = this.#view.neighbours.get(feed.source);
    const silent = parent === undefined || now - parent.heardAt >= SILENCE_MAX_MS;
    if (!silent && !(isTooSlow(this.#timing.latencyMs(now), feed, parent) && this.canAskOrigin(now))) return;
    if (parent !== undefined) {
      parent.refusedUntil(feed.substream, now + FAILED_MS);
      this.#leaveParent(feed, feed.source);
    }
    this.#orphan(now, feed);
  }

  /** Puts a candidate on trial, or sends an orphan to the origin; true when a trial began. */
  #search(now: Millis, feed: Feed): boolean {
    const candidate = this.#meshAllowed ? this.#candidate(now, feed) : undefined;
    if (candidate !== undefined) {
      feed.tries++;
      feed.improvedAt = now;
      feed.trial = { link: candidate.link, state: 'asked', at: now, good: 0, ancestors: [] };
      // A leaf may join a tree of any rank.
      const own = feed.children === 0 ? NO_RANK - 1 : this.ownRank(feed.substream);
      const rank = feed.source === 'origin' ? own : NO_RANK;
      const { substream } = feed;
      const message = { kind: 'subscribe', substream, from: nextMissing(this.#view, substream), rank } as const;
      this.#view.out.put({ kind: 'tell', link: candidate.link, message });
      return true;
    }
    if (feed.source === undefined && this.canAskOrigin(now)) feed.setSource('origin', now);
    return false;
  }

  #candidate(now: Millis, feed: Feed): Neighbour | undefined {
    if (this.#view.policy.mode === 'off' || this.#view.viewer === undefined) return undefined;
    const originOpen = this.canAskOrigin(now);
    const orphaned = feed.source === undefined && originOpen;
    if (orphaned && (feed.tries >= ORPHAN_TRIES || isUrgent(now, this.#view, feed, this.#timing))) return undefined;
    if (typeof feed.source === 'number' && now - feed.improvedAt < IMPROVE_EVERY_MS) return undefined;
    const rank = feed.source === 'origin' ? this.ownRank(feed.substream) : this.rankOf(feed.substream);
    return huntParent(now, this.#view, { timing: this.#timing, feed, rank, originOpen })?.neighbour;
  }

  #leaveTrial(feed: Feed): void {
    const { trial } = feed;
    if (trial === undefined) return;
    feed.trial = undefined;
    this.#leaveParent(feed, trial.link);
  }

  #leaveParent(feed: Feed, link: LinkNumber): void {
    const parent = this.#view.neighbours.get(link);
    if (parent === undefined) return;
    parent.parentMask &= ~(1 << feed.substream);
    this.#view.out.put(unsubscribe(link, feed.substream));
  }
}

const unsubscribe = (link: LinkNumber, substream: number) =>
  ({ kind: 'tell', link, message: { kind: 'unsubscribe', substream } }) as const;

const maskOf = (feeds: readonly Feed[], chosen: (feed: Feed) => boolean): number =>
  feeds.reduce((mask, feed) => (chosen(feed) ? mask | (1 << feed.substream) : mask), 0) >>> 0;
