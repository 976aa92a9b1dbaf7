/**
 * The contract of every decider in this room. Read this first.
 */

/** Milliseconds on a clock that never goes back. Its zero means nothing. */
export type Millis = number;

/**
 * A decider. It owns no clock, socket, promise or dice: the same inputs give the same outputs. After each `handle`,
 * drain `poll` until it returns undefined before the next `handle`; then arm one timer for `nextWakeup()` and hand in a
 * wake input when it fires. A misbehaving neighbour is an input like any other, never an exception.
 */
export interface Engine<I, O> {
  handle(now: Millis, input: I): void;
  poll(): O | undefined;
  /** When to hand in a wake; Infinity when nothing is due. */
  nextWakeup(): Millis;
}
