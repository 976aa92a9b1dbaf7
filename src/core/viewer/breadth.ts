/**
 * In how many substreams a viewer takes children. A tree whose branches have many children each is flat, and only what
 * branches is sent first; so when places are scarce they are kept together in few substreams, those whose pieces come
 * earliest. Whoever finds no children there opens one more substream after a while.
 */
import type { Millis } from '../engine.ts';

/** Children of one viewer in one substream. */
export const FAN_OUT = 12;
/** ... but hardly more than this share of its neighbours: the others have parents that suit them better. */
const REACHED_SHARE = 0.6;
/** Below this share of its places nobody has to be thrifty. */
const SCARCE_SHARE = 0.7;
/** A place that nobody has taken for this long is offered in one more substream. */
const UNTAKEN_MS = 2_000;

/** How far the places are used. */
export interface Places {
  readonly offered: number;
  readonly taken: number;
  /** Substreams with children. */
  readonly begun: number;
  /** Who could take them. */
  readonly neighbours: number;
}

/** Substreams in which so many places find children. */
const neededFor = ({ offered, neighbours }: Places): number =>
  Math.ceil(offered / Math.min(FAN_OUT, Math.max(1, neighbours * REACHED_SHARE)));

export class Breadth {
  #extra = 0;
  #fullAt: Millis = Number.NEGATIVE_INFINITY;

  /** Looks at the places from time to time. */
  look(now: Millis, places: Places): void {
    const needed = neededFor(places);
    if (places.taken >= places.offered) {
      this.#fullAt = now;
    } else if (places.begun < needed) {
      this.#fullAt = now;
      this.#extra = 0;
    } else if (now - this.#fullAt > UNTAKEN_MS) {
      this.#fullAt = now;
      this.#extra = places.begun - needed + 1;
    }
  }

  /** So many substreams that have no children yet may get some. */
  more(places: Places): number {
    if (places.taken < places.offered * SCARCE_SHARE) return Number.POSITIVE_INFINITY;
    return Math.max(0, neededFor(places) + this.#extra - places.begun);
  }
}
