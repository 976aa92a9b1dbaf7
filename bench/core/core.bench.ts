/**
 * `bench core`: the byte core against mpegts.js's demuxer and WebCrypto, in one run in a worker of Chromium; what the
 * relay path allocates, counted in Node; sizes.
 */
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { FlvLoop } from '../../server/src/sources/flv-loop.ts';
import { projectRoot } from '../../tools/files.ts';
import { askWorker, wasmPath } from '../harness/ask-worker.ts';
import type { Bench } from '../harness/bench.ts';
import { tidy } from '../harness/bench.ts';
import { headerShares } from './header-shares.ts';
import { countRelayAllocations } from './relay-allocations.ts';

const samplePath = `${projectRoot}/server/media/sample.flv`;

/** Some minutes of the bundled sample as one stream. */
const longSample = (seconds: number): Buffer => {
  const loop = new FlvLoop(readFileSync(samplePath));
  return Buffer.concat([loop.preamble, loop.take(seconds * 1000)]);
};

const inWorker = (order: { rounds: number; sampleMs: number }) =>
  askWorker('bench/core/core.worker.ts', order, { '/stream.flv': { type: 'video/x-flv', body: longSample(64) } });

/** The benchmark. */
export const core: Bench = {
  about: 'byte core against mpegts.js and WebCrypto (Chromium worker, one core)',
  options: { rounds: 9, sampleMs: 40 },
  async run(run) {
    run.say('timing in a Chromium worker');
    const timed = await inWorker({ rounds: run.number('rounds'), sampleMs: run.number('sampleMs') });
    const wasmGzipBytes = gzipSync(readFileSync(wasmPath), { level: 9 }).length;
    const shares = await headerShares(readFileSync(wasmPath), longSample(64));
    run.say('counting what the relay path allocates');
    const allocations = await countRelayAllocations(readFileSync(wasmPath));
    for (const [site, times] of allocations.sites) run.say(`  ${times} x ${site}`);
    const rounded = Object.entries({ ...timed, ...allocations.figures, ...shares }).map(([name, value]) => [
      name,
      typeof value === 'number' ? tidy(value) : value,
    ]);
    return { ...Object.fromEntries(rounded), wasmGzipBytes };
  },
  goals: () => [
    { figure: 'flvScanVsMpegts', is: 'at least', value: 4 },
    { figure: 'piecePathVsKernels', is: 'at least', value: 0.9 },
    { figure: 'buffersAllocatedPerPiece', is: 'at most', value: 0 },
    { figure: 'wasmGzipBytes', is: 'at most', value: 60_000 },
    { figure: 'headerBytesPercent', is: 'at most', value: 2 },
  ],
};
