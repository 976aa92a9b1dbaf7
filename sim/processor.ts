/**
 * A processor that several pages share. Now and then it is busy with something else, a picture or another page, and
 * whatever comes for its pages meanwhile is looked at when that is over: messages, pieces and timers alike. So every round
 * trip an engine measures includes it.
 */
import type { Random } from '../src/core/kit/random.ts';

/** How busy a processor is. */
export interface Busyness {
  /** Lengths of the bursts in which it does something else, ms. */
  readonly burstMs: readonly [least: number, most: number];
  /** Share of the time that it does. */
  readonly share: number;
}

/** What the machines are like. */
export interface ProcessorOptions {
  /** Pages that share one processor. */
  readonly pages: number;
  readonly usual: Busyness;
  /** A page that opens takes whatever there is for so long, on every processor: its browser is one for all. */
  readonly opening: Busyness & { readonly forMs: number };
}

/** Eight tabs with pictures on two cores. */
export const BUSY_PROCESSORS: ProcessorOptions = {
  pages: 4,
  usual: { burstMs: [20, 150], share: 0.45 },
  opening: { burstMs: [100, 600], share: 0.85, forMs: 2_500 },
};

export class Processor {
  readonly #options: ProcessorOptions;
  readonly #random: Random;
  #busyFrom: number;
  #busyUntil: number;
  #openingUntil: number;

  constructor(options: ProcessorOptions, random: Random, now: number) {
    this.#options = options;
    this.#random = random;
    this.#busyFrom = now;
    this.#busyUntil = now;
    this.#openingUntil = now;
    this.#next();
  }

  /** A page opens, here or on another processor of the machine. */
  opens(now: number): void {
    this.#openingUntil = now + this.#options.opening.forMs;
    // What would have begun later begins now.
    if (this.#busyFrom <= now) return;
    this.#busyUntil = now;
    this.#next();
  }

  /** When something that comes now is looked at; asked with times that do not fall. */
  freeAt(now: number): number {
    while (this.#busyUntil <= now) this.#next();
    return now < this.#busyFrom ? now : this.#busyUntil;
  }

  #next(): void {
    const { usual, opening } = this.#options;
    const { burstMs, share } = this.#busyUntil < this.#openingUntil ? opening : usual;
    const [least, most] = burstMs;
    const idleMs = (((least + most) / 2) * (1 - share)) / share;
    this.#busyFrom = this.#busyUntil - idleMs * Math.log(1 - this.#random.unit());
    this.#busyUntil = this.#busyFrom + this.#random.between(least, most);
  }
}

/** Puts pages on processors in the order in which they are opened. */
export class Machines {
  readonly #options: ProcessorOptions | undefined;
  readonly #random: Random;
  readonly #processors: Processor[] = [];
  #pages = 0;

  /** @param options undefined: every page has a processor of its own that is never busy. */
  constructor(options: ProcessorOptions | undefined, random: Random) {
    this.#options = options;
    this.#random = random;
  }

  /** The processor of a page that is opened now. */
  open(now: number): Processor | undefined {
    if (this.#options === undefined) return undefined;
    for (const processor of this.#processors) processor.opens(now);
    if (this.#pages++ % this.#options.pages === 0)
      this.#processors.push(new Processor(this.#options, this.#random, now));
    return this.#processors.at(-1);
  }
}
