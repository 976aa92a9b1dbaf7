/**
 * How segments are got: by deadline. A segment that is needed at once comes from its server. Otherwise whoever has it is
 * asked; where nobody has it one viewer fetches it, found without a word by an order that all compute alike, and says so;
 * and what the neighbours have not brought in time is got from the server after all.
 */
import type { SegmentKey } from '../../wire/hls-link.ts';
import { HLS_WANT_MAX } from '../../wire/limits.ts';
import type { Millis } from '../engine.ts';
import { type HlsView, turnOf } from './hls-view.ts';
import type { SegmentSource } from './io.ts';
import { Pursuit } from './pursuit.ts';
import type { Seat } from './seat.ts';

/** Between two viewers' turns to fetch; the word of the first has to reach the second meanwhile. */
const TURN_MS = 90;
const TURNS_MAX = 3;
/** Left for a fetch from the server, beside what such fetches take. */
const SPARE_MS = 100;
/** With less time than this the server is asked at once, whoever has it. */
const HASTE_MS = 200;
/** A neighbour that holds a segment gets so much time to send it, even where a fetch would just be due. */
const PULLS_SPARED = 2;
const PULL_LEAST_MS = 150;
const PULL_MOST_MS = 600;
const FETCHES_SPARED = 1.5;
/** A sheet that is held is sent within this, or not at all. */
const SHEET_MIN_MS = 600;
const SHEET_RTTS = 4;
/** A claim is waited for so long at least, and for as long as so many fetches take. */
const CLAIM_LIFE_MS = 400;
const CLAIM_FETCHES = 5;
/** Two who began to fetch within this have not heard of each other. */
const CROSSED_MS = 250;
/** Whoever can wait so long waits for neighbours that are just being met. */
const FAR_MS = 5_000;
const MEETING_LOOK_MS = 150;
/** No look sooner than this. */
const LOOK_LEAST_MS = 5;
const PULL_LOOK_MS = 100;
/** A pull that was cut short would have taken so much longer. */
const CUT_SHORT = 1.5;
/** Requests for what is missing of one segment. */
const GAPS_MAX = 3;

export class Pursuits {
  readonly #view: HlsView;
  readonly #all = new Map<SegmentKey, Pursuit>();
  /** Our own order of pieces begins elsewhere than the others', so that two who pull the same can swap. */
  readonly #rotation: number;
  /** Neighbours may be there soon. */
  readonly #isMeeting: (now: Millis) => boolean;

  constructor(view: HlsView, isMeeting: (now: Millis) => boolean) {
    this.#view = view;
    this.#isMeeting = isMeeting;
    this.#rotation = view.swarm.random.bits();
  }

  get(key: SegmentKey): Pursuit | undefined {
    return this.#all.get(key);
  }

  all(): IterableIterator<Pursuit> {
    return this.#all.values();
  }

