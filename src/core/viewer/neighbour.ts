/**
 * One open link: what the viewer at its other end last said of itself, how far away it is, and what is in flight.
 */
import type { Status } from '../../wire/link.ts';
import type { ViewerName } from '../../wire/tracker.ts';
import type { Millis } from '../engine.ts';
import { Bucket } from '../kit/bucket.ts';
import { Quantiles } from '../kit/quantiles.ts';
import { Delivery } from './delivery.ts';
import type { LinkNumber } from './io.ts';
import { Reputation } from './reputation.ts';
import { NEWEST_WORDS, QUEUE_WORDS_MIN, WayOut } from './way-out.ts';

/** A status older than this says nothing any more. */
export const STATUS_LIFE_MS = 4_000;
/** Bytes that were sent longer ago than this and the round trip are not in flight any more: acknowledged or lost. */
const FLIGHT_LIFE_MS = 750;
const SENT_SLOT_MS = 250;
const SENT_SLOTS = 12;
/** A want or a lost piece is answered within this many times the round trip, or not at all. */
export const ANSWER_RTTS = 1.5;
export const ANSWER_MIN_MS = 60;
const RTT_GUESS_MS = 100;
/** Catch-up pieces a second, and at once: three for each of many substreams. */
const CATCH_UPS_PER_SEC = 12;
const CATCH_UPS_BURST = 96;
/** A new child is sent even what it holds: by when that arrives it judges whether to let go of its source. */
const PROVING_MS = 3_000;
/** In flight without question: a new link has no measured rate yet. */
export const FLIGHT_FLOOR_BYTES = 48_000;

export class Neighbour {
  readonly link: LinkNumber;
  readonly viewer: ViewerName;
  readonly openedAt: Millis;
  /** Substreams pushed to us and by us, one bit each. */
  parentMask = 0;
  childMask = 0;
  /** Wire bytes of verified pieces from it, all bytes of its pieces lane, and bytes pushed to it. */
  bytesIn = 0;
  laneBytesIn = 0;
  /** Of those, acknowledged in our last status, and when that was. */
  laneBytesTold = 0;
  statusSentAt: Millis = Number.NEGATIVE_INFINITY;
  bytesOut = 0;
  heardAt: Millis;
  status: Status | undefined;
  statusAt: Millis = Number.NEGATIVE_INFINITY;
  /** Pieces that arrived although they were held. */
  duplicates = 0;
  foreign = 0;
  /** Since when pieces are refused to it again and again, and when one was last. */
  congestedSince: Millis | undefined;
  congestedAt: Millis = Number.NEGATIVE_INFINITY;
  /** Wants it may still send: repairs are a share of the stream. */
  readonly wants: Bucket;
  /** Held pieces it may get by subscribing: whoever subscribes over and over gets no more than a stream of them. */
  readonly catchUps = new Bucket(CATCH_UPS_PER_SEC, CATCH_UPS_BURST);
  readonly reputation = new Reputation();
  /** What of all that was pushed to it has come, of late. */
  readonly delivery = new Delivery();
  /** When it last became our child, by substream. */
  readonly #subscribedAt = new Map<number, Millis>();
  /** Until when it is not asked to be the parent of a substream again. */
  readonly #refusedUntil: Millis[] = [];
  readonly #rtts = new Quantiles(16);
  #rttMs = RTT_GUESS_MS;
  readonly #newest = new Quantiles(NEWEST_WORDS);
  readonly #wayOut = new WayOut();
  #rttMin = Number.POSITIVE_INFINITY;
  #echo = 0;
  #echoAt: Millis | undefined;
  #acknowledged = 0;
  #acknowledgedAt: Millis;
  #rateOut = 0;
  /** A short list of whole numbers takes less than a typed array. */
  readonly #sent: number[] = new Array<number>(SENT_SLOTS).fill(0);
  #sentSlot = 0;

  constructor(link: LinkNumber, viewer: ViewerName, now: Millis, wantsPerSecond: number) {
    this.link = link;
    this.viewer = viewer;
    this.openedAt = now;
    this.heardAt = now;
    this.#acknowledgedAt = now;
    this.wants = new Bucket(wantsPerSecond, wantsPerSecond * 4);
  }

