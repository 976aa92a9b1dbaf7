/**
 * `bench mesh`: many viewers without screens over real data channels, behind delay and thin uplinks, with churn. The
 * same engine, sessions and links as in a browser, in a few processes.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer } from '../../server/src/index.ts';
import { type Bench, type Figures, type Run, tidy } from '../harness/bench.ts';
import { type PlainReader, readPlain } from '../harness/plain-reader.ts';
import { type ProcessorUse, watchProcessor } from '../harness/processor.ts';
import { type ImpairedWorld, impairedWorld } from '../impairment/world.ts';
import type { MeshStream } from './host-messages.ts';
import { Hosts, type MeshReport } from './hosts.ts';

const STREAM = '/live/demo';
const STREAM_BYTES_PER_SEC = 127_500;
/** Uplinks as multiples of the stream's rate, dealt out in turn: mean 3. */
const UPLINKS = [1, 3, 5, 2, 4];

interface Plan {
  readonly viewers: number;
  readonly seconds: number;
  readonly churnPercentPerMinute: number;
  readonly joinsPerSec: number;
  readonly settleSeconds: number;
  /** Most neighbours of a viewer. */
  readonly neighbours: number;
}

interface Stage {
  readonly world: ImpairedWorld;
  readonly hosts: Hosts;
  readonly plain: PlainReader;
  /** Origin-to-viewer bytes so far, control reader excluded. */
  originBytes(): number;
}

/** What was counted in the window. */
interface Found {
  readonly report: MeshReport;
  readonly originBytes: number;
  readonly plainBytes: number;
  /** Bytes that all viewers of each moment would have fetched without sharing. */
  readonly wantedBytes: number;
  readonly processor: ProcessorUse;
}

const runPlan = async (plan: Plan, stage: Stage, say: (text: string) => void): Promise<Found> => {
  const { world, hosts } = stage;
  const stream: MeshStream = {
    url: `${world.url}${STREAM}.flv`,
    tracker: `${world.url.replace('http', 'ws')}/tracker`,
    neighbours: plan.neighbours,
  };
  for (let joined = 0; joined < plan.viewers; joined++) {
    hosts.join(stream);
    await sleep(1000 / plan.joinsPerSec);
  }
  say(progress(0, await hosts.report()));
  await sleep(plan.settleSeconds * 1000);
  hosts.begin();
  const watch = watchProcessor({ server: process.pid, relay: world.relayPid ?? 0, ...hosts.pids });
  const origin = stage.originBytes();
  const plainFrom = stage.plain.bytes;
  let wantedBytes = 0;
  let seen = plainFrom;
  let churnDue = 0;
  for (let second = 1; second <= plan.seconds; second++) {
    await sleep(1000);
    wantedBytes += (stage.plain.bytes - seen) * hosts.viewers.length;
    seen = stage.plain.bytes;
    churnDue += (plan.viewers * plan.churnPercentPerMinute) / 6000;
    for (; churnDue >= 1; churnDue--) exchange(hosts, stream);
    if (second % 20 === 0) say(progress(second, await hosts.report()));
  }
  return {
    originBytes: stage.originBytes() - origin,
    plainBytes: stage.plain.bytes - plainFrom,
    wantedBytes,
    processor: watch(),
    report: await hosts.report(),
  };
};

/** One viewer leaves, another comes. */
const exchange = (hosts: Hosts, stream: MeshStream): void => {
  const { viewers } = hosts;
  const leaving = viewers[Math.floor(Math.random() * viewers.length)];
  if (leaving !== undefined) hosts.leave(leaving);
  hosts.join(stream);
};

const progress = (second: number, report: MeshReport): string => {
  const { fromOrigin, fromNeighbours, orphaned, viewers, neighbours, delays, fellBack } = report;
  const feeds = `${fromNeighbours} feeds from neighbours, ${fromOrigin} from the origin, ${orphaned} from nobody`;
  return `${second} s: ${feeds}; ${(neighbours / viewers).toFixed(1)} neighbours each; ${fellBack} fell back; delay p95 ${delays.at(0.95)} ms`;
};

