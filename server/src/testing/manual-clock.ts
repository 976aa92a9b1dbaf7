// A clock that stands still until a test turns it.

import type { Clock, Timer } from '../clock.ts';

interface Arranged {
  readonly at: number;
  readonly call: () => void;
}

/** See above. */
export class ManualClock implements Clock {
  #now = 0;
  readonly #arranged = new Set<Arranged>();

  constructor(private readonly wallStart = 1_700_000_000_000) {}

  now(): number {
    return this.#now;
  }

  wall(): number {
    return this.wallStart + Math.floor(this.#now);
  }

  after(ms: number, call: () => void): Timer {
    const arranged = { at: this.#now + Math.max(0, ms), call };
    this.#arranged.add(arranged);
    return { cancel: () => this.#arranged.delete(arranged) };
  }

  /** When the next timer is due, or undefined. */
  get nextDue(): number | undefined {
    return this.#earliest()?.at;
  }

  /** Turns the hands by this much; what becomes due is called in order. */
  advance(ms: number): void {
    const until = this.#now + ms;
    for (let due = this.#earliest(); due !== undefined && due.at <= until; due = this.#earliest()) {
      this.#arranged.delete(due);
      this.#now = Math.max(this.#now, due.at);
      due.call();
    }
    this.#now = until;
  }

  /** The process stands still for so long: what has become due is called late. */
  stall(ms: number): void {
    this.#now += ms;
    this.advance(0);
  }

  #earliest(): Arranged | undefined {
    let earliest: Arranged | undefined;
    for (const arranged of this.#arranged) if (earliest === undefined || arranged.at < earliest.at) earliest = arranged;
    return earliest;
  }
}