  wish(now: Millis, key: SegmentKey, deadline: Millis): void {
    if (this.#all.has(key) || this.#view.held.has(key)) return;
    const pursuit = new Pursuit(now, key, { deadline, turnAt: now + this.#turnMs(key) });
    this.#all.set(key, pursuit);
    this.#decide(now, pursuit);
  }

  /** It is there, or nobody waits for it any more. */
  end(now: Millis, key: SegmentKey): Pursuit | undefined {
    const pursuit = this.#all.get(key);
    if (pursuit?.left === 0 && pursuit.meshAt !== undefined && !pursuit.finishing) {
      this.#view.pullTook(now - pursuit.meshAt);
    }
    this.#all.delete(key);
    for (const seat of this.#view.seats.values()) seat.forget(key);
    return pursuit;
  }

  /** Its sheet is known and vouched for. */
  measured(now: Millis, key: SegmentKey, pieces: number, from: SegmentSource): void {
    const pursuit = this.#all.get(key);
    if (pursuit === undefined) return;
    pursuit.measured(pieces);
    if (from !== 'server') pursuit.meshAt ??= now;
    if (from !== 'server') this.#view.seats.get(from)?.neighbour.reputation.served();
    if (pursuit.state === 'fetching' || pursuit.state === 'pulling') return;
    pursuit.enter(now, 'pulling', now + PULL_LOOK_MS);
    this.#pull(now, pursuit);
  }

  /** A piece came and is good. */
  arrived(now: Millis, key: SegmentKey, piece: number, seat: Seat | undefined): void {
    seat?.came(now, key, piece);
    const pursuit = this.#all.get(key);
    if (pursuit?.add(piece) !== true || pursuit.left === 0) return;
    if (pursuit.state === 'pulling') this.#pull(now, pursuit);
  }

  /** A neighbour's holdings have changed; whoever waits for it may go on. */
  news(now: Millis, keys: readonly SegmentKey[], seat: Seat): void {
    for (const key of keys) {
      const pursuit = this.#all.get(key);
      if (pursuit === undefined) continue;
      if (pursuit.state === 'pulling') this.#pull(now, pursuit);
      else if (pursuit.state === 'waiting' || (pursuit.asked !== seat && seat.hasSome(key))) this.#decide(now, pursuit);
      else if (pursuit.asked === seat && !seat.hasSome(key) && seat.claimedAt(key) === undefined) {
        this.#retry(now, pursuit);
      }
    }
  }

  /** Another viewer says that it fetches what we fetch: the one whose turn comes first goes on. */
  claimed(now: Millis, key: SegmentKey, seat: Seat): void {
    const pursuit = this.#all.get(key);
    if (pursuit === undefined) return;
    const crossed = pursuit.state === 'fetching' && pursuit.claimed && now - pursuit.since < CROSSED_MS;
    if (crossed && this.#isBefore(seat, key) && now < pursuit.deadline - this.#margin() * 2) {
      this.#view.put({ kind: 'cancel-fetch', key });
      pursuit.claimed = false;
      this.#retry(now, pursuit);
    } else if (pursuit.state === 'waiting') this.#decide(now, pursuit);
  }

  /** A neighbour is gone, or what it sent is of no use. */
  lost(now: Millis, seat: Seat): void {
    for (const pursuit of this.#all.values()) {
      if (pursuit.state === 'asking' && pursuit.asked === seat) this.#retry(now, pursuit);
      else if (pursuit.state === 'pulling') this.#pull(now, pursuit);
    }
  }

  /** Looks at whatever is due; returns when to look again. */
  tick(now: Millis): Millis {
    let next = Number.POSITIVE_INFINITY;
    for (const seat of this.#view.seats.values()) {
      if (seat.giveUp(now)) {
        seat.neighbour.reputation.broke(now);
        this.lost(now, seat);
      }
      next = Math.min(next, seat.silentAt);
    }
    for (const pursuit of [...this.#all.values()]) {
      if (now >= pursuit.lookAt) this.#look(now, pursuit);
      next = Math.min(next, pursuit.lookAt);
    }
    return Math.max(now + LOOK_LEAST_MS, next);
  }

  #look(now: Millis, pursuit: Pursuit): void {
    const { state, asked, key } = pursuit;
    if (state === 'waiting') return this.#decide(now, pursuit);
    if (state === 'pulling') return this.#pull(now, pursuit);
    if (state === 'fetching') {
      pursuit.lookAt = Number.POSITIVE_INFINITY;
      return;
    }
    if (asked?.hasSome(key) === true) {
      asked.lacks(key);
      asked.neighbour.reputation.broke(now);
    }
    this.#retry(now, pursuit);
  }

  #retry(now: Millis, pursuit: Pursuit): void {
    pursuit.enter(now, 'waiting', now);
    pursuit.asked = undefined;
    this.#decide(now, pursuit);
  }

  #decide(now: Millis, pursuit: Pursuit): void {
    const { key, deadline, turnAt } = pursuit;
    const lastCall = this.#lastCall(pursuit);
    if (now >= lastCall && (pursuit.meshAt !== undefined || deadline - now < HASTE_MS)) {
      return this.#fetch(now, pursuit);
    }
    if (this.#view.seats.size === 0) {
      if (deadline - now < FAR_MS || !this.#isMeeting(now)) return this.#fetch(now, pursuit);
      return pursuit.enter(now, 'waiting', now + MEETING_LOOK_MS);
    }
    const holder = this.#holder(now, key);
    if (holder !== undefined) {
      pursuit.meshAt ??= now;
      const patience = Math.max(SHEET_MIN_MS, SHEET_RTTS * holder.neighbour.rttMs);
      return this.#askSheet(now, pursuit, holder, Math.min(this.#lastCall(pursuit), now + patience));
    }
    if (now >= lastCall) return this.#fetch(now, pursuit);
    const claimer = this.#claimer(now, pursuit);
    if (claimer !== undefined) {
      const until = (claimer.claimedAt(key) ?? now) + this.#claimLifeMs(pursuit);
      return this.#askSheet(now, pursuit, claimer, Math.min(lastCall, until));
    }
    if (now >= turnAt) return this.#fetch(now, pursuit);
    pursuit.enter(now, 'waiting', Math.min(turnAt, lastCall));
  }

  #askSheet(now: Millis, pursuit: Pursuit, seat: Seat, until: Millis): void {
    pursuit.enter(now, 'asking', until);
    if (pursuit.asked === seat) return;
    pursuit.asked = seat;
    this.#view.put({
      kind: 'tell-hls',
      link: seat.neighbour.link,
      message: { kind: 'ask-sheet', key: pursuit.key },
    });
  }

