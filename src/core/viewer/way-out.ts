/**
 * How much longer our words take to a neighbour than the quickest of them did. A round trip grows for many reasons: a
 * queue on our uplink or on the other's, a page here or there that is busy. On the way out only our uplink and the other's
 * page are left. Clocks differ, so only differences mean something, and since they drift the quickest is forgotten.
 */
import type { Millis } from '../engine.ts';
import { Quantiles } from '../kit/quantiles.ts';

/** Words in which a standing queue shows: those of a group of pictures, whose keyframe fills every uplink for a while. */
export const NEWEST_WORDS = 5;
export const QUEUE_WORDS_MIN = 3;
/** The quickest of this while and of the one before counts. */
const QUICKEST_LIFE_MS = 60_000;

/** What a status says of the word it answers, in ms of sixteen bits: when that was sent by our clock, and came by the other's. */
export interface Answered {
  readonly echo: number;
  readonly echoAgeMs: number;
  readonly stamp: number;
}

export class WayOut {
  readonly #newest = new Quantiles(NEWEST_WORDS);
  #last = 0;
  #first: number | undefined;
  #echo = -1;
  #quickest = Number.POSITIVE_INFINITY;
  #quickestBefore = Number.POSITIVE_INFINITY;
  #quickestSince: Millis = 0;

  answered(now: Millis, { echo, echoAgeMs, stamp }: Answered): void {
    // One word is often answered by several.
    if (echo === this.#echo) return;
    this.#echo = echo;
    const took = (stamp - echoAgeMs - echo) & 0xffff;
    this.#first ??= took;
    const longer = ((took - this.#first + 0x8000) & 0xffff) - 0x8000;
    if (now - this.#quickestSince > QUICKEST_LIFE_MS) {
      this.#quickestSince = now;
      this.#quickestBefore = this.#quickest;
      this.#quickest = longer;
    }
    this.#quickest = Math.min(this.#quickest, longer);
    this.#newest.add(longer);
    this.#last = longer;
  }

  /** The least of the newest, over the quickest. */
  get longerMs(): number {
    const low = this.#newest.at(0);
    if (low === undefined || this.#newest.count < QUEUE_WORDS_MIN) return 0;
    return low - Math.min(this.#quickest, this.#quickestBefore);
  }

  /** The last of them, over the quickest. */
  get lastMs(): number {
    return this.#first === undefined ? 0 : this.#last - Math.min(this.#quickest, this.#quickestBefore);
  }
}
