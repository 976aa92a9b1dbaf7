/**
 * `bench engine`: what a busy viewer costs, as a share of one core: sixteen links, sixteen substreams, 4 Mbit/s in and
 * 12 Mbit/s out. A life is recorded in Node among real viewers and lived again in a worker of Chromium.
 */
import { readFileSync } from 'node:fs';
import { ByteCore } from '../../wasm/abi.ts';
import { askWorker, wasmPath } from '../harness/ask-worker.ts';
import type { Bench } from '../harness/bench.ts';
import { tidy } from '../harness/bench.ts';
import { recordBusyViewer } from './record.ts';

const inWorker = (recording: Uint8Array, order: { rounds: number }) =>
  askWorker('bench/engine/engine.worker.ts', order, {
    '/recording': { type: 'application/octet-stream', body: recording },
  });

/** The benchmark. */
export const engine: Bench = {
  about: 'a busy viewer: 16 links, K = 16, 4 Mbit/s in, 12 Mbit/s out (Chromium worker, one core)',
  options: { rounds: 7, links: 16, substreams: 16, kbps: 4_000, out: 12_000, seconds: 20, settle: 60 },
  async run(run) {
    run.say('recording a life among real viewers');
    const core = await ByteCore.load(readFileSync(wasmPath));
    const recording = recordBusyViewer(core, {
      links: run.number('links'),
      substreams: run.number('substreams'),
      kbps: run.number('kbps'),
      uploadBytesPerSec: (run.number('out') * 125 * SLOT_ROOM) / OFFERED_OF_CAP,
      settleMs: run.number('settle') * 1000,
      windowMs: run.number('seconds') * 1000,
    });
    run.say(`living it again in a Chromium worker (${Math.round(recording.length / 1e6)} MB)`);
    const figures = await inWorker(recording, { rounds: run.number('rounds') });
    return Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, tidy(value)]));
  },
  goals: () => [
    { figure: 'corePercent', is: 'at most', value: 3 },
    { figure: 'links', is: 'at least', value: 16 },
    { figure: 'inMbitPerSec', is: 'at least', value: 3.8 },
    { figure: 'outMbitPerSec', is: 'at least', value: 11.4 },
    { figure: 'outAsRecorded', is: 'at least', value: 0.98 },
  ],
};

/** Children get this share of a page's cap, and each is counted with what packets add. */
const OFFERED_OF_CAP = 0.85;
const SLOT_ROOM = 1.1;
