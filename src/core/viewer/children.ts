/**
 * Whom we push which substreams to. A subscription is accepted only when it can be served: refusing costs a child one
 * round trip, queueing would cost it every piece.
 */
import { fromHex } from '../../wire/bytes.ts';
import { ANCESTORS_MAX } from '../../wire/limits.ts';
import type { LinkMessage, Refusal } from '../../wire/link.ts';
import type { ViewerName } from '../../wire/tracker.ts';
import type { Millis } from '../engine.ts';
import { Breadth, FAN_OUT, type Places } from './breadth.ts';
import type { Feed } from './feed.ts';
import type { Feeds } from './feeds.ts';
import type { LinkNumber, Source } from './io.ts';
import { usualResortMs } from './last-resort.ts';
import { FLIGHT_FLOOR_BYTES, type Neighbour } from './neighbour.ts';
import { type Leaving, Outgoing } from './outgoing.ts';
import { NO_RANK } from './ranks.ts';
import type { SwarmView } from './swarm-view.ts';
import type { UploadBudget } from './upload-budget.ts';

/** Held pieces sent at once to a new child, so that it has no hole between its sources. */
const CATCH_UP = 6;
/** A piece that would wait longer than this behind others is refused instead. */
const QUEUE_LIMIT_MS = 150;
/**
 * So many seconds of the stream may be under way to a child without question. A keyframe is a third of its group and goes
 * out at once, and words of what has come are half a second old.
 */
const UNDER_WAY_SECONDS = 1.6;
/** Whatever our own distance to live is, children may be this far behind. */
const PLAYED_BY_MS = 1_400;
/** A child that has not even sent a status for this long will take nothing in. */
export const SILENT_CHILD_MS = 1_600;
/** A child that cannot keep up for this long is let go. */
const CONGESTED_MAX_MS = 2_000;
/** ... and one that took everything for this long has kept up. */
const CONGESTED_GAP_MS = 1_000;

type Subscribe = Extract<LinkMessage, { kind: 'subscribe' }>;

export class Children {
  readonly #view: SwarmView;
  readonly #feeds: Feeds;
  readonly #budget: UploadBudget;
  readonly outgoing: Outgoing;
  readonly #bySubstream: Set<LinkNumber>[] = [];
  readonly #breadth = new Breadth();
  /** Per substream, the ancestors children were told of last: the feed's own list and the parent before it. */
  readonly #told = new Map<
    number,
    { readonly source: Source | undefined; readonly ancestors: readonly ViewerName[] }
  >();
  #count = 0;
  /** Changes of who feeds us that children have been told of. */
  #toldChanges = -1;

  constructor(view: SwarmView, feeds: Feeds, budget: UploadBudget) {
    this.#view = view;
    this.#feeds = feeds;
    this.#budget = budget;
    this.outgoing = new Outgoing(view, {
      get capacity() {
        return budget.capacity;
      },
      comesTooLate: (at, piece) => this.#comesTooLate(at, piece),
      wants: (now, piece) => this.#wants(now, piece),
      gaveUp: (piece) => this.#refusePiece(piece.link, piece.sequence),
    });
  }

  /** Subscriptions served. */
  get count(): number {
    return this.#count;
  }

  of(substream: number): ReadonlySet<LinkNumber> {
    return this.#set(substream);
  }

  /** Substreams in which a child would be accepted now, one bit each. */
  openMask(): number {
    if (this.#count >= this.#budget.slots) return 0;
    let mask = 0;
    for (const feed of this.#feeds.all()) {
      if (this.#roomIn(feed.substream) === undefined) mask |= 1 << feed.substream;
    }
    return mask >>> 0;
  }

  /** Offers places that nobody takes elsewhere, now and then. */
  spread(now: Millis): void {
    this.#breadth.look(now, this.#places);
  }

  /** Substreams passed on to somebody, one bit each. */
  relayingMask(): number {
    let mask = 0;
    this.#bySubstream.forEach((children, substream) => {
      if (children.size > 0) mask |= 1 << substream;
    });
    return mask >>> 0;
  }

