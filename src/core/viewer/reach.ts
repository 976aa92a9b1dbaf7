/**
 * How many links a viewer keeps up. A few are enough where they have room for it; whoever still has to be fed by the
 * origin for long looks beyond them, two at a time and more and more seldom, as far as its policy goes. So those with
 * free places and those who need them meet, and a swarm that has fallen into parts grows together again.
 */
import type { Millis } from '../engine.ts';
import type { Random } from '../kit/random.ts';
import type { Feed } from './feed.ts';

/** Neighbours wanted; more are accepted up to the policy's limit. */
export const NEIGHBOURS_WANTED = 8;
/**
 * Of the policy's limit this share is wanted at most: whoever comes later finds room then. Where everybody dials up to its limit
 * the first few fill each other's places, and a swarm falls into parts that never meet.
 */
const WANTED_SHARE = 0.5;
/** Looked for beyond that at once. */
export const BEYOND_STEP = 2;
export const BEYOND_MIN_MS = 4_000;
export const BEYOND_MAX_MS = 15_000;
export const BEYOND_GROWTH = 1.5;

/** Whoever is fed by the origin for this long needs other neighbours. */
export const STARVING_MS = 4_000;

/** Whether the origin feeds us for long, where nobody depends on it that we get pieces first. */
export const isStarving = (now: Millis, feeds: readonly Feed[]): boolean =>
  feeds.some(
    (feed) =>
      feed.source === 'origin' &&
      feed.children === 0 &&
      feed.trial === undefined &&
      now - feed.sourceSince > STARVING_MS,
  );

export class Reach {
  readonly #random: Random;
  #beyond = 0;
  #at: Millis = 0;
  #everyMs = BEYOND_MIN_MS;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Links there should be, of so many at most. */
  links(limit: number): number {
    const few = Math.min(NEIGHBOURS_WANTED, limit, Math.max(1, Math.floor(limit * WANTED_SHARE)));
    return Math.max(few, Math.min(limit, this.#beyond));
  }

  /** Looks whether those there are suffice; true when more are wanted from now on. */
  look(now: Millis, links: number, isStarving: boolean): boolean {
    if (!isStarving) {
      this.#beyond = 0;
      this.#everyMs = BEYOND_MIN_MS;
      this.#at = Math.min(this.#at, now + BEYOND_MIN_MS);
      return false;
    }
    if (now < this.#at) return false;
    this.#at = now + this.#everyMs * this.#random.between(0.7, 1.3);
    this.#everyMs = Math.min(BEYOND_MAX_MS, this.#everyMs * BEYOND_GROWTH);
    this.#beyond = links + BEYOND_STEP;
    return true;
  }
}
