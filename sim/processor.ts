/**
 * A processor that several pages share. Now and then it is busy with something else, a picture or another page, and
 * whatever comes for its pages meanwhile is looked at when that is over: messages, pieces and timers alike. So every round
 * trip an engine measures includes it.
 */
import type { Random } from '../src/core/kit/random.ts';

/** What the machines are like. */
export interface ProcessorOptions {
  /** Pages that share one processor. */
  readonly pages: number;
  /** Lengths of the bursts in which it does something else, ms. */
  readonly burstMs: readonly [least: number, most: number];
  /** Share of the time that it does. */
  readonly busyShare: number;
}

/** Eight tabs with pictures on two cores. */
export const BUSY_PROCESSORS: ProcessorOptions = { pages: 4, burstMs: [20, 150], busyShare: 0.45 };

export class Processor {
  readonly #options: ProcessorOptions;
  readonly #random: Random;
  #busyFrom: number;
  #busyUntil: number;

  constructor(options: ProcessorOptions, random: Random, now: number) {
    this.#options = options;
    this.#random = random;
    this.#busyFrom = now;
    this.#busyUntil = now;
    this.#next();
  }

  /** When something that comes now is looked at; asked with times that do not fall. */
  freeAt(now: number): number {
    while (this.#busyUntil <= now) this.#next();
    return now < this.#busyFrom ? now : this.#busyUntil;
  }

  #next(): void {
    const { burstMs, busyShare } = this.#options;
    const [least, most] = burstMs;
    const idleMs = (((least + most) / 2) * (1 - busyShare)) / busyShare;
    this.#busyFrom = this.#busyUntil - idleMs * Math.log(1 - this.#random.unit());
    this.#busyUntil = this.#busyFrom + this.#random.between(least, most);
  }
}

/** Puts pages on processors in the order in which they are opened. */
export class Machines {
  readonly #options: ProcessorOptions | undefined;
  readonly #random: Random;
  #processor: Processor | undefined;
  #pages = 0;

  /** @param options undefined: every page has a processor of its own that is never busy. */
  constructor(options: ProcessorOptions | undefined, random: Random) {
    this.#options = options;
    this.#random = random;
  }

  /** The processor of a page that is opened now. */
  open(now: number): Processor | undefined {
    if (this.#options === undefined) return undefined;
    if (this.#pages++ % this.#options.pages === 0) this.#processor = new Processor(this.#options, this.#random, now);
    return this.#processor;
  }
}
