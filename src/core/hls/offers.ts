/**
 * What this viewer gives: word of what it holds, sheets, and pieces. Pieces wait here and not in a router: a neighbour
 * gets no more at once than arrives at it in a moment, and the page's cap is never crossed.
 */
import type { SegmentKey } from '../../wire/hls-link.ts';
import { HLS_KEYS_MAX, HLS_PIECE_BYTES } from '../../wire/limits.ts';
import type { Millis } from '../engine.ts';
import type { LinkNumber } from '../viewer/io.ts';
import type { UploadBudget } from '../viewer/upload-budget.ts';
import type { HlsView } from './hls-view.ts';
import type { Pursuits } from './pursuits.ts';

/** So much may be under way to one neighbour, as time. */
const AHEAD_MS = 150;
/** What has waited for so long is of no use to whoever asked. */
const WAIT_MAX_MS = 2_500;
/** Pieces waiting for one neighbour. */
const QUEUE_MAX = 256;
/** Neighbours waiting for the sheet of one segment, and segments they wait for. */
const ASKERS_MAX = 64;
const ASKED_MAX = 256;
/** Segments of so few pieces are told of with their sheet. */
const SMALL_PIECES = 16;
const LOOK_MS = 15;
const TELL_MS = 150;

interface Leaving {
  readonly key: SegmentKey;
  readonly piece: number;
  readonly since: Millis;
}

export class Offers {
  readonly #view: HlsView;
  readonly #pursuits: Pursuits;
  readonly #budget: UploadBudget;
  readonly #askers = new Map<SegmentKey, Set<LinkNumber>>();
  readonly #queues = new Map<LinkNumber, Leaving[]>();
  /** Bytes given to the carrier in this round; it counts them when it has sent them. */
  readonly #leaving = new Map<LinkNumber, number>();
  #tellAt: Millis = Number.POSITIVE_INFINITY;

  constructor(view: HlsView, pursuits: Pursuits, budget: UploadBudget) {
    this.#view = view;
    this.#pursuits = pursuits;
    this.#budget = budget;
  }

  /** Tells a new neighbour what is held. */
  greet(link: LinkNumber): void {
    if (!this.#view.swarm.mayUpload) return;
    const keys = [...this.#view.held.keys()];
    for (let at = 0; at < keys.length; at += HLS_KEYS_MAX) {
      this.#view.put({
        kind: 'tell-hls',
        link,
        message: { kind: 'held', keys: keys.slice(at, at + HLS_KEYS_MAX) },
      });
    }
  }

