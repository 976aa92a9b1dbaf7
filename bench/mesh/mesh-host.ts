/**
 * A process full of viewers for `bench mesh`: joins and leaves by order, sums up what they did.
 */
import { readFile } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createNodeViewer, SHARE_ALL } from '../../src/carrier/node/node-viewer.ts';
import type { Viewer, ViewerStats } from '../../src/viewer/face.ts';
import { projectRoot } from '../../tools/files.ts';
import { ByteCore } from '../../wasm/abi.ts';
import { Histogram } from '../harness/histogram.ts';
import { notingCore } from './accepted-pieces.ts';
import type { HostAnswer, HostOrder, HostReport } from './host-messages.ts';

const SUMMED = [
  'originBytes',
  'neighbourBytes',
  'uploadedBytes',
  'missedDeadlines',
  'repairsFromOrigin',
  'repairsFromNeighbours',
  'piecesDuplicate',
] as const;
const NOW = ['fromOrigin', 'fromNeighbours', 'orphaned'] as const;
const DEADLINE_MS = 1000;

type Sums = Record<(typeof SUMMED)[number], number>;

const zero = (): Sums => Object.fromEntries(SUMMED.map((name) => [name, 0])) as Sums;

const add = (sums: Sums, stats: ViewerStats, sign: 1 | -1): void => {
  for (const name of SUMMED) sums[name] += sign * stats[name];
};

class Host {
  readonly #core: ByteCore;
  readonly #viewers = new Map<number, Viewer>();
  readonly #delays = new Histogram();
  readonly #late = monitorEventLoopDelay({ resolution: 5 });
  /** What viewers that left had done, less what everyone had done at `begin`. */
  #settled = zero();
  #fellBack = 0;

  constructor(core: ByteCore) {
    this.#core = notingCore(core, (delayMs) => this.#delays.add(delayMs));
    this.#late.enable();
  }

  obey(order: HostOrder): HostReport | undefined {
    switch (order.kind) {
      case 'join':
        return this.#join(order);
      case 'leave':
        return this.#leave(order.viewer);
      case 'begin':
        this.#settled = zero();
        for (const viewer of this.#viewers.values()) add(this.#settled, viewer.stats(), -1);
        this.#delays.clear();
        this.#late.reset();
        return undefined;
      case 'report':
        return this.#report();
    }
  }

  #join({
    viewer: id,
    url,
    tracker,
    neighbours = SHARE_ALL.neighbours,
  }: Extract<HostOrder, { kind: 'join' }>): undefined {
    const viewer = createNodeViewer({
      url,
      tracker,
      core: this.#core,
      policy: { ...SHARE_ALL, neighbours },
      deadlineMs: DEADLINE_MS,
      notice: ({ kind }) => {
        if (kind === 'fell-back') this.#fellBack++;
      },
    });
    this.#viewers.set(id, viewer);
    viewer.start();
  }

  #leave(id: number): undefined {
    const left = this.#viewers.get(id);
    if (left === undefined) return;
    add(this.#settled, left.stats(), 1);
    left.stop();
    this.#viewers.delete(id);
  }

  #report(): HostReport {
    const sums = { ...this.#settled };
    const now = { fromOrigin: 0, fromNeighbours: 0, orphaned: 0, neighbours: 0 };
    const faults: Record<string, number> = {};
    for (const viewer of this.#viewers.values()) {
      const stats = viewer.stats();
      add(sums, stats, 1);
      for (const name of NOW) now[name] += stats[name];
      now.neighbours += stats.neighbours.length;
      for (const [code, count] of Object.entries(stats.faults)) faults[code] = (faults[code] ?? 0) + (count ?? 0);
    }
    const loopLateMsP99 = this.#late.percentile(99) / 1e6;
    const fellBack = this.#fellBack;
    return {
      ...sums,
      ...now,
      faults,
      fellBack,
      loopLateMsP99,
      delays: this.#delays.bins(),
      viewers: this.#viewers.size,
    };
  }
}

const answer = (said: HostAnswer): void => void process.send?.(said);

const host = new Host(await ByteCore.load(await readFile(`${projectRoot}/wasm/dist/shoal.wasm`)));
process.on('message', (order: HostOrder) => {
  const report = host.obey(order);
  if (report !== undefined) answer({ kind: 'report', report });
});
process.on('disconnect', () => process.exit(0));
answer({ kind: 'ready' });
