// Streams fetched through the page as through a proxy: the app SDKs' way, in Chromium.

import { describe, expect } from 'vitest';
import type { XNetApplication } from '../src/native/xnet.ts';
import { REFUSED_CONNECTIONS } from './fixtures/complaints.ts';
import { eventually } from './fixtures/eventually.ts';
import { NativePage } from './fixtures/native-page.ts';
import { noteReach } from './fixtures/reach.ts';
import { it, type Stage } from './fixtures/stage.ts';
import { Upstream } from './fixtures/upstream.ts';

/** Opens a page and begins; returns it and what `proxyOf` answered. */
async function created(
  stage: Stage,
  name: string,
  application: XNetApplication = {},
): Promise<{ native: NativePage; proxy: string }> {
  const native = await NativePage.open(stage, name);
  const proxy = await native.page.evaluate(async (given) => {
    const { XNet } = globalThis.native;
    return (await XNet.create(given)) ? XNet.proxyOf('live.p2p.com') : '';
  }, application);
  expect(proxy).toMatch(/^127\.0\.0\.1:\d+\/__shoal__\/[\w-]+\.\w+\/live\.p2p\.com$/);
  return { native, proxy };
}

/** The address of the test's stream with the proxy put in behind `://`. */
const through = (stage: Stage, proxy: string, query = ''): string =>
  `http://${proxy}/${stage.url('proxied').replace('http://', '')}${query}`;

const flowOf = async (
  native: NativePage,
  proxy: string,
  resource: string,
): Promise<{ p2pBytes: number; cdnBytes: number }> => {
  const { status, text } = await native.fetch(`http://${proxy}/stat?xresid=${encodeURIComponent(resource)}`);
  expect(status).toBe(200);
  return JSON.parse(text).flow;
};

