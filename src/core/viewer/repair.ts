/**
 * Pieces that should have come and have not. Each hole becomes late at a time computed from its cut, not from silence.
 * A viewer that misses a piece tells its children, so that only the topmost misser acts early: it asks neighbours that
 * hold the piece, then the origin. Everybody else waits, and turns to the origin only when the playhead comes near.
 */
import { MISSING_MAX, WANT_MAX } from '../../wire/limits.ts';
import type { Millis } from '../engine.ts';
import type { Children } from './children.ts';
import type { Feeds } from './feeds.ts';
import type { LinkNumber, Source } from './io.ts';
import { LAST_RESORT_MS, originRttMs, resortMs } from './last-resort.ts';
import type { Neighbour } from './neighbour.ts';
import type { SwarmView } from './swarm-view.ts';

/** Shortly before the origin is asked no neighbour is: both would send. */
const ORIGIN_NEXT_MS = 120;
/** Asks of neighbours per piece. */
const ASKS_MAX = 2;
/** Before its lateness is known, a substream is given this long. */
const LAG_GUESS_MS = 150;
export const SLACK_MIN_MS = 60;
export const SLACK_RTTS = 1.5;
/** No hole is late sooner: the pieces that show it come in bursts, and it may be next. */
const LATE_LEAST_MS = 5;
/** Who knows that its parent misses a piece too waits this long for it. */
export const PATIENT_MS = 500;
/** How long the origin is given before it is asked once more. */
const ORIGIN_PATIENCE_MS = 700;
/** ... and after it has said that it cannot send it now. */
const ORIGIN_RETRY_MS = 200;
const ORIGIN_ASKS_MAX = 3;
/** A parent may be this many pieces of a substream ahead of what is known here. */
const AHEAD_ROUNDS = 2;
/** The last pieces may still be under way for this long when the source is said to have ended. */
const TAIL_PATIENCE_MS = 600;
/** A stream of which nothing comes for so long has stopped, or whoever feeds us has. */
const MUTE_MS = 1_600;
/** Who sees an epoch begin misses what was cut before: so many rounds of all substreams. */
const SEAM_ROUNDS = 2;
/** A repair of what was still coming makes holes be given so much longer, one that was needed so much less; at most so long. */
const GRACE_STEP_UP_MS = 30;
const GRACE_STEP_DOWN_MS = 10;
const GRACE_MAX_MS = 200;
/** Repairs remembered until it shows whether they were needed. */
const REPAIRED_MAX = 64;
/** Holes tracked at once; more is a broken source, not a repair. */
const MISSES_MAX = 512;

/** What repairing needs to know from playback. */
export interface RepairTiming {
  /** When the playhead needs a piece. */
  deadlineOf(now: Millis, sequence: number): Millis;
  /** Nothing is played that could need it: standing still, or not started. */
  isIdle(): boolean;
  /** The next sequence to play; earlier ones need no repair. */
  readonly cursor: number;
}

interface Miss {
  readonly sequence: number;
  readonly lateAt: Millis;
  state: 'expected' | 'late';
  /** Its parent misses it too. */
  parentMisses: boolean;
  asks: number;
  askedUntil: Millis;
  asked: LinkNumber[];
  /** Of those, the last whose silence has been noted. */
  judged: LinkNumber | undefined;
  originAsks: number;
  originAskedAt: Millis;
  /** Random distance from the deadline at which the last resort is taken. */
  readonly resortMs: number;
}

export class Repair {
  readonly #view: SwarmView;
  readonly #feeds: Feeds;
  readonly #children: Children;
  readonly #timing: RepairTiming;
  readonly #misses = new Map<number, Miss>();
  /** Highest sequence whose predecessors have been looked at. */
  #seen = -1;
  /** When a piece was stored last. */
  #storedAt: Millis = Number.POSITIVE_INFINITY;
  /** When the earliest hole becomes late of those found since this was asked last. */
  #foundDue: Millis = Number.POSITIVE_INFINITY;
  /** Pieces that came as repairs, with the parent that should have pushed them. */
  readonly #repaired = new Map<number, LinkNumber>();
  /** Holes are given so much longer than the substream's usual lag says. */
  #graceMs = 0;

