/**
 * How a missing piece is brought: by a neighbour that has said it holds it, or else by the origin.
 */
import { ORIGIN_ANSWER_MS } from '../calibration/model-fit.ts';
import type { Crowd } from './crowd.ts';
import type { Dice } from './dice.ts';
import type { Feeds } from './feeds.ts';
import type { CutPiece, Held } from './held.ts';
import type { Links } from './links.ts';
import type { OriginLimits } from './origin-limits.ts';
import * as rules from './rules.ts';
import type { Uplinks } from './uplinks.ts';
import type { ViewerBooks } from './viewer-books.ts';

/** What is missing, who should have brought it, whether that one misses it too, and who has been asked so far. */
export interface Missing {
  readonly piece: CutPiece;
  readonly parent: number;
  readonly excused: boolean;
  readonly asks: number;
}

/** What was done: when a copy will be here, Infinity when none was sent, and when to look again, with how many asks. */
export interface Attempt {
  arrives: number;
  lookAgainAt: number;
  asks: number;
}

/** Asks of neighbours per piece. */
const ASKS_MAX = 2;
/** The origin is asked so often, and not again before so long. */
const ORIGIN_ASKS_MAX = 3;
const ORIGIN_RETRY_MS = 200;
/** Who can do nothing but wait looks again after this long. */
const LOOK_AGAIN_MS = 100;

export class Repairs {
  readonly #crowd: Crowd;
  readonly #links: Links;
  readonly #feeds: Feeds;
  readonly #held: Held;
  readonly #origin: OriginLimits;
  readonly #uplinks: Uplinks;
  readonly #books: ViewerBooks;
  readonly #dice: Dice;
  readonly #attempt: Attempt = { arrives: 0, lookAgainAt: 0, asks: 0 };

  constructor(parts: {
    readonly crowd: Crowd;
    readonly links: Links;
    readonly feeds: Feeds;
    readonly held: Held;
    readonly origin: OriginLimits;
    readonly uplinks: Uplinks;
    readonly books: ViewerBooks;
    readonly dice: Dice;
  }) {
    this.#crowd = parts.crowd;
    this.#links = parts.links;
    this.#feeds = parts.feeds;
    this.#held = parts.held;
    this.#origin = parts.origin;
    this.#uplinks = parts.uplinks;
    this.#books = parts.books;
    this.#dice = parts.dice;
  }

  /** Asks for a piece that has not come, one at a time: a neighbour that holds it, the parent, the origin. */
  attempt(row: number, now: number, missing: Missing): Attempt {
    const { piece, parent, excused } = missing;
    const attempt = this.#attempt;
    const resortAt = piece.cutAt + this.#feeds.resortAfter(row);
    attempt.asks = missing.asks + 1;
    attempt.arrives = Number.POSITIVE_INFINITY;
    attempt.lookAgainAt = Number.POSITIVE_INFINITY;
    if (now < resortAt && missing.asks < ASKS_MAX) {
      const holder = this.#holder(row, now, piece);
      const asked = holder >= 0 || excused || missing.asks > 0 ? holder : parent;
      if (asked >= 0) {
        attempt.arrives = this.#fromNeighbour(asked, row, { now, piece });
        attempt.lookAgainAt = Math.max(now + 1, Math.min(resortAt, now + this.#feeds.patienceMs(row, asked)));
        return attempt;
      }
    }
    if (excused && now < resortAt) {
      attempt.asks = missing.asks;
      attempt.lookAgainAt = Math.min(resortAt, now + LOOK_AGAIN_MS);
      return attempt;
    }
    const { originBytes } = piece.slot;
    if (!this.#origin.mayRepair(now, originBytes)) {
      if (missing.asks < ORIGIN_ASKS_MAX) attempt.lookAgainAt = now + ORIGIN_RETRY_MS;
      return attempt;
    }
    this.#books.originRepaired(now, originBytes);
    const waits = this.#origin.send(now, originBytes) + ORIGIN_ANSWER_MS;
    attempt.arrives = now + waits + this.#crowd.originRttMs[row]!;
    return attempt;
  }

  /** When its copy is here; Infinity when it has none or cannot send one. */
  #fromNeighbour(holder: number, row: number, ask: { readonly now: number; readonly piece: CutPiece }): number {
    const { piece, now } = ask;
    const rtt = this.#crowd.rttMs(row, holder);
    const at = now + rtt / 2;
    if (!this.#feeds.isThere(holder, at) || this.#held.since(holder, piece) > at) return Number.POSITIVE_INFINITY;
    const left = this.#uplinks.depart(holder, at, { bytes: piece.slot.wireBytes, rank: 'at once' });
    if (left === Number.POSITIVE_INFINITY) return left;
    this.#books.sent(holder, piece.slot.linkBytes);
    return left + rtt / 2;
  }

  /** The nearest neighbour whose last status says that it holds the piece. */
  #holder(row: number, at: number, piece: CutPiece): number {
    const { peers, counts, knownAt } = this.#links;
    const width = rules.NEIGHBOURS_MAX;
    let best = -1;
    let nearest = Number.POSITIVE_INFINITY;
    for (let place = 0; place < counts[row]!; place++) {
      const peer = peers[row * width + place]!;
      if (knownAt[row * width + place]! > at || !this.#feeds.isThere(peer, at)) continue;
      const rtt = this.#crowd.rttMs(row, peer);
      if (rtt >= nearest) continue;
      const told = this.#held.since(peer, piece) + this.#dice.unit() * rules.BUSY_EVERY_MS + rtt / 2;
      if (told > at) continue;
      nearest = rtt;
      best = peer;
    }
    return best;
  }
}
