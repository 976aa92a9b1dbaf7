// What a page may forbid: a strict content security policy, compiling WebAssembly, sound without a click. And a host
// that is no Shoal host at all.

import { describe, expect } from 'vitest';
import { startChromium } from './fixtures/chromium.ts';
import { eventually } from './fixtures/eventually.ts';
import { NONCE } from './fixtures/page-server.ts';
import { it, type Stage } from './fixtures/stage.ts';
import { isFed } from './fixtures/swarm.ts';

/** The policy of the documentation, with or without leave to compile. */
function policy(stage: Stage, compile: boolean): string {
  const { host } = new URL(stage.server.url);
  const csp = [
    `script-src 'nonce-${NONCE}'${compile ? " 'wasm-unsafe-eval'" : ''}`,
    'worker-src blob:',
    `connect-src http://${host} ws://${host}`,
  ].join('; ');
  return `?csp=${encodeURIComponent(csp)}`;
}

describe('a page with a strict policy', () => {
  it('shares like any other', async ({ stage }) => {
    await stage.serve();
    const first = await stage.watch('first', {}, { query: policy(stage, true) });
    await first.hears('started');
    const second = await stage.watch('second', {}, { query: policy(stage, true) });
    await isFed(second);
    for (const tab of [first, second]) {
      expect((await tab.stats()).mode).toBe('shared');
      await tab.showsTheSample();
    }
  });

  it('plays the plain stream, and says so, when it forbids compiling WebAssembly', async ({ stage }) => {
    await stage.serve();
    const tab = await stage.open('plain', { query: policy(stage, false) });
    stage.complaints.expect(/^player error: support\/no-webassembly/, /^console error: .*Content Security Policy/);
    await tab.play({ url: stage.url('plain') });
    const { event } = await tab.hears('fellBack');
    expect(event).toEqual({ to: 'plain', reason: 'support/no-webassembly', url: stage.url('plain') });
    await tab.showsTheSample();
    expect((await tab.stats()).mode).toBe('plain');
  });
});

describe('a host without Shoal', () => {
  it('is played plainly from the original URL, and the player says so', async ({ stage }) => {
    const upstream = await stage.serveFromUpstream();
    const tab = await stage.open('plain');
    stage.complaints.expect(
      /^player error: (service\/not-found|origin\/unreachable)/,
      /^console error: Failed to load resource: the server responded with a status of 404/,
      /^console error: WebSocket connection to/,
    );
    const url = `${upstream.url}${stage.path}.flv`;
    await tab.play({ url });
    const { event } = await tab.hears('fellBack');
    expect(event).toEqual({ to: 'plain', reason: 'service/not-found', url });
    await tab.showsTheSample();
  });
});

/** Makes a player as soon as the page is there, without a click; runs in the page. */
const playWithSound = (): void => {
  addEventListener('DOMContentLoaded', () => {
    const video = document.querySelector('video');
    const url = new URLSearchParams(location.search).get('stream');
    if (video === null || url === null) throw new Error('nothing to play');
    video.muted = false;
    const player = globalThis.Shoal.createPlayer({ url, video });
    player.on('error', ({ code }) => console.info(`error ${code}`));
  });
};

describe('a browser that wants a click', () => {
  it('is obeyed: the player says so and plays after it', async ({ stage }) => {
    await stage.serve();
    const browser = await startChromium({ autoplay: 'blocked' });
    stage.later(() => browser.close());
    const query = `?stream=${encodeURIComponent(stage.url('blocked'))}`;
    const tab = await stage.open('blocked', { browser, query, before: playWithSound });
    await eventually('the page is told', () => tab.notes.includes('error media/autoplay-blocked'));
    await tab.page.evaluate(() => {
      const video = document.querySelector('video');
      video?.addEventListener('click', () => void video.play());
    });
    await tab.page.click('video');
    await eventually(
      'it plays',
      async () => (await tab.page.evaluate(() => document.querySelector('video')?.currentTime ?? 0)) > 1,
    );
    expect(await tab.page.evaluate(() => document.querySelector('video')?.muted)).toBe(false);
  });
});
