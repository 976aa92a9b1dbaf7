// The guard of the backstop: a token bucket over everything the origin streams, and a book of what its connections have
// been promised. Ranks share the bucket by leaving something in it: the lower the rank, the more it must leave.

import type { Clock, Timer } from '../clock.ts';

/** Who asks, most urgent first. */
export const RANKS = ['newcomer', 'seeding', 'whole', 'http'] as const;
export type Rank = (typeof RANKS)[number];

/** Share of a full bucket a rank must leave untouched. */
const LEAVES: Readonly<Record<Rank, number>> = { newcomer: 0, seeding: 0.1, whole: 0.25, http: 0.4 };
/** A bucket holds a second of the limit, and never less than a few keyframes. */
const BURST_BYTES_MIN = 256 * 1024;
/** Bytes of framing counted with every send. */
const FRAMING_BYTES = 12;
/** Above this share of the limit the origin states its load and gives existing viewers nothing more. */
const BUSY_SHARE = 0.9;
const RETRY_MS = 1000;
const RECHECK_MS = 20;

/** See above. */
export class EgressBudget {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #promised = new Map<object, number>();
  readonly #waiting = new Map<() => void, Rank>();
  #limit = Number.POSITIVE_INFINITY;
  #burst = Number.POSITIVE_INFINITY;
  #tokens = Number.POSITIVE_INFINITY;
  #filledAt: number;
  #promisedSum = 0;
  #timer: Timer | undefined;

  /** `limit` in bytes a second; Infinity for none. */
  constructor(clock: Clock, random: () => number, limit: number) {
    this.#clock = clock;
    this.#random = random;
    this.#filledAt = clock.now();
    this.setLimit(limit);
  }

  /** Bytes a second, Infinity for no limit. */
  get limit(): number {
    return this.#limit;
  }

  /** Changes the limit from now on. */
  setLimit(limit: number): void {
    this.#limit = limit;
    this.#burst = Math.max(limit, BURST_BYTES_MIN);
    this.#tokens = Math.min(this.#tokens, this.#burst);
    this.#filledAt = this.#clock.now();
  }

  /** Whether this rank may send so many bytes now. */
  may(bytes: number, rank: Rank): boolean {
    if (this.#limit === Number.POSITIVE_INFINITY) return true;
    this.#fill();
    const left = this.#tokens - bytes - FRAMING_BYTES;
    return left >= LEAVES[rank] * this.#burst || this.#tokens >= this.#burst;
  }

  /** Takes the bytes of one send, if this rank may have them now. */
  take(bytes: number, rank: Rank): boolean {
    if (!this.may(bytes, rank)) return false;
    this.#tokens -= bytes + FRAMING_BYTES;
    return true;
  }

  /** Counts bytes that had to be sent. */
  spend(bytes: number): void {
    if (this.#limit === Number.POSITIVE_INFINITY) return;
    this.#fill();
    this.#tokens -= bytes + FRAMING_BYTES;
  }

  /** Calls back, most urgent rank first, when it may be worth another try. */
  wait(again: () => void, rank: Rank): void {
    this.#waiting.set(again, rank);
    this.#timer ??= this.#clock.after(RECHECK_MS, () => this.#recheck());
  }

  /** Notes what a connection has been promised, bytes a second; 0 to forget it. */
  promise(holder: object, bytesPerSec: number): void {
    this.#promisedSum += bytesPerSec - (this.#promised.get(holder) ?? 0);
    if (bytesPerSec === 0) this.#promised.delete(holder);
    else this.#promised.set(holder, bytesPerSec);
    if (this.#promised.size === 0) this.#promisedSum = 0;
  }

  /** Bytes a second that can still be promised: to newcomers up to the limit, to others up to nine tenths of it. */
  room(newcomer: boolean): number {
    return this.#limit * (newcomer ? 1 : BUSY_SHARE) - this.#promisedSum;
  }

  /** Whether more is promised than can be kept: what was promised beyond the limit has to be taken back. */
  get overcommitted(): boolean {
    return this.#promisedSum > this.#limit;
  }

  /** What is promised, or what the bucket lacks, as percent of the limit; 0 without a limit. */
  get percent(): number {
    if (this.#limit === Number.POSITIVE_INFINITY) return 0;
    this.#fill();
    const promised = (100 * this.#promisedSum) / this.#limit;
    const spent = this.#tokens < LEAVES.seeding * this.#burst ? 100 : 0;
    return Math.min(100, Math.round(Math.max(promised, spent)));
  }

  /** Whether the load is worth telling. */
  get busy(): boolean {
    return this.percent > 100 * BUSY_SHARE;
  }

  /** When to come back: spread, so that not all do so at once. */
  retryAfterMs(): number {
    return Math.round(RETRY_MS * (1 + 2 * this.#random()));
  }

  /** Forgets the timer. */
  close(): void {
    this.#timer?.cancel();
    this.#waiting.clear();
  }

  #fill(): void {
    const now = this.#clock.now();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#filledAt) * this.#limit) / 1000);
    this.#filledAt = now;
  }

  #recheck(): void {
    this.#timer = undefined;
    const waiting = [...this.#waiting].sort((a, b) => RANKS.indexOf(a[1]) - RANKS.indexOf(b[1]));
    this.#waiting.clear();
    for (const [again] of waiting) again();
  }
}
