/**
 * `bench accounts`: do the accounts of a server say what really crossed the lines? Viewers share a stream over real data
 * channels; proxies count every byte of origin and links. Beside them viewers lie in every way we know.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer, makeViewerToken, type ShoalServer } from '../../server/src/index.ts';
import { createNodeViewer, type NodeViewer } from '../../src/carrier/node/node-viewer.ts';
import { ByteCore } from '../../wasm/abi.ts';
import { type Bench, type Figures, type Run, tidy } from '../harness/bench.ts';
import { type ByteProxy, startByteProxy } from './byte-proxy.ts';
import { countedPeers } from './counted-peers.ts';
import { gatherLiars, type Liars } from './liars.ts';
import { UsefulBytes } from './useful-bytes.ts';

const PATH = '/live/demo';
const OTHER = '/live/other';
const APPS = [
  { id: 'honest', key: 'k', secret: 'secret of the honest' },
  { id: 'lying', key: 'k', secret: 'secret of the liars' },
] as const;
/** Reports come every five seconds, hand-ins with every third, and proofs lag behind by seconds. */
const SETTLE_SECONDS = 30;
const LIE_EVERY_SECONDS = 5;

/** What the accounts say of an app. */
interface Told {
  readonly originBytes: number;
  readonly neighbourBytes: number;
  readonly claimedBytes: number;
  readonly viewers: number;
}

/** A viewer, and the proxies around it. */
interface Watched {
  readonly viewer: NodeViewer;
  readonly proxy: ByteProxy;
  readonly links: UsefulBytes;
}

interface Stage {
  readonly source: ShoalServer;
  readonly server: ShoalServer;
  readonly watched: readonly Watched[];
  readonly liars: Liars;
}

/** What the proxies counted: the origin's bytes, those of neighbours that were of use, and all of neighbours. */
const countedOf = ({ watched }: Stage) => ({
  origin: watched.reduce((sum, { proxy }) => sum + proxy.bytes, 0),
  useful: watched.reduce((sum, { links }) => sum + links.useful, 0),
  all: watched.reduce((sum, { links }) => sum + links.all, 0),
});

const queryOf = (appId: 'honest' | 'lying'): string =>
  makeViewerToken({ appId, secret: APPS.find(({ id }) => id === appId)?.secret ?? '' });

const toldOf = async (server: ShoalServer, app: string): Promise<Told> => {
  const response = await fetch(`${server.url}/accounts?app=${app}&stream=${PATH}`);
  const { rows } = (await response.json()) as { rows: Told[] };
  const sum = (name: keyof Told): number => rows.reduce((total, row) => total + row[name], 0);
  return {
    originBytes: sum('originBytes'),
    neighbourBytes: sum('neighbourBytes'),
    claimedBytes: sum('claimedBytes'),
    viewers: sum('viewers'),
  };
};

/** Lets everybody watch, share and lie; then the source ends, so that what was counted and what is told can meet. */
const play = async (stage: Stage, { seconds, settleSeconds }: Plan, say: (text: string) => void): Promise<void> => {
  for (let second = 1; second <= seconds + settleSeconds; second++) {
    await sleep(1000);
    if (second % LIE_EVERY_SECONDS === 0) stage.liars.lie();
    if (second === seconds) await stage.source.close();
    if (second % 10 !== 0) continue;
    const { originBytes, neighbourBytes } = await toldOf(stage.server, 'honest');
    const counted = countedOf(stage);
    say(`${second} s: told ${originBytes} + ${neighbourBytes}, counted ${counted.origin} + ${counted.useful}`);
  }
};

const figuresOf = async (stage: Stage): Promise<Figures> => {
  const { server, watched, liars } = stage;
  const counted = countedOf(stage);
  const honest = await toldOf(server, 'honest');
  const lying = await toldOf(server, 'lying');
  const reportedBytes = honest.originBytes + honest.neighbourBytes;
  const countedBytes = counted.origin + counted.useful;
  return {
    reportedBytes,
    countedBytes,
    differencePercent: tidy(Math.abs(1 - reportedBytes / countedBytes) * 100),
    reportedOriginBytes: honest.originBytes,
    countedOriginBytes: counted.origin,
    reportedNeighbourBytes: honest.neighbourBytes,
    countedNeighbourBytes: counted.useful,
    uselessNeighbourBytes: counted.all - counted.useful,
    signedNeighbourBytes: honest.claimedBytes,
    viewers: watched.length,
    reportedViewers: honest.viewers,
    lyingViewers: liars.count,
    claimedByLiars: lying.claimedBytes,
    inflationAccepted: lying.neighbourBytes,
  };
};

const watch = async (port: number, core: ByteCore): Promise<Watched> => {
  const links = new UsefulBytes();
  const proxy = await startByteProxy(port, (bytes) => links.frame(bytes));
  const url = `${proxy.url}${PATH}.flv?${queryOf('honest')}`;
  return { viewer: createNodeViewer({ url, core, createPeer: countedPeers(links) }), proxy, links };
};

/** How long, and with how many. */
interface Plan {
  readonly viewers: number;
  readonly seconds: number;
  /** After the source has ended. */
  readonly settleSeconds: number;
}

/** The whole run. */
export const runAccounts = async (plan: Plan, say: (text: string) => void): Promise<Figures> => {
  const folder = await mkdtemp(join(tmpdir(), 'shoal-accounts-'));
  const apps = join(folder, 'apps.json');
  await writeFile(apps, JSON.stringify({ apps: APPS }));
  const source = await createServer({ host: '127.0.0.1', port: 0 });
  const upstream = `${source.url}/live/demo.flv`;
  const server = await createServer({
    host: '127.0.0.1',
    port: 0,
    apps,
    accountsDir: join(folder, 'accounts'),
    sources: { [PATH]: upstream, [OTHER]: upstream },
    maxPerAddress: 10_000,
  });
  const core = await ByteCore.load(await readFile('wasm/dist/shoal.wasm'));
  const watched: Watched[] = [];
  for (let n = 0; n < plan.viewers; n++) watched.push(await watch(server.port, core));
  for (const { viewer } of watched) viewer.start();
  const stageOfLies = { core, url: server.url, path: PATH, otherPath: OTHER, token: () => queryOf('lying') };
  const liars = await gatherLiars(stageOfLies);
  const stage = { source, server, watched, liars };
  try {
    await play(stage, plan, say);
    return await figuresOf(stage);
  } finally {
    liars.close();
    for (const { viewer, proxy } of watched) {
      viewer.stop();
      proxy.close();
    }
    await source.close();
    await server.close();
    await rm(folder, { recursive: true });
  }
};

/** The benchmark. */
export const accounts: Bench = {
  about: 'what the accounts say against what crossed the lines, among viewers that lie',
  options: { viewers: 8, seconds: 120 },
  run: (run: Run) =>
    runAccounts(
      { viewers: run.number('viewers'), seconds: run.number('seconds'), settleSeconds: SETTLE_SECONDS },
      (text) => run.say(text),
    ),
  goals: () => [
    { figure: 'differencePercent', is: 'at most', value: 0.5 },
    { figure: 'inflationAccepted', is: 'at most', value: 0 },
  ],
};