const figuresOf = (plan: Plan, found: Found): Figures => {
  const { report, processor } = found;
  return {
    offload: tidy(1 - found.originBytes / found.wantedBytes),
    originCopies: tidy(found.originBytes / found.plainBytes),
    delayMsP50: report.delays.at(0.5),
    delayMsP95: report.delays.at(0.95),
    delayMsP99: report.delays.at(0.99),
    missedDeadlines: report.missedDeadlines,
    originRepairs: report.repairsFromOrigin,
    neighbourRepairs: report.repairsFromNeighbours,
    piecesAccepted: report.delays.count,
    piecesDuplicate: report.piecesDuplicate,
    receiptsDisagree: tidy(Math.abs(1 - report.originBytes / found.originBytes)),
    viewers: report.viewers,
    fellBack: report.fellBack,
    seconds: plan.seconds,
    churnPercentPerMinute: plan.churnPercentPerMinute,
    streamKbps: tidy((found.plainBytes * 8) / plan.seconds / 1000),
    neighboursPerViewer: tidy(report.neighbours / report.viewers),
    processorPercent: processor.machinePercent,
    processes: JSON.stringify(processor.processPercent),
    loopLateMsP99: tidy(report.loopLateMsP99),
    faults: JSON.stringify(report.faults),
  };
};

/** Server, world and hosts around a plan. */
export const runMesh = async (
  plan: Plan & { readonly rttMs: number; readonly hosts: number; readonly uplinks?: readonly number[] },
  run: Pick<Run, 'say'>,
): Promise<Figures> => {
  const { uplinks = UPLINKS } = plan;
  const server = await createServer({ host: '127.0.0.1', port: 0, maxPerAddress: 10_000 });
  const world = await impairedWorld({
    serverPort: server.port,
    rttMs: plan.rttMs,
    lossPercent: 0,
    uplinkOf: ({ index }) => (uplinks[index % uplinks.length] ?? 1) * STREAM_BYTES_PER_SEC,
  });
  const hosts = await Hosts.start(plan.hosts);
  const plain = await readPlain(`http://127.0.0.1:${server.port}${STREAM}.flv`);
  try {
    const originBytes = (): number => {
      const { 'pieces-ws': socket, 'pieces-http': http, piece, head } = server.egress().perForm;
      return socket + http + piece + head;
    };
    const found = await runPlan(plan, { world, hosts, plain, originBytes }, run.say);
    const relayed = await world.relayed();
    const dropped = relayed.uplinks.reduce((sum, uplink) => sum + uplink.dropped, 0);
    const dealt = `${uplinks.join(', ')} times the stream, dealt out in turn`;
    return { ...figuresOf(plan, found), uplinks: dealt, relayedPackets: relayed.packets, uplinkDrops: dropped };
  } finally {
    plain.close();
    hosts.close();
    world.close();
    await server.close();
  }
};

/** A process's one JavaScript thread does what ten viewers decide and still has time; its network threads are its own. */
const VIEWERS_PER_HOST = 10;

const hostsFor = (viewers: number): number => Math.max(2, Math.ceil(viewers / VIEWERS_PER_HOST));

/** The benchmark. */
export const mesh: Bench = {
  about: 'viewers over real data channels, thin uplinks, churn (all on one machine)',
  options: { viewers: 100, seconds: 120, churn: 5, rtt: 50, hosts: 0, joins: 2, settle: 10, neighbours: 16 },
  run: (run) =>
    runMesh(
      {
        viewers: run.number('viewers'),
        seconds: run.number('seconds'),
        churnPercentPerMinute: run.number('churn'),
        joinsPerSec: run.number('joins'),
        settleSeconds: run.number('settle'),
        neighbours: run.number('neighbours'),
        rttMs: run.number('rtt'),
        hosts: run.number('hosts') || hostsFor(run.number('viewers')),
      },
      run,
    ),
  goals: () => [
    { figure: 'offload', is: 'at least', value: 0.975 },
    { figure: 'delayMsP95', is: 'at most', value: 500 },
  ],
};
