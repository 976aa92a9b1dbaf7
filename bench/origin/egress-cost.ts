/**
 * What it costs a server to send one stream to many: processor time of its process per gigabit that readers got.
 */

import type { Child } from '../harness/child.ts';
import { watchProcessor } from '../harness/processor.ts';

/** A server and the response it is asked for. */
export interface Served {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
}

/** How long and by how many. */
export interface Load {
  readonly readers: number;
  readonly seconds: number;
}

/** What one measurement found. */
export interface Cost {
  readonly cpuSec: number;
  readonly gbit: number;
}

interface Count {
  readonly bytes: number;
  readonly alive: number;
}

const SETTLE_MS = 2000;
const ATTEMPTS = 100;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Reads with all readers for a while. */
export const measureCost = async ({ name, url, pid }: Served, readers: Child, load: Load): Promise<Cost> => {
  await readers.ask<Count>({ read: url, readers: load.readers });
  for (let attempt = 0; ; attempt++) {
    const { alive } = await readers.ask<Count>({ count: true });
    if (alive === load.readers) break;
    if (attempt === ATTEMPTS) throw new Error(`${name}: ${alive} of ${load.readers} readers are served`);
    await pause(100);
  }
  await pause(SETTLE_MS);
  const used = watchProcessor({ server: pid });
  const began = performance.now();
  const before = await readers.ask<Count>({ count: true });
  await pause(load.seconds * 1000);
  const after = await readers.ask<Count>({ count: true });
  const seconds = (performance.now() - began) / 1000;
  const percent = used().processPercent.server ?? Number.NaN;
  await readers.ask<Count>({ stop: true });
  if (after.alive !== load.readers) throw new Error(`${name}: ${load.readers - after.alive} readers were cut off`);
  return { cpuSec: (percent * seconds) / 100, gbit: ((after.bytes - before.bytes) * 8) / 1e9 };
};