  subscribe(now: Millis, child: Neighbour, message: Subscribe): void {
    const { substream } = message;
    const refusal = this.#refusal(child, message);
    if (refusal !== undefined) {
      this.#view.counters.refusedUploads++;
      this.#view.out.put({ kind: 'tell', link: child.link, message: { kind: 'refuse', substream, reason: refusal } });
      return;
    }
    this.#add(child, substream);
    if (message.rank !== NO_RANK) child.subscribed(now, substream);
    const first = this.#catchUpFrom(substream, message.from);
    const ancestors = this.#ancestorBytes(substream);
    this.#view.out.put({ kind: 'tell', link: child.link, message: { kind: 'accept', substream, first, ancestors } });
    for (let sequence = first; sequence <= this.#view.pieces.newest; sequence += this.#view.substreams) {
      const held = this.#view.pieces.has(sequence) && child.catchUps.take(now);
      if (held && this.#budget.takeUpload(now, this.#view.pieceBytes))
        this.outgoing.send(now, [{ link: child.link, sequence, bytes: this.#view.pieceBytes }], 'then');
    }
    child.congestedSince = undefined;
  }

  unsubscribe(child: Neighbour, substream: number): void {
    if (!this.#set(substream).delete(child.link)) return;
    child.childMask &= ~(1 << substream);
    this.#counted(substream, -1);
  }

  /** Children that say nothing any more are gone or frozen: their places go to others. */
  dropSilent(now: Millis): void {
    for (const child of this.#view.neighbours.all()) {
      if (child.childMask === 0 || now - child.heardAt < SILENT_CHILD_MS) continue;
      for (let substream = 0; substream < this.#view.substreams; substream++) {
        if ((child.childMask & (1 << substream)) !== 0) this.drop(child, substream, 'congested');
      }
    }
  }

  linkLost(link: LinkNumber): void {
    this.#bySubstream.forEach((children, substream) => {
      if (children?.delete(link)) this.#counted(substream, -1);
    });
  }

  /** Stops serving somebody, with notice. */
  drop(child: Neighbour, substream: number, reason: Refusal): void {
    this.unsubscribe(child, substream);
    this.#view.out.put({ kind: 'tell', link: child.link, message: { kind: 'drop', substream, reason } });
  }

  /** Lets go of this many subscriptions, those of the slowest children first. */
  shed(count: number, reason: Refusal): void {
    const slowest = [...this.#view.neighbours.all()]
      .filter((neighbour) => neighbour.childMask !== 0)
      .sort((a, b) => b.queueingMs - a.queueingMs);
    let left = count;
    for (const child of slowest) {
      for (let substream = 0; substream < this.#view.substreams && left > 0; substream++) {
        if ((child.childMask & (1 << substream)) === 0) continue;
        this.drop(child, substream, reason);
        left--;
      }
    }
  }

  /** A fresh piece goes to every child of its substream at once, or is refused to those that cannot take it. */
  pushFresh(now: Millis, sequence: number, bytes: number, except: LinkNumber | undefined): void {
    const substream = this.#view.substreamOf(sequence);
    const first: Leaving[] = [];
    const then: Leaving[] = [];
    for (const link of this.#set(substream)) {
      const child = this.#view.neighbours.get(link);
      if (child === undefined || link === except) continue;
      if (!child.comparesUs(now, substream) && child.holds(now, this.#view.epochTag, sequence)) continue;
      const flows = !child.wouldQueue(now, bytes, QUEUE_LIMIT_MS, this.#underWayBytes);
      if (flows && this.#budget.takeUpload(now, bytes)) {
        if (now - child.congestedAt > CONGESTED_GAP_MS) child.congestedSince = undefined;
        (child.relays(substream) ? first : then).push({ link, sequence, bytes });
        continue;
      }
      child.congestedSince ??= now;
      child.congestedAt = now;
      this.#refusePiece(link, sequence);
      if (now - child.congestedSince > CONGESTED_MAX_MS) this.drop(child, substream, 'congested');
    }
    this.outgoing.send(now, first, 'first');
    this.outgoing.send(now, then, 'then');
  }

  /** Children of substreams the new epoch does not have are let go. */
  enterEpoch(): void {
    for (const child of this.#view.neighbours.all()) {
      for (let substream = this.#view.substreams; substream < this.#bySubstream.length; substream++) {
        if (this.#set(substream).has(child.link)) this.drop(child, substream, 'not-held');
      }
    }
  }

  /** Tells children when the viewers above us have changed. */
  flushAncestors(): void {
    if (this.#toldChanges === this.#feeds.changes.count) return;
    this.#toldChanges = this.#feeds.changes.count;
    for (const feed of this.#feeds.all()) {
      const { substream, source, ancestors } = feed;
      const told = this.#told.get(substream);
      if (told?.source === source && told?.ancestors === ancestors) continue;
      this.#told.set(substream, { source, ancestors });
      const children = this.#set(substream);
      if (children.size === 0) continue;
      const message = { kind: 'ancestors', substream, ancestors: this.#ancestorBytes(substream) } as const;
      for (const link of children) this.#view.out.put({ kind: 'tell', link, message });
    }
  }

  /** Still a child, and still without it. */
  #wants(now: Millis, { link, sequence }: Leaving): boolean {
    const child = this.#view.neighbours.get(link);
    if (child === undefined || !this.#view.pieces.has(sequence)) return false;
    const substream = this.#view.substreamOf(sequence);
    if (!this.#set(substream).has(link)) return false;
    return child.comparesUs(now, substream) || !child.holds(now, this.#view.epochTag, sequence);
  }

  /** By then the child has asked the origin, which it may as well do now. */
  #comesTooLate(leavesAt: Millis, { link, sequence }: Leaving): boolean {
    const { clock, pieces } = this.#view;
    if (!clock.known) return false;
    const lag = clock.wall(leavesAt) - pieces.cutOf(sequence) + (this.#view.neighbours.get(link)?.rttMs ?? 0) / 2;
    return lag > Math.max(PLAYED_BY_MS, this.#feeds.latencyMs(leavesAt)) - usualResortMs(this.#view);
  }

  get #underWayBytes(): number {
    return Math.max(FLIGHT_FLOOR_BYTES, this.#view.byteRate * UNDER_WAY_SECONDS);
  }

  #refusePiece(link: LinkNumber, sequence: number): void {
    this.#view.counters.refusedUploads++;
    this.#view.out.put({ kind: 'tell', link, message: { kind: 'absent', sequences: [sequence] } });
  }

  #refusal(child: Neighbour, message: Subscribe): Refusal | undefined {
    const { substream, rank } = message;
    const feed = this.#feeds.of(substream);
    if (!this.#view.mayUpload) return 'policy';
    if (feed?.source === undefined) return 'not-held';
    if (feed.source === child.link || feed.trial?.link === child.link) return 'loop';
    const ancestors = this.#feeds.ancestorsOf(substream);
    if (ancestors.includes(child.viewer) || ancestors.length >= ANCESTORS_MAX) return 'loop';
    if (rank !== NO_RANK && this.#feeds.rankOf(substream) >= rank) return 'loop';
    if (this.#set(substream).has(child.link)) return undefined;
    return this.#roomIn(substream) ?? (this.#count >= this.#budget.slots ? 'full' : undefined);
  }

  #roomIn(substream: number): Refusal | undefined {
    const feed = this.#feeds.of(substream);
    if (!this.#view.mayUpload) return 'policy';
    if (feed?.source === undefined) return 'not-held';
    const { size } = this.#set(substream);
    return size >= FAN_OUT || (size === 0 && !this.#mayBegin(feed)) ? 'full' : undefined;
  }

  /** Whether a substream without children is among those that come earliest. */
  #mayBegin(feed: Feed): boolean {
    const more = this.#breadth.more(this.#places);
    if (more === Number.POSITIVE_INFINITY) return true;
    if (more === 0) return false;
    let earlier = 0;
    for (const other of this.#feeds.all()) {
      if (other.source !== undefined && this.#set(other.substream).size === 0 && isEarlier(other, feed)) earlier++;
    }
    return earlier <= more;
  }

  get #places(): Places {
    const begun = this.#bySubstream.reduce((sum, children) => sum + Math.min(1, children?.size ?? 0), 0);
    const { neighbours } = this.#view;
    return { offered: this.#budget.slots, taken: this.#count, begun, neighbours: neighbours.count };
  }

  #catchUpFrom(substream: number, from: number): number {
    const { pieces, substreams } = this.#view;
    const aligned = from + ((((substream - from) % substreams) + substreams) % substreams);
    if (pieces.newest < 0) return aligned;
    const oldest = Math.max(pieces.oldest, pieces.newest - CATCH_UP * substreams);
    const alignedOldest = oldest + ((((substream - oldest) % substreams) + substreams) % substreams);
    return Math.max(aligned, alignedOldest);
  }

  #ancestorBytes(substream: number): Uint8Array[] {
    const names = this.#feeds.ancestorsOf(substream).slice(0, ANCESTORS_MAX);
    return names.map((name) => fromHex(name) ?? new Uint8Array(8));
  }

  #add(child: Neighbour, substream: number): void {
    const children = this.#set(substream);
    if (children.has(child.link)) return;
    children.add(child.link);
    child.childMask |= 1 << substream;
    this.#counted(substream, 1);
  }

  #counted(substream: number, more: 1 | -1): void {
    this.#count += more;
    const feed = this.#feeds.of(substream);
    if (feed !== undefined) feed.children += more;
  }

  #set(substream: number): Set<LinkNumber> {
    let children = this.#bySubstream[substream];
    if (children === undefined) {
      children = new Set();
      this.#bySubstream[substream] = children;
    }
    return children;
  }
}

/** Whose pieces usually come earlier. */
const isEarlier = (a: Feed, b: Feed): boolean => {
  const early = a.lag.at(0.5) ?? Number.POSITIVE_INFINITY;
  const late = b.lag.at(0.5) ?? Number.POSITIVE_INFINITY;
  return early < late || (early === late && a.substream < b.substream);
};