  left(link: LinkNumber): void {
    this.#queues.delete(link);
    for (const askers of this.#askers.values()) askers.delete(link);
  }

  /** A whole segment is there. */
  holds(key: SegmentKey): void {
    if (this.#view.swarm.mayUpload) {
      this.#view.tellAll({ kind: 'held', keys: [key] }, (seat) => seat.hasWhole(key));
      if ((this.#view.held.get(key) ?? 0) <= SMALL_PIECES) this.#tellSheet(key);
    }
    this.sheetKnown(key);
  }

  /** The sheet of a part is small, and whoever wants the part is in a hurry. */
  #tellSheet(key: SegmentKey): void {
    const waiting = this.#askers.get(key);
    for (const [link, seat] of this.#view.seats) {
      if (!seat.hasWhole(key) && waiting?.has(link) !== true) this.#view.put({ kind: 'tell-sheet', link, key });
    }
  }

  /** Those who wait for a sheet get it. */
  sheetKnown(key: SegmentKey): void {
    const askers = this.#askers.get(key);
    this.#askers.delete(key);
    for (const link of askers ?? []) this.#view.put({ kind: 'tell-sheet', link, key });
  }

  /** It is not held any more, or never will be. */
  drops(key: SegmentKey): void {
    this.#askers.delete(key);
    if (this.#view.swarm.mayUpload) this.#view.tellAll({ kind: 'dropped', keys: [key] });
  }

  askSheet(link: LinkNumber, key: SegmentKey): void {
    const pursuit = this.#pursuits.get(key);
    if (this.#view.held.has(key) || (pursuit?.count ?? 0) > 0) {
      return this.#view.put({ kind: 'tell-sheet', link, key });
    }
    const askers = this.#askers.get(key) ?? new Set();
    const full = askers.size >= ASKERS_MAX || this.#askers.size >= ASKED_MAX;
    if (pursuit === undefined || full || !this.#view.swarm.mayUpload) {
      return this.#view.put({ kind: 'tell-hls', link, message: { kind: 'dropped', keys: [key] } });
    }
    askers.add(link);
    this.#askers.set(key, askers);
  }

  /** A neighbour wants pieces: those that are there wait for their turn, the others are declined. */
  wanted(now: Millis, link: LinkNumber, key: SegmentKey, pieces: readonly number[]): void {
    const queue = this.#queues.get(link) ?? [];
    this.#queues.set(link, queue);
    const absent: number[] = [];
    for (const piece of pieces) {
      const may = this.#view.swarm.mayUpload && this.#has(key, piece) && queue.length < QUEUE_MAX;
      if (may) queue.push({ key, piece, since: now });
      else absent.push(piece);
    }
    this.#decline(link, key, absent);
  }

  /** A neighbour has these by now: what waits for it is of no use. */
  satisfied(link: LinkNumber, keys: readonly SegmentKey[]): void {
    const queue = this.#queues.get(link);
    if (queue === undefined || queue.length === 0) return;
    const held = new Set(keys);
    this.#queues.set(
      link,
      queue.filter(({ key }) => !held.has(key)),
    );
  }

  /** A piece came that others may want. */
  progressed(now: Millis): void {
    this.#tellAt = Math.min(this.#tellAt, now + TELL_MS);
  }

  /** Sends what is due, one neighbour after the other; returns when to look again. */
  tick(now: Millis): Millis {
    this.#leaving.clear();
    if (now >= this.#tellAt) this.#tellProgress();
    let waiting = 0;
    for (let sent = true; sent; ) {
      sent = false;
      for (const [link, queue] of this.#queues) sent = this.#sendOne(now, link, queue) || sent;
    }
    for (const queue of this.#queues.values()) waiting += queue.length;
    return Math.min(this.#tellAt, waiting > 0 ? now + LOOK_MS : Number.POSITIVE_INFINITY);
  }

  #sendOne(now: Millis, link: LinkNumber, queue: Leaving[]): boolean {
    const [next] = queue;
    const neighbour = this.#view.seats.get(link)?.neighbour;
    if (next === undefined || neighbour === undefined) return false;
    if (now - next.since > WAIT_MAX_MS || !this.#has(next.key, next.piece)) {
      queue.shift();
      this.#decline(link, next.key, [next.piece]);
      return true;
    }
    const leaving = this.#leaving.get(link) ?? 0;
    if (neighbour.wouldQueue(now, leaving + HLS_PIECE_BYTES, AHEAD_MS)) return false;
    if (!this.#budget.takeUpload(now, HLS_PIECE_BYTES)) return false;
    queue.shift();
    this.#leaving.set(link, leaving + HLS_PIECE_BYTES);
    this.#view.put({ kind: 'push-piece', link, key: next.key, piece: next.piece });
    return true;
  }

  /** Half-filled segments are of use too. */
  #tellProgress(): void {
    this.#tellAt = Number.POSITIVE_INFINITY;
    if (!this.#view.swarm.mayUpload || this.#view.seats.size < 2) return;
    for (const pursuit of this.#pursuits.all()) {
      if (pursuit.untold === 0 || pursuit.state !== 'pulling') continue;
      pursuit.untold = 0;
      const { key } = pursuit;
      this.#view.tellAll({ kind: 'some', key, first: 0, pieces: pursuit.bitmap() }, (seat) => seat.hasWhole(key));
    }
  }

  #has(key: SegmentKey, piece: number): boolean {
    const count = this.#view.held.get(key);
    return count === undefined ? this.#pursuits.get(key)?.has(piece) === true : piece < count;
  }

  #decline(link: LinkNumber, key: SegmentKey, pieces: readonly number[]): void {
    if (pieces.length > 0) this.#view.put({ kind: 'tell-hls', link, message: { kind: 'absent', key, pieces } });
  }
}
