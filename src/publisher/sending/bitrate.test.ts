// The bitrate against a line that is only arithmetic: what is sent waits in a queue that a capacity empties.

import { expect, it } from 'vitest';
import { Bitrate } from './bitrate.ts';

const STEP_MS = 250;

/** Runs the line for some seconds with a capacity and answers the rates that were chosen. */
class Line {
  readonly bitrate = new Bitrate({ min: 100_000, max: 2_000_000 });
  #queuedBits = 0;
  #nowMs = 0;

  constructor(readonly roundTripMs: number) {}

  run(seconds: number, capacity: number): number[] {
    const rates: number[] = [];
    for (let step = 0; step < (seconds * 1000) / STEP_MS; step++) {
      this.#nowMs += STEP_MS;
      this.#queuedBits += (this.bitrate.current * STEP_MS) / 1000;
      const delivered = Math.min(this.#queuedBits, (capacity * STEP_MS) / 1000);
      this.#queuedBits -= delivered;
      // Beyond two seconds groups are dropped.
      const hasDropped = this.#queuedBits > capacity * 2;
      if (hasDropped) this.#queuedBits = 0;
      rates.push(
        this.bitrate.sample({
          nowMs: this.#nowMs,
          lagMs: this.roundTripMs + (this.#queuedBits * 1000) / capacity,
          deliveredBitsPerSec: (delivered * 1000) / STEP_MS,
          hasDropped,
        }),
      );
    }
    return rates;
  }

  get queuedBits(): number {
    return this.#queuedBits;
  }
}

it('stays at its most on a line that is fast, however long its round trip', () => {
  for (const roundTripMs of [1, 150, 600]) {
    expect(new Set(new Line(roundTripMs).run(30, 5_000_000))).toEqual(new Set([2_000_000]));
  }
});

it('falls below a line that got slow, empties the queue, and rises again when the line is fast again', () => {
  const line = new Line(80);
  line.run(10, 5_000_000);
  const slow = line.run(20, 800_000);
  expect(Math.min(...slow)).toBeLessThan(800_000);
  expect(slow.at(-1)).toBeLessThanOrEqual(800_000 * 1.15);
  expect(line.queuedBits).toBeLessThan(800_000);
  const first = line.bitrate.current;
  const fast = line.run(10, 5_000_000);
  expect(fast.at(-1)).toBeGreaterThan(first);
  expect(line.run(120, 5_000_000).at(-1)).toBe(2_000_000);
});

it('never leaves its bounds', () => {
  const line = new Line(50);
  line.run(5, 5_000_000);
  expect(line.run(60, 20_000).at(-1)).toBe(100_000);
});

it('lowers once for one delay, not at every look', () => {
  const bitrate = new Bitrate({ min: 1, max: 1000 });
  const at = (nowMs: number, lagMs: number) =>
    bitrate.sample({ nowMs, lagMs, deliveredBitsPerSec: 1_000_000, hasDropped: false });
  at(0, 50);
  expect([at(250, 900), at(500, 900), at(750, 900), at(1000, 900), at(1250, 900)]).toEqual([750, 750, 750, 750, 563]);
});
