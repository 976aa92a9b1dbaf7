// Every code of the plugin surface by a real fault in Chromium, through the public calls.

import { describe, expect } from 'vitest';
import { REFUSED_CONNECTIONS } from './fixtures/complaints.ts';
import { PluginPage } from './fixtures/plugin-page.ts';
import { it, type Stage } from './fixtures/stage.ts';
import { StunServer } from './fixtures/stun-server.ts';

const OK = { resolved: 0 };
const DEVICE = {
  url: 'http://XP2P_INFO.xnet/ipc.p2p.com/ipc.flv?action=live',
  productId: 'product',
  deviceName: 'camera',
  xp2pInfo: 'XP2PAbCdEf0123==%2.4.29m',
};
const NOT_FOUND = /^console error: Failed to load resource/;

const openReady = async (stage: Stage, before?: () => void): Promise<PluginPage> => {
  const page = await PluginPage.open(stage, 'codes', before);
  expect(await page.init()).toEqual(OK);
  return page;
};

const stun = async (stage: Stage): Promise<StunServer> => {
  const server = new StunServer();
  await server.start();
  stage.later(() => server.close());
  return server;
};

describe('init answers', () => {
  it('-2000 for appParams that are not all there', async ({ stage }) => {
    const page = await PluginPage.open(stage, 'codes');
    expect(await page.call('init', { appParams: { appKey: 'x' } })).toMatchObject({ errcode: -2000 });
    expect(await page.call('init')).toMatchObject({ errcode: -2000 });
  });

  it('-2003 when it has succeeded before', async ({ stage }) => {
    const page = await openReady(stage);
    expect(await page.init()).toMatchObject({ errcode: -2003 });
  });

  it('-2201 while another copy of the script is initialised', async ({ stage }) => {
    const page = await openReady(stage);
    await page.page.addScriptTag({ url: 'shoal.global.js' });
    await page.page.evaluate(() => {
      const { p2pModule } = globalThis.Shoal as unknown as { p2pModule: typeof globalThis.plugin.module };
      globalThis.plugin.module = p2pModule;
    });
    expect(await page.init()).toMatchObject({ errcode: -2201 });
  });

  it('-2202 and tells natError when no STUN server answers', async ({ stage }) => {
    const server = await stun(stage);
    const page = await PluginPage.open(stage, 'codes');
    expect(await page.init({ initParams: { stunServers: [server.url] } })).toMatchObject({ errcode: -2202 });
    expect(server.requests).toBeGreaterThan(0);
    expect(await page.local()).toMatchObject([{ event: 'natError', detail: { errcode: -2202 } }]);
    server.mapped = { address: '203.0.113.7', port: 4000 };
    expect(await page.init({ initParams: { stunServers: [server.url] } })).toEqual(OK);
  });

  it('-2301 when the local server is not there', async ({ stage }) => {
    stage.complaints.expect(/^console error: A bad HTTP response code \(404\)/);
    const page = await PluginPage.open(stage, 'codes');
    expect(await page.init({ initParams: { localServer: 'no-such-worker.js' } })).toMatchObject({ errcode: -2301 });
  });
});

describe('resetP2P', () => {
  it('tells natChanged when the address outside is another one', async ({ stage }) => {
    const server = await stun(stage);
    server.mapped = { address: '203.0.113.7', port: 4000 };
    const page = await PluginPage.open(stage, 'codes');
    expect(await page.init({ initParams: { stunServers: [server.url], natAddresses: 'full' } })).toEqual(OK);
    expect(await page.local()).toEqual([]);
    server.mapped = { address: '198.51.100.9', port: 5000 };
    expect(await page.call('resetP2P')).toEqual(OK);
    const [heard] = await page.local();
    expect(heard?.event).toBe('natChanged');
    expect(JSON.stringify(heard?.detail)).toMatch(/203\.0\.113\.7.*198\.51\.100\.9/);
  });

  it('answers -2202 when the servers have gone silent, and -2002 before init', async ({ stage }) => {
    const server = await stun(stage);
    server.mapped = { address: '203.0.113.7', port: 4000 };
    const page = await PluginPage.open(stage, 'codes');
    expect(await page.call('resetP2P')).toMatchObject({ errcode: -2002 });
    await page.init({ initParams: { stunServers: [server.url] } });
    server.mapped = undefined;
    expect(await page.call('resetP2P')).toMatchObject({ errcode: -2202 });
  });
});