  hear(now: Millis, status: Status): void {
    this.status = status;
    this.statusAt = now;
    this.#echo = status.stamp;
    this.#echoAt = now;
    if (status.echoAgeMs !== 0xffff) {
      const rtt = ((Math.round(now) - status.echo) & 0xffff) - status.echoAgeMs;
      if (rtt >= 0 && rtt < 10_000) {
        this.#rtts.add(rtt);
        this.#rttMs = this.#rtts.at(0.5) ?? RTT_GUESS_MS;
        this.#newest.add(rtt);
        this.#rttMin = Math.min(this.#rttMin, rtt);
        this.#wayOut.answered(now, status);
      }
    }
    const delta = (status.received - (this.#acknowledged & 0xffffffff)) >>> 0;
    if (delta < 0x8000_0000) {
      const seconds = Math.max(0.05, (now - this.#acknowledgedAt) / 1000);
      this.#acknowledged += delta;
      this.#rateOut += (delta / seconds - this.#rateOut) * 0.3;
      this.#acknowledgedAt = now;
    }
  }

  /** What goes into our next status for the round trip. */
  echo(now: Millis): { echo: number; echoAgeMs: number } {
    if (this.#echoAt === undefined) return { echo: 0, echoAgeMs: 0xffff };
    return { echo: this.#echo, echoAgeMs: Math.min(0xfffe, Math.round(now - this.#echoAt)) };
  }

  /** Median round trip; a guess before the first measurement. */
  get rttMs(): number {
    return this.#rttMs;
  }

  get rttKnown(): boolean {
    return this.#rtts.count > 0;
  }

  /**
   * How much the round trip has grown over its least: the queue that stands somewhere on it, or a page that is busy. The
   * least of the newest few counts, because a piece on a slow uplink delays whatever is behind it without any queue standing.
   */
  get queueingMs(): number {
    const low = this.#newest.at(0);
    return low === undefined || this.#newest.count < QUEUE_WORDS_MIN ? 0 : low - this.#rttMin;
  }

  /** Of that, what is due to the way out: our own uplink, or the other's page. */
  get queueingOutMs(): number {
    return Math.min(this.queueingMs, this.#wayOut.longerMs);
  }

  /** How much longer than the quickest our last word took to it. */
  get wayOutMs(): number {
    return this.#wayOut.lastMs;
  }

  /** Looks at what has come meanwhile, once a second; how much that is. Nobody can have got more than was sent. */
  deliver(): number {
    return this.delivery.step(this.bytesOut, Math.min(this.bytesOut, this.#acknowledged));
  }

  /** How long to wait for an answer. */
  get patienceMs(): number {
    return Math.max(ANSWER_MIN_MS, ANSWER_RTTS * this.rttMs);
  }

  /** Counts bytes that have been pushed. */
  pushed(now: Millis, bytes: number): void {
    this.bytesOut += bytes;
    const slot = Math.floor(now / SENT_SLOT_MS);
    if (slot - this.#sentSlot >= SENT_SLOTS) this.#sent.fill(0);
    else for (let next = this.#sentSlot + 1; next <= slot; next++) this.#sent[next % SENT_SLOTS] = 0;
    this.#sentSlot = slot;
    this.#sent[slot % SENT_SLOTS] = (this.#sent[slot % SENT_SLOTS] ?? 0) + bytes;
  }

  /** Bytes pushed that are not acknowledged and not so old that they must be lost. */
  inFlight(now: Millis): number {
    const oldest = Math.floor((now - this.rttMs - FLIGHT_LIFE_MS) / SENT_SLOT_MS);
    let recent = 0;
    for (let slot = Math.max(oldest, this.#sentSlot - SENT_SLOTS + 1); slot <= this.#sentSlot; slot++) {
      recent += this.#sent[((slot % SENT_SLOTS) + SENT_SLOTS) % SENT_SLOTS] ?? 0;
    }
    return Math.max(0, Math.min(recent, this.bytesOut - this.#acknowledged));
  }

  /**
   * Whether one more piece would queue for longer than this at the rate it drains. So many bytes are under way without
   * question: what was just sent cannot have been acknowledged.
   */
  wouldQueue(now: Millis, bytes: number, limitMs: number, floorBytes = FLIGHT_FLOOR_BYTES): boolean {
    const drained = (this.#rateOut * (limitMs + this.rttMs + FLIGHT_LIFE_MS)) / 1000;
    return this.inFlight(now) + bytes > Math.max(floorBytes, drained);
  }

  /** It has become our child in a substream. */
  subscribed(now: Millis, substream: number): void {
    this.#subscribedAt.set(substream, now);
  }

  /** Whether it has been our child so shortly that it may still be comparing us with its present source. */
  comparesUs(now: Millis, substream: number): boolean {
    return now - (this.#subscribedAt.get(substream) ?? Number.NEGATIVE_INFINITY) < PROVING_MS;
  }

  /** Whether it said that it has children in a substream. */
  relays(substream: number): boolean {
    return ((this.status?.relaying ?? 0) & (1 << substream)) !== 0;
  }

  refuses(now: Millis, substream: number): boolean {
    return (this.#refusedUntil[substream] ?? 0) > now;
  }

  refusedUntil(substream: number, until: Millis): void {
    while (this.#refusedUntil.length < substream) this.#refusedUntil.push(0);
    this.#refusedUntil[substream] = until;
  }

  /** Its status, if it is recent and of this epoch. */
  fresh(now: Millis, epochTag: number): Status | undefined {
    return this.isFresh(now, epochTag) ? this.status : undefined;
  }

  /** Whether its status is recent and of this epoch. */
  isFresh(now: Millis, epochTag: number): boolean {
    return this.status?.epochTag === epochTag && now - this.statusAt < STATUS_LIFE_MS;
  }

  /** Whether its last status says it holds anything later than a piece. */
  isPast(now: Millis, epochTag: number, sequence: number): boolean {
    const status = this.fresh(now, epochTag);
    if (status === undefined) return false;
    if (status.base > sequence) return true;
    const end = status.base + status.have.length * 8;
    for (let later = sequence + 1; later < end; later++) if (this.holds(now, epochTag, later)) return true;
    return false;
  }

  /** Whether its last status says it holds a piece. */
  holds(now: Millis, epochTag: number, sequence: number): boolean {
    const status = this.fresh(now, epochTag);
    if (status === undefined) return false;
    const at = sequence - status.base;
    if (at < 0) return false;
    return ((status.have[at >> 3] ?? 0) & (0x80 >> (at & 7))) !== 0;
  }
}
