/**
 * `bench sizing`: what a server process spends on each viewer: memory, messages, and processor time for bytes and for the
 * tracker. The figures of docs/operations.md.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { ServerProcess } from '../../server/src/testing/server-process.ts';
import { ByteCore } from '../../wasm/abi.ts';
import { type Bench, type Figures, type Run, tidy } from '../harness/bench.ts';
import { watchProcessor } from '../harness/processor.ts';
import { gatherCrowd } from './tracker-crowd.ts';

const PATH = '/live/demo';
const PAGE_BYTES = 4096;
const SETTLE_MS = 3000;
const PER = 1000;

const memoryOf = async (pid: number): Promise<number> =>
  Number((await readFile(`/proc/${pid}/statm`, 'latin1')).split(' ')[1]) * PAGE_BYTES;

const cpuOf = (watch: ReturnType<typeof watchProcessor>): number => (watch().processPercent.server ?? Number.NaN) / 100;

/** What readers of everything cost. */
const measureReaders = async (flags: readonly string[], count: number, seconds: number): Promise<Figures> => {
  const server = await ServerProcess.start([...flags, '--max-per-address', '1000000']);
  let bytes = 0;
  const sockets: WebSocket[] = [];
  try {
    const first = open(server.url, (length) => {
      bytes += length;
    });
    sockets.push(first);
    await sleep(SETTLE_MS);
    const memoryBefore = await memoryOf(server.pid);
    for (let n = 1; n < count; n++) {
      sockets.push(
        open(server.url, (length) => {
          bytes += length;
        }),
      );
    }
    await sleep(SETTLE_MS);
    const watch = watchProcessor({ server: server.pid });
    const from = bytes;
    await sleep(seconds * 1000);
    const sent = bytes - from;
    const cpu = cpuOf(watch);
    const memory = (await memoryOf(server.pid)) - memoryBefore;
    return {
      readers: count,
      readersMbitPerSec: tidy((sent * 8) / seconds / 1e6),
      cpuSecPerGbit: tidy((cpu * seconds) / ((sent * 8) / 1e9)),
      memoryKBPerReader: tidy(memory / (count - 1) / 1024),
    };
  } finally {
    for (const socket of sockets) socket.terminate();
    await server.kill();
  }
};

const open = (url: string, got: (length: number) => void): WebSocket => {
  const socket = new WebSocket(`${url.replace('http', 'ws')}${PATH}.pieces`, { perMessageDeflate: false });
  socket.on('message', (data: Buffer) => got(data.length));
  socket.on('error', () => undefined);
  return socket;
};

/** What viewers at the tracker cost. */
const measureTracker = async (
  flags: readonly string[],
  { name, count, seconds }: { readonly name: string; readonly count: number; readonly seconds: number },
): Promise<Figures> => {
  const server = await ServerProcess.start([...flags, '--max-per-address', '1000000']);
  const core = await ByteCore.load(await readFile('wasm/dist/shoal.wasm'));
  // Somebody watches, so that there is something to prove.
  const watching = open(server.url, () => undefined);
  try {
    await sleep(SETTLE_MS);
    const memoryBefore = await memoryOf(server.pid);
    const idle = watchProcessor({ server: server.pid });
    await sleep(SETTLE_MS);
    const idleCpu = cpuOf(idle);
    const crowd = await gatherCrowd(core, server.url, PATH, count);
    try {
      await sleep(SETTLE_MS);
      const watch = watchProcessor({ server: server.pid });
      const { said, heard } = crowd;
      await sleep(seconds * 1000);
      const cpu = cpuOf(watch) - idleCpu;
      const memory = (await memoryOf(server.pid)) - memoryBefore;
      return {
        [`${name}Viewers`]: count,
        [`${name}SaidPerViewerPerSec`]: tidy((crowd.said - said) / seconds / count),
        [`${name}HeardPerViewerPerSec`]: tidy((crowd.heard - heard) / seconds / count),
        [`${name}CpuPercentPer1000`]: tidy((cpu * 100 * PER) / count),
        [`${name}MemoryKBPerViewer`]: tidy(memory / count / 1024),
      };
    } finally {
      crowd.close();
    }
  } finally {
    watching.terminate();
    await server.kill();
  }
};

const runSizing = async (run: Run): Promise<Figures> => {
  const [readers, viewers, seconds] = [run.number('readers'), run.number('viewers'), run.number('seconds')];
  const folder = await mkdtemp(join(tmpdir(), 'shoal-sizing-'));
  try {
    const bytes = await measureReaders([], readers, seconds);
    run.say(JSON.stringify(bytes));
    const tracker = await measureTracker([], { name: 'tracker', count: viewers, seconds });
    run.say(JSON.stringify(tracker));
    const kept = ['--accounts-dir', join(folder, 'accounts')];
    const counted = await measureTracker(kept, { name: 'accounts', count: viewers, seconds });
    return { ...bytes, ...tracker, ...counted, seconds };
  } finally {
    await rm(folder, { recursive: true });
  }
};

/** The benchmark. */
export const sizing: Bench = {
  about: 'what a server process spends on each viewer',
  options: { readers: 100, viewers: 1000, seconds: 30 },
  run: runSizing,
  goals: () => [],
};