describe('startP2PService answers', () => {
  it('-2000, -2002, -2401 and startP2PStream -2401 and -2403', async ({ stage }) => {
    await stage.serve();
    const info = { url: stage.url('codes') };
    const early = await PluginPage.open(stage, 'early');
    expect(await early.start('a', info)).toMatchObject({ errcode: -2002 });
    const page = await openReady(stage);
    expect(await page.call('startP2PService')).toMatchObject({ errcode: -2000 });
    expect(await page.start('a', info)).toEqual(OK);
    expect(await page.start('a', info)).toMatchObject({ errcode: -2401 });
    expect(await page.pull('a')).toMatchObject({ errcode: -2401 });
    expect(await page.pull('b')).toMatchObject({ errcode: -2403 });
  });

  it('-2402 for a stream the origin does not have, and frees the id', async ({ stage }) => {
    const server = await stage.serve();
    stage.complaints.expect(...REFUSED_CONNECTIONS);
    const page = await openReady(stage);
    expect(await page.start('a', { url: `${server.url}/live/nobody.flv` })).toMatchObject({ errcode: -2402 });
    expect(await page.course('a')).toEqual(['request', 'disconnect']);
    expect(await page.start('a', { url: stage.url('codes') })).toEqual(OK);
  });

  it('-2501 when codeUrl has no codes', async ({ stage }) => {
    const server = await stage.serve();
    stage.complaints.expect(NOT_FOUND);
    const page = await openReady(stage);
    const codeUrl = `${stage.pages.address}/no-codes`;
    expect(await page.start('a', { url: stage.url('codes'), codeUrl })).toMatchObject({ errcode: -2501 });
    expect(await page.start('a', { url: stage.url('codes'), codeUrl: `${server.url}/code` })).toEqual(OK);
  });

  it("-2502 when the code is another host's", async ({ stage }) => {
    const other = await stage.serve();
    const codeUrl = `${other.url}/code`;
    stage.later(() => other.close());
    await stage.serve();
    stage.complaints.expect(...REFUSED_CONNECTIONS);
    const page = await openReady(stage);
    expect(await page.start('a', { url: stage.url('codes'), codeUrl })).toMatchObject({ errcode: -2502 });
  });

  it('-2404 in a browser without WebRTC', async ({ stage }) => {
    const page = await openReady(stage, () => {
      for (const name of ['RTCPeerConnection', 'webkitRTCPeerConnection']) Reflect.deleteProperty(globalThis, name);
    });
    expect(await page.start('a', { url: 'https://live.example/live/x.flv' })).toMatchObject({ errcode: -2404 });
  });

  it('-2001 and -2005 for what is wrong with a device', async ({ stage }) => {
    const page = await openReady(stage);
    expect(await page.start('a', { ...DEVICE, xp2pInfo: 'a peer' })).toMatchObject({ errcode: -2001 });
    expect(await page.start('a', { ...DEVICE, xp2pInfo: 'XP2PAbCdEf0123==%2.2.9' })).toMatchObject({ errcode: -2005 });
    expect(await page.start('a', DEVICE), 'of another make').toMatchObject({ errcode: -2001 });
  });
});

describe('what needs a device', () => {
  it('answers -2004 on a shared stream', async ({ stage }) => {
    await stage.serve();
    const page = await openReady(stage);
    await page.start('a', { url: stage.url('codes') }, false);
    expect(await page.call('sendCommand', 'a', 'action=user_define&channel=0&cmd=x')).toMatchObject({ errcode: -2004 });
    expect(await page.call('startVoiceService', 'a', {}, { format: 'PCM' })).toMatchObject({ errcode: -2004 });
  });
});

describe('misuse', () => {
  it('never throws, whatever is passed', async ({ stage }) => {
    const page = await openReady(stage);
    const odd = [undefined, null, 0, -1, '', 'x', [], {}, { a: 1 }];
    const { promises, values } = { promises: STARTS, values: STOPS };
    for (const method of promises) {
      for (const one of odd) {
        expect(await page.call(method, one, one, one), `${method}(${JSON.stringify(one)})`).toMatchObject({
          errcode: expect.any(Number),
        });
      }
    }
    for (const method of values) {
      for (const one of odd) expect(await page.call(method, one, one)).toEqual({ resolved: undefined });
    }
    for (const one of odd) expect(await page.call('updateServiceCallbacks', one, one)).toEqual({ resolved: -2000 });
  });
});

const STARTS = [
  'startP2PService',
  'startP2PStream',
  'startStream',
  'startVoiceService',
  'startVoice',
  'startVoiceData',
  'sendCommand',
  'startLocalDownload',
];
const STOPS = [
  'stopP2PService',
  'stopServiceById',
  'stopP2PStream',
  'stopStream',
  'stopVoiceService',
  'stopVoice',
  'stopLocalDownload',
];
