// Where pages put the SDK: browsers that lack something, pages with a policy, frames, other origins, and pages that are
// left and come back to.

import type { Page } from 'playwright';
import { describe, expect } from 'vitest';
import { startChromium } from './fixtures/chromium.ts';
import { heardBy, hears, isIn, openElement, paints } from './fixtures/element-page.ts';
import { eventually } from './fixtures/eventually.ts';
import { NONCE, PageServer } from './fixtures/page-server.ts';
import { PluginPage } from './fixtures/plugin-page.ts';
import { chromium, it, type Stage } from './fixtures/stage.ts';

const withoutWebrtc = (): void => {
  for (const name of ['RTCPeerConnection', 'webkitRTCPeerConnection']) Reflect.deleteProperty(globalThis, name);
};
const withoutMediaSource = (): void => {
  for (const name of ['MediaSource', 'WebKitMediaSource', 'ManagedMediaSource']) {
    Reflect.deleteProperty(globalThis, name);
  }
};

/** What the SDK says of the page it is on. */
const reasonsOf = (page: Page) =>
  page.evaluate(() => ({
    sharing: globalThis.Shoal.isSupported(),
    playing: globalThis.Shoal.isSupported('playing'),
    codes: globalThis.Shoal.supportReasons().map(({ code }) => code),
  }));

describe('a browser', () => {
  it('that has everything is told so', async ({ stage }) => {
    const { page } = await stage.open('whole');
    expect(await reasonsOf(page)).toEqual({ sharing: true, playing: true, codes: [] });
  });

  it.for([
    ['WebRTC', withoutWebrtc, { sharing: false, playing: true, codes: ['support/no-webrtc'] }],
    ['MediaSource', withoutMediaSource, { sharing: false, playing: false, codes: ['support/no-media-source'] }],
  ] as const)(
    'without %s is told what it cannot do, and -2404 by the plugin',
    async ([name, before, said], { stage }) => {
      const { page } = await stage.open(name, { before });
      expect(await reasonsOf(page)).toEqual(said);
      const plugin = await PluginPage.open(stage, `plugin without ${name}`, before);
      await plugin.init();
      await stage.serve();
      const answer = await plugin.start('one', { url: stage.url('plugin') });
      expect(JSON.stringify(answer)).toContain('-2404');
    },
  );

  it('is told that a page without https has no Service Worker, and that https asks for https', async ({ stage }) => {
    const context = await (await chromium()).newContext();
    stage.later(() => context.close());
    // The page exists only here: nothing leaves the browser.
    const html = (await (await fetch(`${stage.pages.address}/watch.html`)).text()).replace(/<script.*script>/g, '');
    const script = await (await fetch(`${stage.pages.address}/shoal.global.js`)).text();
    await context.route(/^https?:\/\/(shop|live)\.example\//, (route) => {
      const isPage = new URL(route.request().url()).pathname === '/';
      return isPage ? route.fulfill({ body: html, contentType: 'text/html' }) : route.abort();
    });
    const page = await context.newPage();
    await page.goto('http://shop.example/');
    await page.addScriptTag({ content: script });
    expect(await reasonsOf(page)).toMatchObject({ sharing: true, codes: ['support/insecure-context'] });
    await page.goto('https://shop.example/');
    await page.addScriptTag({ content: script });
    expect((await reasonsOf(page)).codes).toEqual([]);
    const said = await page.evaluate(async () => {
      const video = document.querySelector('video') as HTMLVideoElement;
      const player = globalThis.Shoal.createPlayer({ url: 'http://live.example/live/demo.flv', video });
      const codes: string[] = [];
      player.on('error', ({ code }) => codes.push(code));
      await new Promise((resolve) => player.on('error', resolve));
      const [first] = await player.explain();
      player.destroy();
      return { codes, first };
    });
    expect(said.codes[0]).toBe('support/mixed-content');
    expect(said.first).toContain('https');
  });
});

/** The policy of the documentation for pages that forbid everything else, with one directive changed. */
function policyOf(stage: Stage, change: Readonly<Record<string, string>> = {}): string {
  const { host } = new URL(stage.server.url);
  const directives: Record<string, string> = {
    'default-src': "'none'",
    'script-src': `'nonce-${NONCE}' 'wasm-unsafe-eval'`,
    'worker-src': 'blob:',
    'media-src': 'blob:',
    'connect-src': `http://${host} ws://${host}`,
    'img-src': 'data:',
    ...change,
  };
  const text = Object.entries(directives).map(([name, sources]) => `${name} ${sources}`);
  return `?csp=${encodeURIComponent(text.join('; '))}`;
}

describe('a page with a policy', () => {
  it('that has what the documentation lists plays, shares and looks as it should', async ({ stage }) => {
    await stage.serve();
    const page = await openElement(stage, 'strict', { query: policyOf(stage) });
    await isIn(page, 'playing');
    await paints(page);
    expect((await hears(page, 'started')).detail).toMatchObject({ mode: 'shared' });
    const style = await page.locator('shoal-player [part=stage]').evaluate((node) => getComputedStyle(node).position);
    expect(style).toBe('absolute');
    expect((await heardBy(page)).filter(({ name }) => name === 'error')).toEqual([]);
  });

  it.for([
    ['worker-src', "'self'", 'worker-src lacks blob:'],
    ['media-src', "'self'", 'media-src lacks blob:'],
    ['connect-src', "'self'", 'connect-src lacks '],
    ['script-src', `'nonce-${NONCE}'`, "script-src lacks 'wasm-unsafe-eval'"],
  ] as const)('that lacks something in %s says what', async ([directive, sources, sentence], { stage }) => {
    stage.complaints.expect(/^console error: .*(Content Security Policy|Failed to load|violates)/s, /^uncaught: /);
    await stage.serve();
    const page = await openElement(stage, directive, { query: policyOf(stage, { [directive]: sources }) });
    const { detail } = await hears(page, 'error', (heard) => String(heard.detail.message).includes(sentence));
    expect(['support/policy', 'support/no-webassembly']).toContain(detail.code);
    await eventually('it is explained', async () => {
      const said = await page.evaluate(async () => document.querySelector('shoal-player')?.player?.explain());
      return said?.some((line) => line.includes(sentence));
    });
  });
});

