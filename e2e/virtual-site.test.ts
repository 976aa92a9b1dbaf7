// The virtual URL on sites that differ: one with a Service Worker of its own, and readers that are slower than the stream.

import { describe, expect } from 'vitest';
import { EventCode } from '../src/native/codes.ts';
import { eventually } from './fixtures/eventually.ts';
import { NativePage } from './fixtures/native-page.ts';
import { it } from './fixtures/stage.ts';

const OWN = `importScripts('/shoal-sw.js');
self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('fetch', (event) => {
  if (new URL(event.request.url).pathname === '/hello') event.respondWith(new Response('from the site'));
});`;

describe('a site with a Service Worker of its own', () => {
  it('pulls ours in, and both answer what is theirs', async ({ stage }) => {
    await stage.serve();
    stage.pages.offer('own-sw.js', OWN);
    const native = await NativePage.open(stage, 'own');
    await native.page.evaluate(() => navigator.serviceWorker.register('/own-sw.js'));
    expect(await native.load({ serviceWorker: null })).toBe(true);
    const { url } = await native.start(stage.url('own'));
    expect(url).toContain('/__shoal__/');
    await native.watch(url);
    await native.paints(25);
    expect(await native.fetch('/hello')).toMatchObject({ status: 200, text: 'from the site' });
  });
});

describe('a virtual address', () => {
  it('is for players: whoever follows it like a link gets what the site has there, which is nothing', async ({
    stage,
  }) => {
    await stage.serve();
    stage.complaints.expect(/^console error: Failed to load resource: .* 404/);
    const native = await NativePage.load(stage, 'link');
    const { url } = await native.start(stage.url('link'));
    expect((await native.fetch(url.replace('media.flv', 'stat'))).status).toBe(200);
    const other = await NativePage.open(stage, 'follower', { beside: native });
    const answer = other.page.waitForResponse(url);
    // A 404 without a page in it is an error of the browser's own.
    await other.page.goto(url).catch(() => undefined);
    expect((await answer).status()).toBe(404);
    expect((await answer).fromServiceWorker()).toBe(false);
  });

  it('answers 410 once its page is gone', async ({ stage }) => {
    await stage.serve();
    stage.complaints.expect(/^console error: Failed to load resource: .* 410/);
    const native = await NativePage.load(stage, 'gone');
    const other = await NativePage.load(stage, 'other', {}, { beside: native });
    const { url } = await native.start(stage.url('gone'));
    // Any page of the site may fetch it while its own lives.
    expect(await other.readSome(url, 10_000)).toMatchObject({ status: 200 });
    await native.page.close();
    const status = (): Promise<number> =>
      other.page.evaluate(async (address) => (await fetch(address, { method: 'HEAD' })).status, url);
    await eventually('the address is gone', async () => (await status()) === 410);
  });
});

describe('a page with both surfaces', () => {
  it('answers for each what is its own', async ({ stage }) => {
    await stage.serve();
    const native = await NativePage.load(stage, 'both');
    const { url } = await native.start(stage.url('both'));
    const proxy = await native.page.evaluate(async () => {
      const { XNet } = globalThis.native;
      return (await XNet.create()) ? XNet.proxyOf('live.p2p.com') : '';
    });
    await native.watch(url, { element: 0 });
    await native.watch(`http://${proxy}/${stage.url('both').replace('http://', '')}`, { element: 1 });
    await native.paints(25, 0);
    await native.paints(25, 1);
    expect((await native.watched(1)).failed).toBe(0);
  });
});

describe('a reader that does not read', () => {
  it('is pushed back to the page, which holds little, and reads on', async ({ stage }) => {
    await stage.serve();
    const native = await NativePage.load(stage, 'slow', { statisticsEveryMs: 200 });
    const { url } = await native.start(stage.url('slow'));
    const waiting = async (): Promise<number> => {
      const last = (await native.said()).findLast(({ code }) => code === EventCode.STATISTICS_DATA);
      return last === undefined ? 0 : JSON.parse(last.message).waitingBytes;
    };
    await native.page.evaluate(async (address) => {
      const { body } = await fetch(address);
      if (body === null) throw new TypeError('no body');
      const reader = body.getReader();
      await reader.read();
      Object.assign(globalThis, { reader });
    }, url);
    await eventually('bytes wait in the page', async () => (await waiting()) > 100_000);
    expect(await waiting()).toBeLessThanOrEqual(3 * 1024 * 1024);
    await native.page.evaluate(async () => {
      const { reader } = globalThis as unknown as { readonly reader: ReadableStreamDefaultReader<Uint8Array> };
      const read = async (): Promise<void> => {
        while (!(await reader.read()).done);
      };
      void read();
    });
    await eventually('nothing waits any more', async () => (await waiting()) < 50_000);
  });
});
