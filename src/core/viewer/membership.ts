/**
 * The conversation with the tracker and the making of links: whom to dial, whose dial to answer, when to ask for more.
 * A pair that dials each other at once keeps the dial of the lower name.
 */

import { NEIGHBOURS_PER_ANSWER_MAX } from '../../wire/limits.ts';
import type { NatKind } from '../../wire/nat.ts';
import type { TrackerAnswer, TrackerRequest, ViewerName, ViewerReport } from '../../wire/tracker.ts';
import type { Millis } from '../engine.ts';
import { DialOutcomes } from './dial-outcomes.ts';
import type { LinkNumber } from './io.ts';
import { Reach } from './reach.ts';
import type { SwarmView } from './swarm-view.ts';

export const DIAL_PATIENCE_MS = 10_000;
/** A viewer that could not be reached is left alone for this long. */
const AVOID_MS = 60_000;
/** ... and one that had no room for so long, more or less: it may have some soon. */
const DECLINED_MS = 10_000;
const UPKEEP_EVERY_MS = 1_000;
const REPORT_EVERY_MS = 5_000;
export const MORE_MIN_MS = 1_500;
export const MORE_MAX_MS = 15_000;
export const MORE_GROWTH = 1.6;
const RETRY_MIN_MS = 700;
const RETRY_MAX_MS = 20_000;
/** Bans remembered; the oldest is forgotten for the newest. */
const BANNED_MAX = 256;
/** What belongs to a dial that has ended is no new dial for this long. */
const ENDED_MS = 20_000;
const ENDED_MAX = 256;
/** Signal data that means: not now. */
const DECLINE = '';

interface Dial {
  readonly link: LinkNumber;
  readonly viewer: ViewerName;
  readonly dial: number;
  readonly initiator: boolean;
  readonly since: Millis;
}

/** What the upkeep of links asks of the rest. */
export interface SelfReport {
  report(): ViewerReport;
  /** Whether the origin feeds us for long although there are neighbours. */
  isStarving(): boolean;
}

type TrackerState = 'closed' | 'opening' | 'open' | 'joined';

export class Membership {
  readonly #view: SwarmView;
  readonly outcomes = new DialOutcomes();
  readonly #reach: Reach;
  #nat: NatKind = 'unknown';
  #tracker: TrackerState = 'closed';
  #retryAt: Millis = Number.POSITIVE_INFINITY;
  #retryMs = RETRY_MIN_MS;
  #renewAt: Millis = Number.POSITIVE_INFINITY;
  #reportAt: Millis = 0;
  #moreAt: Millis = 0;
  #moreMs = MORE_MIN_MS;
  #nextLink: LinkNumber = 1;
  /** Dials under way and links open, until they close. */
  readonly #dials = new Map<LinkNumber, Dial>();
  readonly #avoidUntil = new Map<ViewerName, Millis>();
  readonly #banned = new Set<ViewerName>();
  /** Dials that others began and that have ended, by number and viewer, until they are forgotten. */
  readonly #ended = new Map<string, Millis>();

  constructor(view: SwarmView) {
    this.#view = view;
    this.#reach = new Reach(view.random);
  }

  get joined(): boolean {
    return this.#tracker === 'joined';
  }

  get dialling(): number {
    return this.#dials.size - this.#view.neighbours.count;
  }