describe('the script of another origin', () => {
  it('finds its worker and its byte core, under a policy', async ({ stage }) => {
    await stage.serve();
    const host = new PageServer();
    await host.start();
    stage.later(() => host.close());
    stage.pages.offer(
      'far.html',
      `<!doctype html><title>far</title><link rel="icon" href="data:,">
      <shoal-player src="${stage.url('far')}" autoplay muted></shoal-player>
      <script src="${host.address}/shoal.global.js"></script>`,
    );
    const asked: string[] = [];
    const context = await (await chromium()).newContext();
    stage.complaints.listenTo(context, 'far');
    stage.later(() => context.close());
    context.on('request', (request) => asked.push(new URL(request.url()).host + new URL(request.url()).pathname));
    const page = await context.newPage();
    await page.goto(`${stage.pages.address}/far.html${policyOf(stage)}`);
    await isIn(page, 'playing');
    await paints(page);
    expect(await page.evaluate(() => document.querySelector('shoal-player')?.player?.mode)).toBe('shared');
    const pagesHost = new URL(stage.pages.address).host;
    expect(asked.filter((one) => one.startsWith(pagesHost))).toEqual([`${pagesHost}/far.html`]);
    expect(asked.filter((one) => one.startsWith(new URL(host.address).host))).toHaveLength(1);
  });
});

describe('a frame', () => {
  it.for([
    ['of another origin', 'allow="autoplay; fullscreen"'],
    ['without an origin', 'sandbox="allow-scripts" allow="autoplay"'],
  ] as const)('%s plays and shares', async ([name, attributes], { stage }) => {
    await stage.serve();
    const frames = new PageServer();
    await frames.start();
    stage.later(() => frames.close());
    frames.offer(
      'inner.html',
      `<!doctype html><title>inner</title><link rel="icon" href="data:,">
      <shoal-player src="${stage.url('frame')}" autoplay muted controls></shoal-player>
      <script src="shoal.global.js"></script>`,
    );
    stage.pages.offer(
      'outer.html',
      `<!doctype html><title>outer</title><link rel="icon" href="data:,">
      <iframe src="${frames.address}/inner.html" width="640" height="360" ${attributes}></iframe>`,
    );
    const neighbour = await stage.watch('neighbour');
    await neighbour.hears('started');
    const context = await (await chromium()).newContext();
    stage.complaints.listenTo(context, name);
    stage.later(() => context.close());
    const page = await context.newPage();
    await page.goto(`${stage.pages.address}/outer.html`);
    const inner = page.frames().find((frame) => frame.url().includes('inner.html'));
    await eventually('the frame is fed by a neighbour', async () => {
      const stats = await inner?.evaluate(() => document.querySelector('shoal-player')?.player?.stats());
      return (stats?.viewer?.fromNeighbours ?? 0) > 0 && stats?.state === 'playing';
    });
  });
});

describe('a page that is left and come back to', () => {
  it('plays again, from the browser cache', async ({ stage }) => {
    await stage.serve();
    const browser = await startChromium({ keepsPages: true });
    stage.later(() => browser.close());
    // Playwright loses sight of a page that comes back from the cache, so the page tells by what it asks its host for.
    const before = (): void => {
      const tell = (what: string): void => void fetch(`shoal.global.js?told=${encodeURIComponent(what)}`);
      addEventListener('pageshow', ({ persisted }) => {
        const [navigation] = performance.getEntriesByType('navigation') as { readonly notRestoredReasons?: unknown }[];
        tell(persisted ? 'back from the cache' : `loaded ${JSON.stringify(navigation?.notRestoredReasons)}`);
        if (!persisted) return;
        let frames = 0;
        const count = (): void => {
          frames += 1;
          if (frames === 25) tell('plays again');
          video?.requestVideoFrameCallback(count);
        };
        const video = document.querySelector('shoal-player')?.video;
        video?.requestVideoFrameCallback(count);
      });
    };
    const page = await openElement(stage, 'back', { browser, before, query: '?keep' });
    const told: string[] = [];
    page.context().on('request', (request) => {
      const what = new URL(request.url()).searchParams.get('told');
      if (what !== null) told.push(what);
    });
    await isIn(page, 'playing');
    await paints(page);
    await page.goto(`${stage.pages.address}/links.html`);
    await eventually('nobody watches', () => stage.server.streams().every(({ viewers }) => viewers === 0));
    await page.evaluate(() => history.back());
    await eventually('the page is back from the cache', () => told.includes('back from the cache'));
    await eventually('it plays', () => told.includes('plays again'));
    expect(stage.server.streams()[0]?.viewers).toBe(1);
  });
});
