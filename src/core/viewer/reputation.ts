/**
 * How far a neighbour's word is worth. Until it has sent something in time it is a stranger: what it promises and does not
 * keep costs it a rest, longer each time, whatever its status says. Who has proved itself is judged substream by substream
 * elsewhere.
 */
import type { Millis } from '../engine.ts';

/** A first broken promise costs so long; each further one three times as much. */
const REST_MIN_MS = 4_000;
const REST_GROWTH = 3;
const REST_MAX_MS = 120_000;
/** What breaks within so long breaks for one reason. */
const SAME_REASON_MS = 1_000;
/** Who has sent so many pieces in time keeps its promises on the whole. */
const PROVEN_BY = 2;
/** A stranger that has broken so many promises is of no use. */
const HOPELESS_AT = 3;

export class Reputation {
  #served = 0;
  #broken = 0;
  #brokenAt: Millis = Number.NEGATIVE_INFINITY;
  #restUntil: Millis = Number.NEGATIVE_INFINITY;

  /** A piece came from it in time. */
  served(): void {
    this.#served++;
    if (this.isProven) this.#restUntil = Number.NEGATIVE_INFINITY;
  }

  /** What it had accepted to send, or said it holds, did not come. */
  broke(now: Millis): void {
    if (this.isProven || now - this.#brokenAt < SAME_REASON_MS) return;
    this.#brokenAt = now;
    this.#restUntil = now + Math.min(REST_MAX_MS, REST_MIN_MS * REST_GROWTH ** this.#broken);
    this.#broken++;
  }

  /** Whether it may be asked for something now. */
  isTrusted(now: Millis): boolean {
    return now >= this.#restUntil;
  }

  /** Whether it has been of use. */
  get isProven(): boolean {
    return this.#served >= PROVEN_BY;
  }

  /** Whether its place is worth more than it is. */
  get isHopeless(): boolean {
    return !this.isProven && this.#broken >= HOPELESS_AT;
  }
}
