// p2pModule on a page: what a pull brings and says in Chromium, against a real server.

import { describe, expect } from 'vitest';
import { REFUSED_CONNECTIONS } from './fixtures/complaints.ts';
import { eventually } from './fixtures/eventually.ts';
import { ENDS, PluginPage } from './fixtures/plugin-page.ts';
import { it, type Stage } from './fixtures/stage.ts';

const OK = { resolved: 0 };

const openReady = async (stage: Stage, name: string, patienceMs = 10_000): Promise<PluginPage> => {
  const page = await PluginPage.open(stage, name);
  expect(await page.init({ initParams: { disconnectAfterMs: patienceMs } })).toEqual(OK);
  return page;
};

describe('a pull', () => {
  it('brings clear FLV in order, after request and parsed, until the page stops it', async ({ stage }) => {
    await stage.serve();
    const page = await openReady(stage, 'one');
    expect(await page.start('a', { url: stage.url('one') })).toEqual(OK);
    const seen = await page.takes('a', 100);
    expect(seen).toMatchObject({ headers: 1, backwards: 0 });
    expect(seen.keyframes).toBeGreaterThan(0);
    await page.call('stopServiceById', 'a');
    expect(await page.course('a')).toEqual(['request', 'parsed', 'data', 'close']);
    const { buffers } = (await page.bytes('a')) ?? {};
    await page.call('stopP2PService', 'a');
    expect(await page.bytes('a')).toMatchObject({ buffers });
    expect(await page.course('a')).toEqual(['request', 'parsed', 'data', 'close']);
    expect((await page.said('a')).some(({ kind }) => kind === 'log')).toBe(true);
  });

  it('starts with the service only if there is a dataCallback, stops, and starts again', async ({ stage }) => {
    await stage.serve();
    const page = await openReady(stage, 'two');
    expect(await page.start('a', { url: stage.url('two') }, false)).toEqual(OK);
    expect(await page.course('a')).toEqual([]);
    expect(await page.pull('a')).toEqual(OK);
    await page.takes('a', 10);
    await page.call('stopP2PStream', 'a');
    const flv = { filename: `${stage.path.split('/').at(-1)}.flv`, params: 'tag=two' };
    expect(await page.pull('a', { flv }, 'startStream')).toEqual(OK);
    expect(await page.takes('a', 10)).toMatchObject({ headers: 1 });
    await page.call('stopStream', 'a');
    const course = ['request', 'parsed', 'data', 'close'];
    expect(await page.course('a')).toEqual([...course, ...course]);
  });

  it('goes on into the callback that replaced its own', async ({ stage }) => {
    await stage.serve();
    const page = await openReady(stage, 'updated');
    await page.start('a', { url: stage.url('updated') });
    await page.takes('a', 10);
    const code = await page.page.evaluate(() => {
      let count = 0;
      const dataCallback = (): void => void Object.assign(globalThis, { replaced: ++count });
      return globalThis.plugin.module.updateServiceCallbacks('a', { dataCallback });
    });
    expect(code).toBe(0);
    const taken = (): Promise<number> =>
      page.page.evaluate(() => (globalThis as unknown as { replaced?: number }).replaced ?? 0);
    await eventually('the new one takes over', async () => (await taken()) > 0);
    const { buffers } = (await page.bytes('a')) ?? {};
    const from = await taken();
    await eventually('the new one takes more', async () => (await taken()) > from + 10);
    expect((await page.bytes('a'))?.buffers, 'the old one gets nothing more').toBe(buffers);
  });

  it('ends with eof when the source ends', async ({ stage }) => {
    const upstream = await stage.serveFromUpstream();
    const page = await openReady(stage, 'eof');
    expect(await page.start('a', { url: stage.url('eof') })).toEqual(OK);
    await page.takes('a', 10);
    upstream.end();
    stage.complaints.expect(...REFUSED_CONNECTIONS);
    await page.hears('a', 'eof');
    await page.call('destroy');
    expect((await page.course('a')).filter((one) => ENDS.includes(one))).toEqual(['eof']);
  });

  it('ends with disconnect when its data stays away, and the next one after resetP2P flows', async ({ stage }) => {
    await stage.serve();
    const page = await openReady(stage, 'gone', 1500);
    const info = { url: stage.url('gone') };
    expect(await page.start('a', info)).toEqual(OK);
    await page.takes('a', 10);
    const { port } = stage.server;
    stage.complaints.expect(...REFUSED_CONNECTIONS, /^console error: Failed to load resource/);
    await stage.stopServing();
    await page.hears('a', 'disconnect');
    await stage.serve({ port });
    expect(await page.call('resetP2P')).toEqual(OK);
    expect((await page.course('a')).filter((one) => ENDS.includes(one))).toEqual(['disconnect']);
    expect(await page.start('a', info)).toEqual(OK);
    await page.takes('a', 10);
  });

  it('carries on over a restart of the origin as one FLV', async ({ stage }) => {
    await stage.serve();
    const page = await openReady(stage, 'restart', 60_000);
    expect(await page.start('a', { url: stage.url('restart') })).toEqual(OK);
    await page.takes('a', 10);
    const { port } = stage.server;
    stage.complaints.expect(...REFUSED_CONNECTIONS);
    await stage.stopServing();
    await stage.serve({ port });
    expect(await page.takes('a', 100)).toMatchObject({ headers: 1, backwards: 0 });
    expect(await page.course('a')).toEqual(['request', 'parsed', 'data']);
  });

  it('unlocks a stream by codeUrl', async ({ stage }) => {
    await stage.serve();
    const page = await openReady(stage, 'codes');
    expect(await page.start('a', { url: stage.url('codes'), codeUrl: `${stage.server.url}/code` })).toEqual(OK);
    await page.takes('a', 10);
  });
});

