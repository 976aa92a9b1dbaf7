/**
 * `bench core`: the byte core against mpegts.js's demuxer and WebCrypto, in one run in a worker of Chromium; what the
 * relay path allocates, counted in Node; sizes.
 */
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { FlvLoop } from '../../server/src/sources/flv-loop.ts';
import { projectRoot } from '../../tools/files.ts';
import type { Bench, Figures } from '../harness/bench.ts';
import { tidy } from '../harness/bench.ts';
import { startTabs } from '../harness/browser.ts';
import { bundle } from '../harness/bundle.ts';
import { servePages } from '../harness/page-server.ts';
import type { CoreAnswer } from './core.worker.ts';
import { headerShares } from './header-shares.ts';
import { countRelayAllocations } from './relay-allocations.ts';

const wasmPath = `${projectRoot}/wasm/dist/shoal.wasm`;
const samplePath = `${projectRoot}/server/media/sample.flv`;

/** Some minutes of the bundled sample as one stream. */
const longSample = (seconds: number): Buffer => {
  const loop = new FlvLoop(readFileSync(samplePath));
  return Buffer.concat([loop.preamble, loop.take(seconds * 1000)]);
};

const inWorker = async (order: { rounds: number; sampleMs: number }): Promise<Figures> => {
  const page = `<!doctype html><script>window.ask = (order) => new Promise((resolve, reject) => {
    const worker = new Worker('/worker.js', { type: 'module' });
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage(order);
  });</script>`;
  const server = await servePages({
    '/': { type: 'text/html', body: page },
    '/favicon.ico': { type: 'image/x-icon', body: '' },
    '/worker.js': { type: 'text/javascript', body: await bundle('bench/core/core.worker.ts') },
    '/core.wasm': { type: 'application/wasm', body: readFileSync(wasmPath) },
    '/stream.flv': { type: 'video/x-flv', body: longSample(64) },
  });
  const tabs = await startTabs();
  try {
    const tab = await tabs.open(`${server.url}/`);
    const answer = (await tab.evaluate(
      (sent) => (window as unknown as { ask(order: unknown): Promise<unknown> }).ask(sent),
      order,
    )) as CoreAnswer;
    if ('error' in answer) throw new Error(answer.error);
    return answer.figures;
  } finally {
    await tabs.close();
    server.close();
  }
};

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
