/**
 * Named timers of an engine: each name is due at most once, and the next wake-up is their minimum, so no timer hides.
 * There are a handful of names, so they lie in two short lists: asking when the next is due costs nothing.
 */
import type { Millis } from '../engine.ts';

export class Timers<Name extends string> {
  readonly #names: Name[] = [];
  readonly #due: Millis[] = [];
  readonly #slacks: Millis[] = [];
  readonly #slack: (name: Name) => Millis;
  #next: Millis = Number.POSITIVE_INFINITY;

  /** @param slack how long a timer that is due may wait for something else to happen, so that it needs no wake-up of its own. */
  constructor(slack: (name: Name) => Millis = () => 0) {
    this.#slack = slack;
  }

  /** Due at this time, in place of any earlier setting. */
  set(name: Name, at: Millis): void {
    const place = this.#place(name);
    const before = this.#due[place] ?? Number.POSITIVE_INFINITY;
    this.#due[place] = at;
    if (at <= this.#next) this.#next = at;
    else if (before === this.#next) this.#next = this.#earliest();
  }

  /** Due at this time or at its present one, whichever is first. */
  hasten(name: Name, at: Millis): void {
    const place = this.#place(name);
    if (at >= (this.#due[place] ?? Number.POSITIVE_INFINITY)) return;
    this.#due[place] = at;
    if (at < this.#next) this.#next = at;
  }

  clear(name: Name): void {
    this.set(name, Number.POSITIVE_INFINITY);
  }

  /** When the earliest is due; Infinity when none is set. */
  next(): Millis {
    return this.#next;
  }

  /** When to wake up for them, if nothing happens before; Infinity when none is set. */
  wakeAt(): Millis {
    let earliest = Number.POSITIVE_INFINITY;
    for (let place = 0; place < this.#due.length; place++) {
      const at = (this.#due[place] ?? Number.POSITIVE_INFINITY) + (this.#slacks[place] ?? 0);
      if (at < earliest) earliest = at;
    }
    return earliest;
  }

  /** Takes out every timer that is due; the caller sets again what repeats. */
  expire(now: Millis): readonly Name[] {
    if (this.#next > now) return NONE;
    const expired: Name[] = [];
    for (let place = 0; place < this.#names.length; place++) {
      const name = this.#names[place];
      if (name === undefined || (this.#due[place] ?? Number.POSITIVE_INFINITY) > now) continue;
      expired.push(name);
      this.#due[place] = Number.POSITIVE_INFINITY;
    }
    this.#next = this.#earliest();
    return expired;
  }

  #place(name: Name): number {
    const place = this.#names.indexOf(name);
    if (place >= 0) return place;
    this.#due.push(Number.POSITIVE_INFINITY);
    this.#slacks.push(this.#slack(name));
    return this.#names.push(name) - 1;
  }

  #earliest(): Millis {
    let earliest = Number.POSITIVE_INFINITY;
    for (const at of this.#due) if (at < earliest) earliest = at;
    return earliest;
  }
}

const NONE: readonly never[] = [];
