/**
 * What one viewer got to see, looked at from outside its engine: how late pieces were, and when its picture stood.
 *
 * A piece is due a fixed playout delay after its cut. When it is not there, the picture stands until it comes or until the
 * next keyframe is due. Pieces that were cut before the first picture belong to starting.
 */
import { DelayHistogram } from './delay-histogram.ts';
import type { GhostPiece, Group } from './ghost-piece.ts';

/** What a ledger needs to know of the world. */
export interface LedgerRules {
  /** Pieces are due this long after their cut, ms. */
  readonly playoutMs: number;
  /** What was cut before is not measured. */
  readonly windowFrom: number;
}

/** Whatever knows which pieces are held; undefined when the viewer has nothing of the epoch. */
interface Holder {
  readonly newest: number;
  /** The first sequence it played of the epoch. */
  readonly playedFrom: number;
  has(sequence: number): boolean;
}

/** A gap between pictures longer than this is a stall. */
const STALL_MS = 250;
/** The cut of a missing piece is only known by the next one that is held, which may be some pieces later. */
const MISTAKEN_MS = 500;
/** A viewer's delays count from this long after its join. */
const SETTLED_MS = 10_000;

export class Ledger {
  readonly #rules: LedgerRules;
  readonly joinedAt: number;
  /** Pieces that came after they were due, of groups that are not judged yet: sequence, then time of arrival. */
  #lates: number[] = [];
  #delays: DelayHistogram | undefined;
  /** Groups up to this time of cut have been judged. */
  #judgedUntil = Number.NEGATIVE_INFINITY;
  /** The last time the picture stood, kept open because the next group may prolong it. */
  #standsFrom = 0;
  #standsUntil = 0;
  /** Not judged before this: the page slept, or an epoch began. */
  #excusedUntil = Number.NEGATIVE_INFINITY;
  #startedAt: number | undefined;
  lost = 0;
  due = 0;
  /** Time of the stream that was judged, ms. */
  watchedMs = 0;
  leftAt: number | undefined;
  /** Missed when they were due, whether they came later or not. */
  missed = 0;
  /** Of those, what a decider must have noticed: it plays, holds something newer, and knows well when it was due. */
  missedByFar = 0;
  stalls = 0;
  stalledMs = 0;
  longestStallMs = 0;

  constructor(rules: LedgerRules, joinedAt: number) {
    this.#rules = rules;
    this.joinedAt = joinedAt;
  }

  /** Time from joining to the first picture, if there has been one. */
  get startupMs(): number | undefined {
    return this.#startedAt === undefined ? undefined : this.#startedAt - this.joinedAt;
  }

  get startedAt(): number | undefined {
    return this.#startedAt;
  }

  /** The whole first keyframe went to the decoder. */
  started(now: number): void {
    this.#startedAt ??= now;
  }

  excuse(until: number): void {
    this.#excusedUntil = Math.max(this.#excusedUntil, until);
  }

  /** A piece was accepted. */
  received(now: number, piece: GhostPiece): void {
    if (piece.group.cutAt <= this.#judgedUntil) return;
    const delay = now - piece.cutAt;
    if (delay > this.#rules.playoutMs) this.#lates.push(piece.sequence, now);
    if (this.#measures(piece.cutAt)) {
      this.#delays ??= new DelayHistogram();
      this.#delays.add(delay);
    }
  }

  /** Judges a group when the keyframe after it is due. */
  judge(group: Group, held: Holder | undefined): void {
    this.#judgedUntil = group.cutAt;
    const { playoutMs } = this.#rules;
    const from = this.#startedAt ?? Number.POSITIVE_INFINITY;
    const stopsAt = group.endsAt + playoutMs;
    const dueBefore = this.due;
    for (let at = 0; at < group.offsetsMs.length; at++) {
      const cutAt = group.cutAt + (group.offsetsMs[at] ?? 0);
      if (cutAt < from || cutAt <= this.#excusedUntil || cutAt < this.#rules.windowFrom) continue;
      this.due++;
      const sequence = group.firstSequence + at;
      const arrival = this.#arrivalOf(sequence, held);
      if (arrival === undefined) continue;
      this.missed++;
      const known = held !== undefined && sequence <= held.newest && sequence >= held.playedFrom;
      if (known && arrival > cutAt + playoutMs + MISTAKEN_MS) this.missedByFar++;
      this.#stand(cutAt + playoutMs, Math.min(arrival, stopsAt));
      if (arrival !== Number.POSITIVE_INFINITY) continue;
      if (this.#measures(cutAt)) this.lost++;
    }
    this.watchedMs += ((this.due - dueBefore) * (group.endsAt - group.cutAt)) / group.offsetsMs.length;
    const next = group.firstSequence + group.offsetsMs.length;
    this.#lates = this.#lates.filter((_, at) => (this.#lates[at & ~1] ?? 0) >= next);
  }

  /** At the end: what is still open is counted. */
  close(leftAt?: number): void {
    this.leftAt = leftAt;
    this.#endStanding();
  }

  /** The delay within which 99.9 % of its pieces were there; undefined when too few were due. */
  get delayMs(): number | undefined {
    return this.#delays === undefined || this.#delays.total + this.lost < 50
      ? undefined
      : this.#delays.within(this.lost);
  }

  #measures(cutAt: number): boolean {
    return cutAt >= this.#rules.windowFrom && cutAt >= this.joinedAt + SETTLED_MS && cutAt > this.#excusedUntil;
  }

  /** When a piece came that was not there in time; undefined when it was. */
  #arrivalOf(sequence: number, held: Holder | undefined): number | undefined {
    for (let at = 0; at < this.#lates.length; at += 2) if (this.#lates[at] === sequence) return this.#lates[at + 1];
    return held?.has(sequence) === true ? undefined : Number.POSITIVE_INFINITY;
  }

  #stand(from: number, until: number): void {
    if (from > this.#standsUntil) {
      this.#endStanding();
      this.#standsFrom = from;
      this.#standsUntil = until;
    } else this.#standsUntil = Math.max(this.#standsUntil, until);
  }

  #endStanding(): void {
    const length = this.#standsUntil - this.#standsFrom;
    this.#standsFrom = this.#standsUntil;
    if (length <= STALL_MS) return;
    this.stalls++;
    this.stalledMs += length;
    this.longestStallMs = Math.max(this.longestStallMs, length);
  }
}
