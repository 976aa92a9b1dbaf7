/**
 * Pieces on their way out. As soon as it is known what the uplink carries, they leave no faster than that and wait here
 * instead of in a router, where they would delay every word behind them. Who passes a piece on gets it before who does
 * not: whatever waits at a leaf of the tree delays nobody else.
 */
import type { Millis } from '../engine.ts';
import { Quantiles } from '../kit/quantiles.ts';
import type { LinkNumber } from './io.ts';
import type { SwarmView } from './swarm-view.ts';
import { WIRE_FACTOR } from './upload-budget.ts';

/** Handed to the transport ahead of time, so that the uplink never runs dry. */
const AHEAD_MS = 8;
/** What has waited for so long is not worth sending: the child has asked somebody else. */
export const WAIT_MAX_MS = 900;
/** Waits remembered, and what share of them counts as usual. */
const WAITS_KEPT = 24;
const USUAL_SHARE = 0.7;
/** No look sooner than this. */
const LOOK_LEAST_MS = 2;

/** A piece for one child. */
export interface Leaving {
  readonly link: LinkNumber;
  readonly sequence: number;
  readonly bytes: number;
}

type Waiting = Leaving & { readonly since: Millis };

/** Whoever gives pieces to this queue. */
export interface Sender {
  /** What the uplink carries, bytes a second on the wire; Infinity while that is not known. */
  readonly capacity: number;
  /** Whether it would be of no use if it left then. */
  comesTooLate(leavesAt: Millis, piece: Leaving): boolean;
  /** Whether a piece that has waited should still leave. */
  wants(now: Millis, piece: Leaving): boolean;
  /** It waited too long, or would have to. */
  gaveUp(piece: Leaving): void;
}

export class Outgoing {
  readonly #view: SwarmView;
  readonly #sender: Sender;
  /** For those who pass it on, and for the others. */
  readonly #first: Waiting[] = [];
  readonly #then: Waiting[] = [];
  /** When the uplink will have sent what it was given. */
  #busyUntil: Millis = 0;
  /** How long the newest pieces waited. */
  readonly #waits = new Quantiles(WAITS_KEPT);
  /** Pieces that had to wait, ever. */
  waited = 0;

  constructor(view: SwarmView, sender: Sender) {
    this.#view = view;
    this.#sender = sender;
  }

  /** What most pieces wait before they leave, ms. */
  get usualWaitMs(): Millis {
    return this.#waits.at(USUAL_SHARE) ?? 0;
  }

  /** Pieces waiting now. */
  get waiting(): number {
    return this.#first.length + this.#then.length;
  }

  /** Sends a piece now, or as soon as it is its turn. */
  send(now: Millis, pieces: readonly Leaving[], rank: 'first' | 'then'): void {
    const queue = rank === 'first' ? this.#first : this.#then;
    const atOnce: LinkNumber[] = [];
    for (const piece of pieces) {
      if (this.#mayGo(now) && (this.waiting === 0 || (rank === 'first' && queue.length === 0))) {
        this.left(now, piece.bytes);
        this.#waits.add(0);
        atOnce.push(piece.link);
      } else if (this.#sender.comesTooLate(this.#turnOf(now, rank), piece)) {
        this.#sender.gaveUp(piece);
      } else {
        this.waited++;
        queue.push({ ...piece, since: now });
      }
    }
    const sequence = pieces[0]?.sequence;
    if (atOnce.length > 0 && sequence !== undefined) this.#view.out.put({ kind: 'push', links: atOnce, sequence });
  }

  /** Something else takes its share of the uplink. */
  left(now: Millis, bytes: number): void {
    const { capacity } = this.#sender;
    if (capacity === Number.POSITIVE_INFINITY) this.#busyUntil = now;
    else this.#busyUntil = Math.max(now, this.#busyUntil) + (bytes * WIRE_FACTOR * 1000) / capacity;
  }

  /** Sends what is due; returns when to look again. */
  tick(now: Millis): Millis {
    this.#drain(now, this.#first);
    this.#drain(now, this.#then);
    if (this.waiting === 0) return Number.POSITIVE_INFINITY;
    return Math.max(now + LOOK_LEAST_MS, this.#busyUntil - AHEAD_MS);
  }

  /** When a piece that is given to a queue now will leave, as things stand. */
  #turnOf(now: Millis, rank: 'first' | 'then'): Millis {
    const { capacity } = this.#sender;
    if (capacity === Number.POSITIVE_INFINITY) return now;
    const ahead = bytesOf(this.#first) + (rank === 'first' ? 0 : bytesOf(this.#then));
    return Math.max(now, this.#busyUntil) + (ahead * WIRE_FACTOR * 1000) / capacity;
  }

  #drain(now: Millis, queue: Waiting[]): void {
    while (queue.length > 0 && this.#mayGo(now)) {
      const piece = queue.shift();
      if (piece === undefined || !this.#sender.wants(now, piece)) continue;
      if (now - piece.since > WAIT_MAX_MS || this.#sender.comesTooLate(now, piece)) {
        this.#sender.gaveUp(piece);
        continue;
      }
      this.left(now, piece.bytes);
      this.#waits.add(now - piece.since);
      this.#view.out.put({ kind: 'push', links: [piece.link], sequence: piece.sequence });
    }
  }

  #mayGo(now: Millis): boolean {
    return this.#busyUntil - now < AHEAD_MS;
  }
}

const bytesOf = (queue: readonly Waiting[]): number => queue.reduce((sum, piece) => sum + piece.bytes, 0);
