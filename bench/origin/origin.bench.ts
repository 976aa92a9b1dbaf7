/**
 * `bench origin`: what it costs to send one ingest to many HTTP-FLV viewers, beside Node-Media-Server on the same work and
 * nginx that proxies the same response; how much later viewers get what the source sends; how fast slicing is.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { samplePath } from '../../server/src/assets.ts';
import { type Bench, type Figures, type Run, tidy } from '../harness/bench.ts';
import { Child } from '../harness/child.ts';
import { median, quantile } from '../harness/quantiles.ts';
import { addedDelays, startPacedSource } from './added-delay.ts';
import { type Cost, measureCost, type Served } from './egress-cost.ts';
import { startNginx } from './nginx.ts';
import { sliceSignRate } from './slicing.ts';

interface Place {
  readonly url: string;
  readonly rtmpUrl: string;
}

const PATH = '/live/bench';
/** Viewers beyond whom the server puts pieces together. */
const CROWD = 100;

const push = (rtmpUrl: string): ChildProcess => {
  const args = ['-v', 'error', '-re', '-stream_loop', '-1', '-i', samplePath(), '-c', 'copy', '-f', 'flv'];
  return spawn('ffmpeg', [...args, `${rtmpUrl}${PATH}`], { stdio: 'ignore' });
};

const perGbit = ({ cpuSec, gbit }: Cost): number => cpuSec / gbit;
const costPerGbit = (costs: readonly Cost[]): number => median(costs.map(perGbit));

/** How many times ours another server costs: round by round, since both of a round had the same machine. */
const timesOurs = (theirs: readonly Cost[], ours: readonly Cost[]): number =>
  median(theirs.map((cost, round) => perGbit(cost) / perGbit(ours[round] ?? cost)));

/** Every server in turn, round by round: the machine's moods are shared. */
const compare = async (run: Run, served: readonly Served[], readers: Child): Promise<ReadonlyMap<string, Cost[]>> => {
  const load = { readers: run.number('viewers'), seconds: run.number('seconds') };
  const costs = new Map<string, Cost[]>(served.map(({ name }) => [name, []]));
  for (let round = 0; round < run.number('rounds'); round++) {
    for (const each of served) {
      const cost = await measureCost(each, readers, load);
      costs.get(each.name)?.push(cost);
      run.say(`${each.name}: ${cost.cpuSec.toFixed(2)} s for ${cost.gbit.toFixed(3)} Gbit`);
    }
  }
  return costs;
};

const measureCosts = async (run: Run, folder: string): Promise<Figures> => {
  const [shoal, rival, readers] = [
    new Child('origin/server'),
    new Child('origin/node-media-server'),
    new Child('origin/readers'),
  ];
  const encoders: ChildProcess[] = [];
  try {
    const ours = await shoal.ask<Place>({ sources: {} });
    const theirs = await rival.ask<Place>({ folder });
    encoders.push(push(ours.rtmpUrl), push(theirs.rtmpUrl));
    const nginx = await startNginx(join(folder, 'nginx'), ours.url);
    const served: Served[] = [
      { name: 'shoal', url: `${ours.url}${PATH}.flv`, pid: shoal.pid },
      { name: 'node-media-server', url: `${theirs.url}${PATH}.flv`, pid: rival.pid },
      ...(nginx === undefined ? [] : [{ name: 'nginx', url: `${nginx.url}${PATH}.flv`, pid: nginx.pid }]),
    ];
    try {
      await Promise.all(served.map(({ url }) => untilServed(url)));
      const costs = await compare(run, served, readers);
      const [own = [], rivals = [], proxy] = served.map(({ name }) => costs.get(name) ?? []);
      return {
        cpuSecPerGbit: tidy(costPerGbit(own)),
        vsNodeMediaServer: tidy(timesOurs(rivals, own)),
        ...(proxy === undefined ? {} : { vsNginxProxy: tidy(timesOurs(proxy, own)) }),
        nodeMediaServerCpuSecPerGbit: tidy(costPerGbit(rivals)),
        viewersPerCore: Math.round(viewersPerCore(own, run)),
      };
    } finally {
      nginx?.close();
    }
  } finally {
    for (const encoder of encoders) encoder.kill('SIGKILL');
    for (const child of [shoal, rival, readers]) child.close();
  }
};

const viewersPerCore = (costs: readonly Cost[], run: Run): number =>
  run.number('viewers') / (median(costs.map(({ cpuSec }) => cpuSec)) / run.number('seconds'));

/** An encoder takes a moment to connect. */
const untilServed = async (url: string): Promise<void> => {
  for (let attempt = 0; ; attempt++) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(5000) }).catch(() => undefined);
    const first = await answer?.body
      ?.getReader()
      .read()
      .catch(() => undefined);
    if (answer?.ok === true && first?.done === false) return;
    if (attempt === 60) throw new Error(`${url} is not served`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
};

const measureDelays = async (run: Run): Promise<Figures> => {
  const source = await startPacedSource();
  const [shoal, readers] = [new Child('origin/server'), new Child('origin/readers')];
  try {
    const { url } = await shoal.ask<Place>({ upstream: source.url, rtmpPort: 'off' });
    const seconds = run.number('seconds');
    const [direct, served] = [`${source.url}${PATH}.flv`, `${url}${PATH}.flv`];
    const delays = await addedDelays(direct, served, seconds);
    await readers.ask({ read: served, readers: CROWD });
    const crowded = await addedDelays(direct, served, seconds);
    if (Math.min(delays.length, crowded.length) < 100) throw new Error('too few frames arrived');
    return {
      addedSourceDelayMsP50: tidy(quantile(delays, 0.5)),
      addedSourceDelayMsP95: tidy(quantile(delays, 0.95)),
      crowdedSourceDelayMsP50: tidy(quantile(crowded, 0.5)),
      crowdedSourceDelayMsP95: tidy(quantile(crowded, 0.95)),
      framesCompared: delays.length,
    };
  } finally {
    for (const child of [shoal, readers]) child.close();
    source.close();
  }
};

/** The benchmark. */
export const origin: Bench = {
  about: 'one ingest to many plain viewers: processor time, added delay, slicing',
  options: { viewers: 500, seconds: 15, rounds: 3 },
  async run(run) {
    const folder = mkdtempSync(join(tmpdir(), 'shoal-bench-origin-'));
    try {
      const sliceSignMBps = tidy(await sliceSignRate(3));
      const delays = await measureDelays(run);
      return { ...(await measureCosts(run, folder)), ...delays, sliceSignMBps };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  goals: () => [
    { figure: 'vsNodeMediaServer', is: 'at least', value: 3 },
    { figure: 'addedSourceDelayMsP50', is: 'at most', value: 50 },
    { figure: 'addedSourceDelayMsP95', is: 'at most', value: 100 },
  ],
};