describe('a stream fetched through proxyOf', () => {
  it('plays, is counted by its resource, and goes when its player does', async ({ stage }) => {
    await stage.serve();
    stage.complaints.expect(/^console error: Failed to load resource: .* 404/);
    const { native, proxy } = await created(stage, 'proxied');
    await native.watch(through(stage, proxy, '&xresid=room%201'));
    await native.paints(25);
    const flow = await flowOf(native, proxy, 'room 1');
    expect(flow.cdnBytes).toBeGreaterThan(10_000);
    for (const method of ['XNet.create', 'XNet.proxyOf', '/stat']) noteReach('native', 'method', method);
    expect((await native.fetch(`http://${proxy}/stat?xresid=other`)).status).toBe(404);
    expect(stage.egressTo('proxied')).toBeGreaterThan(0);
    await native.page.evaluate(() => globalThis.native.watched[0]?.destroy());
    await eventually('the origin is left', () =>
      stage.server.egress().perViewer.every(({ open, form }) => !open || form === 'other'),
    );
    expect((await native.fetch(`http://${proxy}/stat?xresid=room%201`)).status).toBe(404);
  });

  it('is one stream for two players, under the name of its file', async ({ stage }) => {
    await stage.serve();
    const { native, proxy } = await created(stage, 'proxied');
    await native.watch(through(stage, proxy), { element: 0 });
    await native.watch(through(stage, proxy), { element: 1 });
    await native.paints(25, 0);
    await native.paints(25, 1);
    expect((await flowOf(native, proxy, stage.path.split('/').at(-1) ?? '')).cdnBytes).toBeGreaterThan(10_000);
    const open = stage.server.egress().perViewer.filter((entry) => entry.open && entry.form === 'pieces-ws');
    expect(open).toHaveLength(1);
  });

  it('uploads nothing from /feature?upload=0 on, until it is switched on again', async ({ stage }) => {
    await stage.serve();
    stage.complaints.expect(/^console error: Failed to load resource: .* 400/);
    const giver = await created(stage, 'giver');
    const feature = async (query: string): Promise<unknown> =>
      JSON.parse((await giver.native.fetch(`http://${giver.proxy}/feature${query}`)).text);
    expect(await feature('?upload=0')).toEqual({ ret: 0, msg: 'ok', download: 1, upload: 0 });
    await giver.native.watch(through(stage, giver.proxy));
    await giver.native.paints(25);
    const taker = await created(stage, 'taker');
    // Or it would feed the giver meanwhile, and go on to.
    expect((await taker.native.fetch(`http://${taker.proxy}/feature?upload=0`)).status).toBe(200);
    await taker.native.watch(through(stage, taker.proxy, '&xresid=r'));
    const taken = async (): Promise<{ p2pBytes: number; cdnBytes: number }> => flowOf(taker.native, taker.proxy, 'r');
    await taker.native.paints(150);
    expect((await taken()).p2pBytes).toBe(0);
    expect(await feature('')).toEqual({ ret: 0, msg: 'ok', download: 1, upload: 1 });
    await eventually('the neighbour gives', async () => (await taken()).p2pBytes > 50_000);
    noteReach('native', 'method', '/feature');
    expect(await feature('?download=0')).toEqual({ ret: 0, msg: 'ok', download: 0, upload: 0 });
    expect((await giver.native.fetch(`http://${giver.proxy}/feature?upload=yes`)).status).toBe(400);
  });

  it('is found by xhost, whatever host stands in the address', async ({ stage }) => {
    await stage.serve();
    const { native, proxy } = await created(stage, 'proxied');
    const { host } = new URL(stage.server.url);
    await native.watch(`http://${proxy}/logical.example${stage.path}.flv?xhost=${host}&xscheme=http`);
    await native.paints(25);
  });

  it('is played from its own address when its host is not in the list of the server', async ({ stage }) => {
    await stage.serveFromUpstream();
    const other = new Upstream();
    await other.start();
    stage.later(() => other.kill());
    stage.complaints.expect(...REFUSED_CONNECTIONS, /status of 403/);
    const service = `${stage.server.url}/.well-known/shoal.json`;
    const { native, proxy } = await created(stage, 'proxied', { service });
    const host = new URL(other.url).host;
    const url = `http://${proxy}/${host}${stage.path}.flv?token=kept`;
    const answer = await native.page.evaluate(async (given) => {
      const { redirected, url: from, body } = await fetch(given);
      await body?.cancel();
      return { redirected, from };
    }, url);
    expect(answer).toEqual({ redirected: true, from: `${other.url}${stage.path}.flv?token=kept` });
    await native.watch(url);
    await native.paints(25);
    expect(await native.page.evaluate(() => globalThis.native.XNet.log.text())).toContain(
      'does not pull from this host',
    );
  });

  it('comes back by resume when the Service Worker was unregistered', async ({ stage }) => {
    await stage.serve();
    const { native, proxy } = await created(stage, 'proxied');
    const resumed = await native.page.evaluate(async () => {
      for (const registration of await navigator.serviceWorker.getRegistrations()) await registration.unregister();
      return globalThis.native.XNet.resume();
    });
    expect(resumed).toBe(true);
    await native.watch(through(stage, proxy));
    await native.paints(25);
    noteReach('native', 'method', 'XNet.resume');
  });

  it('is written about on the console from enableDebug until it is stopped', async ({ stage }) => {
    await stage.serve();
    const { native, proxy } = await created(stage, 'proxied');
    const lines: string[] = [];
    native.page.on('console', (message) => lines.push(message.text()));
    await native.page.evaluate(() => Object.assign(globalThis, { stopDebug: globalThis.native.XNet.enableDebug() }));
    await native.watch(through(stage, proxy));
    await eventually('the log is on the console', () => lines.some((line) => /\[player.*state/.test(line)));
    await native.page.evaluate(() => (globalThis as unknown as { readonly stopDebug: () => void }).stopDebug());
    noteReach('native', 'method', 'XNet.enableDebug');
  });
});

describe('proxyOf', () => {
  it('answers nothing before create, for what is no host, and when there is no Service Worker', async ({ stage }) => {
    await stage.serve();
    stage.complaints.expect(/^console error: A bad HTTP response code \(404\)/);
    const native = await NativePage.open(stage, 'nothing');
    const answers = await native.page.evaluate(async () => {
      const { XNet } = globalThis.native;
      const before = XNet.proxyOf('live.p2p.com');
      const failed = await XNet.create({ serviceWorker: '/nowhere.js' });
      const after = XNet.proxyOf('live.p2p.com');
      const created = await XNet.create();
      return [before, failed, after, await XNet.resume(), created, XNet.proxyOf('no host/at all'), await XNet.create()];
    });
    expect(answers).toEqual(['', false, '', true, true, '', false]);
  });
});