  start(now: Millis): void {
    if (this.#tracker !== 'closed' || this.#view.policy.mode === 'off') return;
    this.#tracker = 'opening';
    this.#retryAt = Number.POSITIVE_INFINITY;
    this.#reportAt = now + REPORT_EVERY_MS;
    this.#view.out.put({ kind: 'open-tracker' });
  }

  stop(): void {
    for (const dial of this.#dials.values())
      this.#view.out.put({ kind: 'hang-up', link: dial.link, reason: 'leaving' });
    this.#dials.clear();
    if (this.#tracker === 'joined') this.#view.out.put({ kind: 'tell-tracker', request: { kind: 'leave' } });
    this.#view.out.put({ kind: 'close-tracker' });
    this.#view.left();
    this.#tracker = 'closed';
    this.#retryAt = Number.POSITIVE_INFINITY;
  }

  opened(): void {
    this.#tracker = 'open';
    this.#view.out.put({ kind: 'join-tracker', uploads: this.#view.mayUpload, nat: this.#nat });
  }

  /** The kind of our NAT; the tracker hears of another one at once. Returns when to look again. */
  natIs(now: Millis, nat: NatKind): Millis {
    if (nat !== this.#nat) this.#reportAt = now;
    this.#nat = nat;
    return now;
  }

  closed(now: Millis): void {
    this.#tracker = 'closed';
    this.#retryAt = now + this.#retryMs * this.#view.random.between(0.6, 1.4);
    this.#retryMs = Math.min(RETRY_MAX_MS, this.#retryMs * 1.8);
  }

  said(now: Millis, answer: TrackerAnswer): void {
    switch (answer.kind) {
      case 'joined':
        this.#tracker = 'joined';
        this.#retryMs = RETRY_MIN_MS;
        this.#renewAt = now + answer.expiresInMs / 2;
        this.#moreAt = now + this.#moreMs;
        this.#view.named(answer.viewer, answer.neighbours.length === 0);
        return this.#dialAll(now, answer.neighbours);
      case 'renewed':
        this.#renewAt = now + answer.expiresInMs / 2;
        return;
      case 'neighbours':
        return this.#dialAll(now, answer.neighbours);
      case 'signal':
        return this.#signalled(now, answer);
      case 'gone':
        for (const dial of this.#dials.values()) {
          if (dial.viewer === answer.viewer && this.#view.neighbours.get(dial.link) === undefined)
            this.#abandon(now, dial);
        }
        return;
      case 'refused':
        this.#view.out.put({ kind: 'fault', code: answer.code, detail: 'tracker' });
        this.#retryMs = Math.max(this.#retryMs, answer.retryAfterMs);
        return;
    }
  }

  /** Our transport wants something delivered to the other side. */
  outgoing(link: LinkNumber, data: string): void {
    const dial = this.#dials.get(link);
    if (dial === undefined || this.#tracker !== 'joined') return;
    this.#view.out.put({ kind: 'tell-tracker', request: { kind: 'signal', to: dial.viewer, dial: dial.dial, data } });
  }

  /** A link proved who it is; false when it is not wanted (any more). */
  opensAs(link: LinkNumber, viewer: ViewerName): boolean {
    const dial = this.#dials.get(link);
    if (dial?.initiator === true) this.outcomes.reached(dial.viewer);
    if (dial === undefined || dial.viewer !== viewer || this.#banned.has(viewer)) return false;
    return this.#view.neighbours.of(viewer) === undefined;
  }

  /** A link is gone, or never came to be. */
  linkClosed(now: Millis, link: LinkNumber): void {
    const dial = this.#dials.get(link);
    if (dial === undefined) return;
    if (dial.initiator && this.#view.neighbours.get(link) === undefined) this.outcomes.missed(dial.viewer);
    this.#end(now, dial);
  }

  #end(now: Millis, dial: Dial, avoidMs = AVOID_MS): void {
    const { link } = dial;
    this.#dials.delete(link);
    if (!dial.initiator && this.#ended.size < ENDED_MAX) this.#ended.set(`${dial.viewer} ${dial.dial}`, now + ENDED_MS);
    const failed = this.#view.neighbours.get(link) === undefined;
    if (failed) this.#avoidUntil.set(dial.viewer, now + avoidMs);
    this.#moreMs = MORE_MIN_MS;
    this.#moreAt = Math.min(this.#moreAt, now + MORE_MIN_MS * this.#view.random.between(0.3, 1));
  }

  ban(viewer: ViewerName): void {
    if (this.#banned.size >= BANNED_MAX) this.#banned.delete(this.#banned.values().next().value ?? '');
    this.#banned.add(viewer);
  }

  /** Keeps the tracker and the number of neighbours up; returns when to look again. */
  tick(now: Millis, self: SelfReport): Millis {
    if (this.#tracker === 'closed' && now >= this.#retryAt) this.start(now);
    for (const dial of this.#dials.values()) {
      if (this.#view.neighbours.get(dial.link) === undefined && now - dial.since > DIAL_PATIENCE_MS) {
        if (dial.initiator) this.outcomes.missed(dial.viewer);
        this.#abandon(now, dial);
      }
    }
    for (const [viewer, until] of this.#avoidUntil) if (until <= now) this.#avoidUntil.delete(viewer);
    for (const [dial, until] of this.#ended) if (until <= now) this.#ended.delete(dial);
    if (this.#tracker !== 'joined') return Math.min(now + UPKEEP_EVERY_MS, Math.max(now + RETRY_MIN_MS, this.#retryAt));
    if (now >= this.#renewAt) {
      this.#renewAt = now + 60_000;
      this.#view.out.put({ kind: 'tell-tracker', request: { kind: 'renew' } });
    }
    if (now >= this.#reportAt) {
      this.#reportAt = now + REPORT_EVERY_MS;
      this.#view.out.put({ kind: 'tell-tracker', request: this.#report(self.report()) });
    }
    if (this.#reach.look(now, this.#dials.size, self.isStarving())) this.#moreAt = now;
    this.#askForMore(now);
    return now + UPKEEP_EVERY_MS;
  }

  #report(report: ViewerReport): TrackerRequest {
    return { kind: 'report', report, nat: this.#nat, ...this.outcomes.take() };
  }

  /** Links there should be; no more are begun from here. */
  get #wanted(): number {
    return this.#reach.links(this.#view.policy.neighbours);
  }

  #askForMore(now: Millis): void {
    const missing = this.#wanted - this.#dials.size;
    if (missing <= 0 || now < this.#moreAt) return;
    this.#moreMs = Math.min(MORE_MAX_MS, this.#moreMs * MORE_GROWTH);
    this.#moreAt = now + this.#moreMs * this.#view.random.between(0.7, 1.3);
    const count = Math.min(NEIGHBOURS_PER_ANSWER_MAX, missing);
    this.#view.out.put({ kind: 'tell-tracker', request: { kind: 'more', count } });
  }

  #dialAll(now: Millis, viewers: readonly ViewerName[]): void {
    for (const viewer of viewers) {
      if (this.#dials.size >= this.#wanted) return;
      if (viewer === this.#view.viewer || this.#knows(viewer) || this.#banned.has(viewer)) continue;
      if ((this.#avoidUntil.get(viewer) ?? 0) > now) continue;
      this.#dial(now, { viewer, dial: this.#view.random.bits(), initiator: true });
    }
  }

  #dial(now: Millis, dial: Omit<Dial, 'link' | 'since'>): LinkNumber {
    const link = this.#nextLink++;
    this.#dials.set(link, { ...dial, link, since: now });
    this.#view.out.put({ kind: 'dial', link, initiator: dial.initiator, viewer: dial.viewer });
    return link;
  }

  #signalled(now: Millis, signal: { from: ViewerName; dial: number; data: string }): void {
    const { from, dial, data } = signal;
    const known = [...this.#dials.values()].find((each) => each.viewer === from && each.dial === dial);
    if (known !== undefined) {
      if (data === DECLINE) this.#abandon(now, known, DECLINED_MS * this.#view.random.between(0.5, 1.5));
      else this.#view.out.put({ kind: 'signal', link: known.link, data });
      return;
    }
    if (data === DECLINE || this.#ended.has(`${from} ${dial}`)) return;
    const ours = [...this.#dials.values()].find((each) => each.viewer === from);
    if (ours !== undefined && this.#view.neighbours.get(ours.link) === undefined && ours.initiator) {
      if ((this.#view.viewer ?? '') < from) return;
      this.#abandon(now, ours);
      this.#avoidUntil.delete(from);
    }
    const room = this.#dials.size < this.#view.policy.neighbours;
    if (!room || this.#banned.has(from) || this.#view.policy.mode === 'off' || this.#knows(from)) {
      this.#view.out.put({ kind: 'tell-tracker', request: { kind: 'signal', to: from, dial, data: DECLINE } });
      return;
    }
    const link = this.#dial(now, { viewer: from, dial, initiator: false });
    this.#view.out.put({ kind: 'signal', link, data });
  }

  #knows(viewer: ViewerName): boolean {
    for (const dial of this.#dials.values()) if (dial.viewer === viewer) return true;
    return false;
  }

  #abandon(now: Millis, dial: Dial, avoidMs = AVOID_MS): void {
    this.#end(now, dial, avoidMs);
    this.#view.out.put({ kind: 'hang-up', link: dial.link, reason: 'idle' });
  }
}