describe('several services', () => {
  it('run beside each other, end together at destroy, and init may be called again', async ({ stage }) => {
    await stage.serve();
    const page = await openReady(stage, 'several');
    const info = { url: stage.url('several') };
    for (const id of ['a', 'b']) expect(await page.start(id, info)).toEqual(OK);
    for (const id of ['a', 'b']) await page.takes(id, 10);
    await page.call('stopP2PService', 'b');
    await page.call('destroy');
    for (const id of ['a', 'b']) expect(await page.course(id)).toEqual(['request', 'parsed', 'data', 'close']);
    expect(await page.call('startP2PService', 'a', info, {})).toMatchObject({ errcode: -2002 });
    expect(await page.init()).toEqual(OK);
    expect(await page.start('a', info)).toEqual(OK);
  });
});

describe('getUUID', () => {
  it('is the same after a reload and after an init that failed', async ({ stage }) => {
    await stage.serve();
    const page = await openReady(stage, 'uuid');
    expect(await page.page.evaluate(() => 'init' in globalThis.plugin.module.getModule())).toBe(true);
    const { resolved: first } = (await page.call('getUUID')) as { resolved: unknown };
    expect(first).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    await page.page.reload();
    expect(await page.call('init', {})).toMatchObject({ errcode: -2000 });
    expect(await page.call('getUUID')).toEqual({ resolved: first });
  });
});

describe('the log', () => {
  it('tells what happened and holds no secret', async ({ stage }) => {
    await stage.serve();
    const page = await openReady(stage, 'secretive');
    await page.start('a', { url: `${stage.url('secretive')}&token=very-secret-token` });
    await page.takes('a', 10);
    await page.call('startP2PService', 'b', { url: 'https://very-secret-token@a.example/x?token=other-secret' }, {});
    const log = await page.page.evaluate(() => globalThis.plugin.module.log.text());
    expect(log).toContain('epoch');
    const said = JSON.stringify(await page.said('a'));
    for (const secret of ['very-secret-token', 'other-secret', 'a-secret', 'a-key']) {
      expect(log).not.toContain(secret);
      expect(said).not.toContain(secret);
    }
  });
});
