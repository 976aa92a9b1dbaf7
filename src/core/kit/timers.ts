/**
 * Named timers of an engine: each name is due at most once, and the next wake-up is their minimum, so no timer hides.
 */
import type { Millis } from '../engine.ts';

export class Timers<Name extends string> {
  readonly #due = new Map<Name, Millis>();

  /** Due at this time, in place of any earlier setting. */
  set(name: Name, at: Millis): void {
    this.#due.set(name, at);
  }

  /** Due at this time or at its present one, whichever is first. */
  hasten(name: Name, at: Millis): void {
    const present = this.#due.get(name);
    if (present === undefined || at < present) this.#due.set(name, at);
  }

  clear(name: Name): void {
    this.#due.delete(name);
  }

  /** When the earliest is due; Infinity when none is set. */
  next(): Millis {
    let earliest = Number.POSITIVE_INFINITY;
    for (const at of this.#due.values()) if (at < earliest) earliest = at;
    return earliest;
  }

  /** Takes out every timer that is due; the caller sets again what repeats. */
  expire(now: Millis): Name[] {
    const expired: Name[] = [];
    for (const [name, at] of this.#due) {
      if (at <= now) expired.push(name);
    }
    for (const name of expired) this.#due.delete(name);
    return expired;
  }
}
