/**
 * A viewer that sends broken pieces. Nothing in the SDK helps with it: the test reaches into the page and its workers and
 * falsifies what leaves their data channels.
 */
import { PART_FRAME } from '../wire/piece.ts';
import type { Page, PageWorker } from './playwright.ts';

/** Where a falsified send counts. */
interface Falsifier {
  told: number;
  stop(): void;
}

/** Runs in page and worker: flips the last bit of every part of a piece that is sent. */
const falsify = (partFrame: number): void => {
  const key = Symbol.for('shoal.swarm-test.corruption');
  const place = globalThis as unknown as Record<symbol, Falsifier | undefined>;
  if (globalThis.RTCDataChannel === undefined || place[key] !== undefined) return;
  const honest = RTCDataChannel.prototype.send as (this: RTCDataChannel, data: unknown) => void;
  const falsifier: Falsifier = {
    told: 0,
    stop() {
      Object.assign(RTCDataChannel.prototype, { send: honest });
      place[key] = undefined;
    },
  };
  place[key] = falsifier;
  Object.assign(RTCDataChannel.prototype, {
    send(this: RTCDataChannel, data: unknown) {
      if (!(data instanceof Uint8Array) || data[0] !== partFrame) return honest.call(this, data);
      const copy = data.slice();
      copy[copy.length - 1] = (copy[copy.length - 1] ?? 0) ^ 1;
      falsifier.told += 1;
      return honest.call(this, copy);
    },
  });
};

const toldSoFar = (): number => {
  const place = globalThis as unknown as Record<symbol, Falsifier | undefined>;
  return place[Symbol.for('shoal.swarm-test.corruption')]?.told ?? 0;
};

const stopFalsifying = (): void => {
  const place = globalThis as unknown as Record<symbol, Falsifier | undefined>;
  place[Symbol.for('shoal.swarm-test.corruption')]?.stop();
};

/** Runs something in the page and in each of its workers. */
const everywhere = <R>(page: Page, run: (partFrame: number) => R): Promise<Awaited<R>[]> =>
  Promise.all([page.evaluate(run, PART_FRAME), ...page.workers().map((worker) => worker.evaluate(run, PART_FRAME))]);

/** The lies of one page. */
export class Corruption {
  readonly #page: Page;
  readonly #begin = (worker: PageWorker): void => {
    // A worker that ends meanwhile tells no more lies.
    worker.evaluate(falsify, PART_FRAME).catch(() => undefined);
  };

  private constructor(page: Page) {
    this.#page = page;
  }

  /** From now on every piece that the page and its workers send is broken. */
  static async begin(page: Page): Promise<Corruption> {
    const corruption = new Corruption(page);
    page.on('worker', corruption.#begin);
    await everywhere(page, falsify);
    return corruption;
  }

  /** Broken parts of pieces that were sent so far. */
  async told(): Promise<number> {
    const counts = await everywhere(this.#page, toldSoFar);
    return counts.reduce((sum, count) => sum + count, 0);
  }

  /** What is sent from now on is honest again. */
  async end(): Promise<void> {
    this.#page.off('worker', this.#begin);
    await everywhere(this.#page, stopFalsifying);
  }
}
