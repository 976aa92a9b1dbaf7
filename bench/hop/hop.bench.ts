/**
 * `bench hop`: how long an 8 KiB piece takes over one link, per WebRTC stack, behind a round trip. A piece in one send
 * would take another whole round trip; in parts it must not.
 */
import { createNodePeer } from '../../src/carrier/node/datachannel-peer.ts';
import { createNodePeer as createWrtcPeer } from '../../src/carrier/node/simple-peer.ts';
import type { CreatePeer } from '../../src/carrier/peer-dial.ts';
import { type Bench, type Figures, type Run, tidy } from '../harness/bench.ts';
import { startTabs } from '../harness/browser.ts';
import { bundle } from '../harness/bundle.ts';
import { servePages } from '../harness/page-server.ts';
import { median, quantile } from '../harness/quantiles.ts';
import { NetRelay } from '../impairment/netrelay.ts';
import { SignalPaths } from '../impairment/signal-paths.ts';
import { type HopOrder, type HopSamples, measureHops } from './hops.ts';

type Carry = (from: 'a' | 'b', data: string) => Promise<string>;

const inNode =
  (createPeer: CreatePeer) =>
  (order: HopOrder, carry: Carry): Promise<HopSamples> =>
    measureHops(order, { createPeer, carry });

const inChromium = async (order: HopOrder, carry: Carry): Promise<HopSamples> => {
  const server = await servePages({
    '/': { type: 'text/html', body: '<!doctype html><script type="module" src="/page.js"></script>' },
    '/favicon.ico': { type: 'image/x-icon', body: '' },
    '/page.js': { type: 'text/javascript', body: await bundle('bench/hop/hop-page.ts') },
  });
  const tabs = await startTabs();
  try {
    const tab = await tabs.open(`${server.url}/`);
    await tab.exposeFunction('carrySignal', carry);
    return await tab.evaluate((sent) => window.runHops(sent), order);
  } finally {
    await tabs.close();
    server.close();
  }
};

/** Names both sides in the relay and rewrites what they signal. */
const behindRelay = async (paths: SignalPaths, stack: string): Promise<Carry> => {
  const names = { a: `${stack} a`, b: `${stack} b` };
  await paths.join(names.a, 0);
  await paths.join(names.b, 0);
  return async (from, data) => paths.rewrite({ from: names[from], to: names[from === 'a' ? 'b' : 'a'], dial: 1 }, data);
};

const figuresOf = (stack: string, { hopsMs, roundTripsMs }: HopSamples): Figures => ({
  [`${stack}HopMs`]: tidy(median(hopsMs)),
  [`${stack}HopMsP95`]: tidy(quantile(hopsMs, 0.95)),
  [`${stack}RttMs`]: tidy(median(roundTripsMs)),
  [`${stack}Pieces`]: hopsMs.length,
});

const stacks = { chromium: inChromium, datachannel: inNode(createNodePeer), wrtc: inNode(createWrtcPeer) } as const;

/** All stacks, one after the other, through one relay. */
export const measureStacks = async (
  run: Pick<Run, 'number' | 'say'>,
  names: readonly (keyof typeof stacks)[],
): Promise<Figures> => {
  const rttMs = run.number('rtt');
  const relay = NetRelay.start({ rttMs, lossPercent: 0 });
  const paths = new SignalPaths(relay);
  const order = { pieces: run.number('pieces'), everyMs: run.number('everyMs') };
  let figures: Figures = { rttMs };
  const medians: number[] = [];
  try {
    for (const name of names) {
      run.say(`${order.pieces} pieces over ${name}`);
      const samples = await stacks[name](order, await behindRelay(paths, name));
      if (samples.hopsMs.length < order.pieces / 2) throw new Error(`${name}: most pieces were lost`);
      medians.push(median(samples.hopsMs));
      figures = { ...figures, ...figuresOf(name, samples) };
    }
  } finally {
    relay.close();
  }
  return { hopMs: tidy(Math.max(...medians)), ...figures };
};

/** The benchmark; `hopMs` is the slowest stack's median. */
export const hop: Bench = {
  about: 'one-way delay of an 8 KiB piece over a link, by WebRTC stack',
  options: { rtt: 50, pieces: 60, everyMs: 150 },
  run: (run) => measureStacks(run, ['chromium', 'datachannel', 'wrtc']),
  goals: ({ rttMs }) => [{ figure: 'hopMs', is: 'at most', value: Number(rttMs) / 2 + 10 }],
};
