/**
 * Named timers of an engine: each name is due at most once, and the next wake-up is their minimum, so no timer hides.
 * There are a handful of names, which all engines share, so an engine keeps one short list of times; when to look next is
 * remembered, since most of what happens moves no timer.
 */
import type { Millis } from '../engine.ts';

/** Names in the order in which those that are due together come out, and how long each may wait once it is due. */
export interface TimerTable<Name extends string> {
  readonly names: readonly Name[];
  /** So long a timer that is due waits for something else to happen, so that it needs no wake-up of its own. */
  readonly slackMs: readonly Millis[];
}

export class Timers<Name extends string> {
  readonly #table: TimerTable<Name>;
  readonly #due: Millis[];
  #next: Millis = Number.POSITIVE_INFINITY;
  /** NaN when it has to be worked out anew. */
  #wakeAt: Millis = Number.POSITIVE_INFINITY;

  constructor(table: TimerTable<Name>) {
    this.#table = table;
    this.#due = table.names.map(() => Number.POSITIVE_INFINITY);
  }

  /** Due at this time, in place of any earlier setting. */
  set(name: Name, at: Millis): void {
    const place = this.#table.names.indexOf(name);
    const before = this.#due[place] ?? Number.POSITIVE_INFINITY;
    this.#due[place] = at;
    this.#wakeAt = Number.NaN;
    if (at <= this.#next) this.#next = at;
    else if (before === this.#next) this.#next = this.#earliest();
  }

  /** Due at this time or at its present one, whichever is first. */
  hasten(name: Name, at: Millis): void {
    const place = this.#table.names.indexOf(name);
    if (at >= (this.#due[place] ?? Number.POSITIVE_INFINITY)) return;
    this.#due[place] = at;
    this.#wakeAt = Number.NaN;
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
    if (!Number.isNaN(this.#wakeAt)) return this.#wakeAt;
    const { slackMs } = this.#table;
    let earliest = Number.POSITIVE_INFINITY;
    for (let place = 0; place < this.#due.length; place++) {
      const at = (this.#due[place] ?? Number.POSITIVE_INFINITY) + (slackMs[place] ?? 0);
      if (at < earliest) earliest = at;
    }
    this.#wakeAt = earliest;
    return earliest;
  }

  /** Takes out every timer that is due; the caller sets again what repeats. */
  expire(now: Millis): readonly Name[] {
    if (this.#next > now) return NONE;
    const { names } = this.#table;
    const expired: Name[] = [];
    for (let place = 0; place < names.length; place++) {
      const name = names[place];
      if (name === undefined || (this.#due[place] ?? Number.POSITIVE_INFINITY) > now) continue;
      expired.push(name);
      this.#due[place] = Number.POSITIVE_INFINITY;
    }
    this.#next = this.#earliest();
    this.#wakeAt = Number.NaN;
    return expired;
  }

  #earliest(): Millis {
    let earliest = Number.POSITIVE_INFINITY;
    for (let place = 0; place < this.#due.length; place++) {
      const at = this.#due[place] ?? Number.POSITIVE_INFINITY;
      if (at < earliest) earliest = at;
    }
    return earliest;
  }
}

const NONE: readonly never[] = [];