  #fetch(now: Millis, pursuit: Pursuit): void {
    const { key } = pursuit;
    pursuit.enter(now, 'fetching', Number.POSITIVE_INFINITY);
    pursuit.asked = undefined;
    if (!pursuit.claimed && this.#view.swarm.mayUpload) {
      pursuit.claimed = true;
      this.#view.tellAll({ kind: 'claim', key }, (seat) => seat.hasWhole(key));
    }
    this.#view.put({ kind: 'fetch', key, range: undefined });
  }

  /** Asks for whatever is missing and has a holder with room; at last, or where nobody has it, the server. */
  #pull(now: Millis, pursuit: Pursuit): void {
    const lastCall = this.#lastCall(pursuit);
    const isLast = now >= lastCall;
    if (!isLast) this.#ask(now, pursuit);
    pursuit.lookAt = Math.max(now + LOOK_LEAST_MS, Math.min(now + PULL_LOOK_MS, lastCall));
    if (pursuit.finishing) pursuit.lookAt = Number.POSITIVE_INFINITY;
    else if (isLast || this.#isStuck(now, pursuit)) this.#finish(now, pursuit);
  }

  #finish(now: Millis, pursuit: Pursuit): void {
    // Longer than this it would have taken: the next one gets more time.
    if (pursuit.meshAt !== undefined) this.#view.pullTook(CUT_SHORT * (now - pursuit.meshAt));
    pursuit.finishing = true;
    pursuit.lookAt = Number.POSITIVE_INFINITY;
    for (const range of pursuit.gaps(GAPS_MAX)) this.#view.put({ kind: 'fetch', key: pursuit.key, range });
  }

  #ask(now: Millis, pursuit: Pursuit): void {
    const wants = new Map<Seat, number[]>();
    const { key, count } = pursuit;
    const seats = [...this.#view.trusted(now)].filter((seat) => seat.hasSome(key) && seat.room > 0);
    if (seats.length === 0) return;
    for (let step = 0; step < count; step++) {
      const piece = (step + this.#rotation) % count;
      if (pursuit.has(piece) || this.#isAsked(key, piece)) continue;
      const seat = leastLoaded(seats, (each) => each.isFull || !each.hasPiece(key, piece));
      if (seat === undefined) continue;
      seat.ask(now, key, piece);
      const list = wants.get(seat) ?? [];
      list.push(piece);
      wants.set(seat, list);
    }
    for (const [seat, pieces] of wants) {
      for (let at = 0; at < pieces.length; at += HLS_WANT_MAX) {
        const message = { kind: 'want', key, pieces: pieces.slice(at, at + HLS_WANT_MAX) } as const;
        this.#view.put({ kind: 'tell-hls', link: seat.neighbour.link, message });
      }
    }
  }

  #isAsked(key: SegmentKey, piece: number): boolean {
    for (const seat of this.#view.seats.values()) if (seat.isAsked(key, piece)) return true;
    return false;
  }

  /** Nothing is under way, and nobody who is left has or will have what is missing. */
  #isStuck(now: Millis, pursuit: Pursuit): boolean {
    const { key } = pursuit;
    for (const seat of this.#view.trusted(now)) {
      if (seat.hasSome(key) || seat.claimedAt(key) !== undefined) return false;
    }
    return true;
  }

  #holder(now: Millis, key: SegmentKey): Seat | undefined {
    const seats = [...this.#view.trusted(now)];
    const whole = seats.filter((seat) => seat.hasWhole(key));
    const some = whole.length > 0 ? whole : seats.filter((seat) => seat.hasSome(key));
    return some.sort((a, b) => a.load - b.load || a.neighbour.rttMs - b.neighbour.rttMs)[0];
  }

  #claimer(now: Millis, pursuit: Pursuit): Seat | undefined {
    for (const seat of this.#view.trusted(now)) {
      const at = seat.claimedAt(pursuit.key);
      if (at !== undefined && now - at < this.#claimLifeMs(pursuit)) return seat;
    }
    return undefined;
  }

  /** When its server is asked at the latest. */
  #lastCall({ deadline, meshAt }: Pursuit): Millis {
    const due = deadline - this.#margin();
    if (meshAt === undefined) return due;
    const patience = Math.min(PULL_MOST_MS, Math.max(PULL_LEAST_MS, PULLS_SPARED * this.#view.pullMs));
    return Math.max(due, meshAt + patience);
  }

  /** Half of the time there was, where that is more than a fetch should take. */
  #claimLifeMs({ deadline, wishedAt }: Pursuit): number {
    return Math.max(CLAIM_LIFE_MS, CLAIM_FETCHES * this.#view.fetchMs, (deadline - wishedAt) / 2);
  }

  #margin(): number {
    return SPARE_MS + FETCHES_SPARED * this.#view.fetchMs;
  }

  #turnMs(key: SegmentKey): number {
    let before = 0;
    for (const seat of this.#view.seats.values()) if (this.#isBefore(seat, key)) before++;
    if (!this.#view.swarm.mayUpload) before = TURNS_MAX;
    if (before < TURNS_MAX) return before * TURN_MS;
    return (TURNS_MAX + this.#view.swarm.random.unit() * TURNS_MAX) * TURN_MS;
  }

  #isBefore(seat: Seat, key: SegmentKey): boolean {
    return turnOf(seat.neighbour.viewer, key) < turnOf(this.#view.swarm.viewer ?? '', key);
  }
}

const leastLoaded = (seats: readonly Seat[], isOut: (seat: Seat) => boolean): Seat | undefined => {
  let best: Seat | undefined;
  for (const seat of seats) {
    if (isOut(seat)) continue;
    if (best === undefined || seat.load < best.load) best = seat;
  }
  return best;
};