  constructor(view: SwarmView, parts: { feeds: Feeds; children: Children; timing: RepairTiming }) {
    this.#view = view;
    this.#feeds = parts.feeds;
    this.#children = parts.children;
    this.#timing = parts.timing;
  }

  reset(): void {
    this.#misses.clear();
    this.#repaired.clear();
    this.#seen = -1;
    this.#storedAt = Number.POSITIVE_INFINITY;
  }

  /** Holes known now. */
  get holes(): number {
    return this.#misses.size;
  }

  /** A piece has been stored: it is no hole any more, and it shows which others are. Returns whether it was a repair. */
  stored(now: Millis, sequence: number, from: 'origin' | LinkNumber): boolean {
    const miss = this.#misses.get(sequence);
    this.#misses.delete(sequence);
    this.#storedAt = now;
    this.#note(now, sequence);
    if (this.#view.pieces.isLast(sequence)) this.#forgetAbove(sequence);
    if (miss === undefined) return false;
    const repaired = from === 'origin' ? miss.originAsks > 0 : miss.asked.includes(from);
    if (repaired) this.#remember(sequence);
    return repaired;
  }

  /** A piece that was held came once more: when it was repaired although its parent was still sending it, there was time. */
  came(sequence: number, from: Source): void {
    if (this.#repaired.get(sequence) !== from) return;
    this.#repaired.delete(sequence);
    this.#graceMs = Math.min(GRACE_MAX_MS, this.#graceMs + GRACE_STEP_UP_MS);
  }

  #remember(sequence: number): void {
    const source = this.#feeds.of(this.#view.substreamOf(sequence))?.source;
    if (typeof source !== 'number') return;
    this.#repaired.set(sequence, source);
    if (this.#repaired.size <= REPAIRED_MAX) return;
    const [oldest = 0] = this.#repaired.keys();
    this.#repaired.delete(oldest);
    this.#graceMs = Math.max(0, this.#graceMs - GRACE_STEP_DOWN_MS);
  }

  /** The source has ended: no later piece will show that the last ones are missing, so they are looked for. */
  expectTail(now: Millis): void {
    const { pieces, substreams } = this.#view;
    if (pieces.newest < 0 || pieces.isLast(pieces.newest)) return;
    for (let ahead = 1; ahead <= substreams; ahead++) {
      const sequence = pieces.newest + ahead;
      if (!this.#misses.has(sequence)) this.#track(now, sequence, now + TAIL_PATIENCE_MS);
    }
  }

  /** Nothing comes at all, though others have what follows: whoever should send it is mute, and shows no hole either. */
  #expectMore(now: Millis): void {
    if (!this.#isMute(now) || this.#timing.isIdle()) return;
    const { neighbours, pieces, epochTag } = this.#view;
    const later = [...neighbours.all()].some((neighbour) => neighbour.isPast(now, epochTag, pieces.newest));
    if (later) this.expectTail(now);
  }

  #isMute(now: Millis): boolean {
    return now - this.#storedAt >= MUTE_MS;
  }

  #forgetAbove(sequence: number): void {
    for (const each of this.#misses.keys()) if (each > sequence) this.#misses.delete(each);
  }

  /** Our parent misses these: wait for it. Often we have not noticed yet. */
  parentMisses(now: Millis, link: LinkNumber, sequences: readonly number[]): void {
    for (const sequence of sequences) {
      if (!this.#pushes(link, sequence)) continue;
      const miss = this.#misses.get(sequence) ?? this.#track(now, sequence, this.#lateAt(now, sequence));
      if (miss !== undefined) miss.parentMisses = true;
    }
  }

  /** Who was asked, or should have pushed, cannot send these. Nobody else is believed, nor anything far ahead. */
  absent(now: Millis, link: LinkNumber, sequences: readonly number[]): void {
    for (const sequence of sequences) {
      const pushes = this.#pushes(link, sequence);
      const miss = this.#misses.get(sequence) ?? (pushes ? this.#track(now, sequence, now) : undefined);
      if (miss === undefined || !(pushes || miss.asked.includes(link))) continue;
      if (!miss.asked.includes(link)) miss.asked.push(link);
      miss.askedUntil = Math.min(miss.askedUntil, now);
      miss.judged = link;
    }
  }

  /** Whether a link is to push a piece that may exist by now. */
  #pushes(link: LinkNumber, sequence: number): boolean {
    const { pieces, substreams } = this.#view;
    if (sequence > pieces.newest + AHEAD_ROUNDS * substreams) return false;
    return this.#feeds.of(this.#view.substreamOf(sequence))?.source === link;
  }

  /** The origin does not have it, or has no room for repairs at this moment: it is asked again a little later. */
  originAbsent(now: Millis, sequence: number): void {
    const miss = this.#misses.get(sequence);
    if (miss !== undefined) miss.originAskedAt = now + ORIGIN_RETRY_MS - ORIGIN_PATIENCE_MS;
  }

  /** Whose fault it is that a piece has not come: the origin's only when it had time to send it. */
  cause(now: Millis, sequence: number): 'no-parent' | 'parent-late' | 'origin-late' | 'not-connected' {
    const source = this.#feeds.of(this.#view.substreamOf(sequence))?.source;
    const miss = this.#misses.get(sequence);
    const asked = miss !== undefined && miss.originAsks > 0 && now - miss.originAskedAt >= ORIGIN_PATIENCE_MS;
    if (source === 'origin' || asked) return 'origin-late';
    if (source !== undefined) return 'parent-late';
    return this.#view.neighbours.count === 0 ? 'not-connected' : 'no-parent';
  }

  /** When to look because of holes that were found since this was asked last; Infinity when there are none. */
  takeFoundDue(): Millis {
    const due = this.#foundDue;
    this.#foundDue = Number.POSITIVE_INFINITY;
    return due;
  }

  /** Acts on every hole that is due; returns when the next one is. */
  tick(now: Millis): Millis {
    this.#expectMore(now);
    let next = Number.POSITIVE_INFINITY;
    const told = new Map<LinkNumber, number[]>();
    const wants = new Map<LinkNumber, number[]>();
    const fromOrigin: number[] = [];
    for (const miss of this.#misses.values()) {
      if (this.#view.pieces.has(miss.sequence) || miss.sequence < this.#timing.cursor) {
        this.#misses.delete(miss.sequence);
        continue;
      }
      const actAt = Math.min(miss.lateAt, this.#timing.deadlineOf(now, miss.sequence) - miss.resortMs);
      if (now < actAt) {
        next = Math.min(next, actAt);
        continue;
      }
      if (miss.state === 'expected') this.#becomeLate(now, miss, told);
      next = Math.min(next, this.#act(now, miss, { wants, fromOrigin }));
    }
    for (const [link, sequences] of told) {
      this.#view.out.put({
        kind: 'tell',
        link,
        message: { kind: 'missing', sequences: sequences.slice(0, MISSING_MAX) },
      });
    }
    for (const [link, sequences] of wants) {
      this.#view.out.put({ kind: 'tell', link, message: { kind: 'want', sequences: sequences.slice(0, WANT_MAX) } });
    }
    for (let at = 0; at < fromOrigin.length; at += WANT_MAX) {
      const sequences = fromOrigin.slice(at, at + WANT_MAX);
      this.#view.out.put({ kind: 'ask-origin', request: { kind: 'want', sequences } });
    }
    return next;
  }

  #note(now: Millis, sequence: number): void {
    if (this.#seen < 0) this.#seen = sequence <= this.#view.substreams * SEAM_ROUNDS ? -1 : sequence;
    for (let hole = Math.max(this.#seen + 1, sequence - MISSES_MAX); hole < sequence; hole++) {
      if (!this.#view.pieces.has(hole) && !this.#misses.has(hole)) this.#track(now, hole, this.#lateAt(now, hole));
    }
    this.#seen = Math.max(this.#seen, sequence);
  }

  #track(now: Millis, sequence: number, lateAt: Millis): Miss | undefined {
    if (this.#misses.size >= MISSES_MAX || sequence < this.#timing.cursor || this.#view.pieces.has(sequence))
      return undefined;
    const miss: Miss = {
      sequence,
      lateAt,
      state: 'expected',
      parentMisses: false,
      asks: 0,
      askedUntil: now,
      asked: [],
      judged: undefined,
      originAsks: 0,
      originAskedAt: 0,
      resortMs: resortMs(this.#view),
    };
    this.#misses.set(sequence, miss);
    this.#foundDue = Math.min(this.#foundDue, lateAt);
    return miss;
  }

  /** Cut, plus what the substream nearly always takes, plus some slack; less when that leaves no time to help. */
  #lateAt(now: Millis, sequence: number): Millis {
    const feed = this.#feeds.of(this.#view.substreamOf(sequence));
    // Nobody is going to send it: waiting costs the picture what a new parent takes to be found.
    if (feed !== undefined && feed.source === undefined) return now + LATE_LEAST_MS;
    const lag = feed?.lag.at(0.95) ?? this.#view.counters.lags.at(0.95) ?? LAG_GUESS_MS;
    const rtt = typeof feed?.source === 'number' ? (this.#view.neighbours.get(feed.source)?.rttMs ?? 0) : 0;
    const cut = this.#view.pieces.cutOf(sequence) - this.#view.clock.wall(now) + now;
    const slack = Math.max(SLACK_MIN_MS, SLACK_RTTS * rtt);
    const usual = cut + (feed?.lag.at(0.5) ?? lag) + slack;
    const helpBy = this.#timing.deadlineOf(now, sequence) - LAST_RESORT_MS - originRttMs(this.#view) - slack;
    return Math.max(now + LATE_LEAST_MS, Math.min(cut + lag + slack + this.#graceMs, Math.max(usual, helpBy)));
  }

  #becomeLate(now: Millis, miss: Miss, told: Map<LinkNumber, number[]>): void {
    miss.state = 'late';
    const substream = this.#view.substreamOf(miss.sequence);
    for (const link of this.#children.of(substream)) append(told, link, miss.sequence);
    const cutAt = this.#view.pieces.cutOf(miss.sequence) - this.#view.clock.wall(now) + now;
    this.#feeds.late(now, substream, { cutAt, excused: miss.parentMisses, isMute: this.#isMute(now) });
  }

  /** Asks who can help; returns when to look at this hole again. */
  #act(now: Millis, miss: Miss, ask: { wants: Map<LinkNumber, number[]>; fromOrigin: number[] }): Millis {
    const deadline = this.#timing.deadlineOf(now, miss.sequence);
    const resortAt = deadline - miss.resortMs;
    if (now >= resortAt) this.#askOrigin(now, miss, ask.fromOrigin);
    if (now >= miss.askedUntil && miss.asks > 0) this.#unanswered(now, miss);
    if (now < miss.askedUntil) return Math.min(miss.askedUntil, Math.max(now + 20, resortAt));
    const patient = miss.parentMisses && now < resortAt && now < miss.lateAt + PATIENT_MS;
    if (patient) return Math.min(resortAt, miss.lateAt + PATIENT_MS);
    const originNext = now < deadline && resortAt - now < ORIGIN_NEXT_MS && this.#willAskOrigin(now, miss);
    const holder = miss.asks < ASKS_MAX && !originNext ? this.#holder(now, miss) : undefined;
    if (holder?.wants.take(now) === false) return Math.max(now + 20, Math.min(resortAt, now + 100));
    if (holder !== undefined) {
      miss.asks++;
      miss.asked.push(holder.link);
      miss.askedUntil = now + holder.patienceMs;
      append(ask.wants, holder.link, miss.sequence);
      return Math.min(miss.askedUntil, Math.max(now + 20, resortAt));
    }
    if (!miss.parentMisses) this.#askOrigin(now, miss, ask.fromOrigin);
    return now < resortAt ? Math.min(resortAt, now + 100) : now + 100;
  }

  #mayAskOrigin(now: Millis, miss: Miss): boolean {
    return !this.#timing.isIdle() && miss.originAsks < ORIGIN_ASKS_MAX && this.#feeds.canAskOrigin(now, 'piece');
  }

  /** The origin can help where it is not the origin that is late. */
  #willAskOrigin(now: Millis, miss: Miss): boolean {
    const source = this.#feeds.of(this.#view.substreamOf(miss.sequence))?.source;
    return source !== 'origin' && this.#mayAskOrigin(now, miss);
  }

  #askOrigin(now: Millis, miss: Miss, fromOrigin: number[]): void {
    if (!this.#mayAskOrigin(now, miss)) return;
    if (miss.originAsks > 0 && now - miss.originAskedAt < ORIGIN_PATIENCE_MS) return;
    const feed = this.#feeds.of(this.#view.substreamOf(miss.sequence));
    const pushed = feed?.source === 'origin' && miss.sequence >= feed.originFrom;
    const underWay = pushed && now - miss.lateAt < ORIGIN_PATIENCE_MS;
    if (underWay) return;
    miss.originAsks++;
    miss.originAskedAt = now;
    fromOrigin.push(miss.sequence);
  }

  /** Who said it holds a piece and neither sent it nor said no has broken its word. */
  #unanswered(now: Millis, miss: Miss): void {
    const last = miss.asked.at(-1);
    if (last === undefined || last === miss.judged) return;
    miss.judged = last;
    this.#view.neighbours.get(last)?.reputation.broke(now);
  }

  /** A neighbour that says it holds the piece; failing that, the parent that should have pushed it. */
  #holder(now: Millis, miss: Miss): Neighbour | undefined {
    let best: Neighbour | undefined;
    for (const neighbour of this.#view.neighbours.all()) {
      if (!neighbour.reputation.isTrusted(now)) continue;
      if (miss.asked.includes(neighbour.link) || !neighbour.holds(now, this.#view.epochTag, miss.sequence)) continue;
      if (best === undefined || isBetter(neighbour, best)) best = neighbour;
    }
    if (best === undefined && !miss.parentMisses) {
      const source = this.#feeds.of(this.#view.substreamOf(miss.sequence))?.source;
      const parent = typeof source === 'number' ? this.#view.neighbours.get(source) : undefined;
      if (parent !== undefined && !miss.asked.includes(parent.link)) best = parent;
    }
    return best;
  }
}

/** Who has proved itself first, then who has room for more, then whoever is near. */
const isBetter = (a: Neighbour, b: Neighbour): boolean => {
  const { isProven } = a.reputation;
  if (isProven !== b.reputation.isProven) return isProven;
  const hasRoom = isOpen(a);
  return hasRoom === isOpen(b) ? a.rttMs < b.rttMs : hasRoom;
};

const isOpen = ({ status }: Neighbour): boolean => (status?.open ?? 0) !== 0;

const append = (lists: Map<LinkNumber, number[]>, link: LinkNumber, sequence: number): void => {
  const list = lists.get(link);
  if (list === undefined) lists.set(link, [sequence]);
  else list.push(sequence);
};
