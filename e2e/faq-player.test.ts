// The P2P player, fed by its page from a plain address: the events, the state codes, and what it does with data that is
// late, broken, or too much.

import { readFileSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { samplePath } from '../server/src/assets.ts';
import { startChromium } from './fixtures/chromium.ts';
import { eventually } from './fixtures/eventually.ts';
import { FaqPage } from './fixtures/faq-page.ts';
import { noteReach } from './fixtures/reach.ts';
import { it } from './fixtures/stage.ts';

const QUEUE_BYTES = 128 * 1024;
/** More than one group of pictures of the sample, less than all of it. */
const LIVE_QUEUE_BYTES = 400 * 1024;

describe('a player that is fed', () => {
  it('plays, and says so in the codes of a live player', async ({ stage }) => {
    await stage.serve();
    const page = await FaqPage.open(stage, 'fed');
    await page.feed(stage.url('fed'), {}, 777);
    await page.waitsFor('playerReady');
    expect(await page.course()).not.toContain('playerStartPull');
    await page.page.evaluate(() => {
      if (globalThis.faq.player !== undefined) globalThis.faq.player.autoplay = true;
    });
    await page.waitsFor('2004');
    await page.paints(25);
    const course = await page.course();
    const places = ['playerReady', 'playerStartPull', '2001', '2008', '2003', '2004'].map((what) =>
      course.indexOf(what),
    );
    expect(
      places.every((place, at) => place > (places[at - 1] ?? -1)),
      course.join(' '),
    ).toBe(true);
    expect((await page.waitsFor('2009')).detail).toMatch(/^\d+x\d+$/);
    expect((await page.page.evaluate(() => globalThis.faq.player?.headers))?.['content-type']).toBe('video/x-flv');
    noteReach('player', 'method', 'setHeaders');
  });

  it('does what its remote control says', async ({ stage }) => {
    await stage.serve();
    const page = await FaqPage.open(stage, 'remote');
    await page.feed(stage.url('remote'), { autoplay: true });
    await page.waitsFor('2004');
    await page.page.evaluate(() => globalThis.faq.player?.livePlayerContext.pause());
    expect(JSON.parse((await page.waitsFor('playerClose')).detail)).toMatchObject({ code: 'LIVE_PLAYER_CLOSED' });
    await page.page.evaluate(() => globalThis.faq.player?.livePlayerContext.resume());
    await page.waitsFor('playerStartPull', 2);
    await page.waitsFor('2004', 2);
    const seen = await page.page.evaluate(async () => {
      const context = globalThis.faq.player?.livePlayerContext;
      const picture = await context?.snapshot({ quality: 'raw' });
      await context?.mute();
      return {
        type: picture?.blob.type,
        bytes: picture?.blob.size ?? 0,
        muted: document.querySelector('video')?.muted,
      };
    });
    expect(seen).toMatchObject({ type: 'image/png', muted: false });
    expect(seen.bytes).toBeGreaterThan(1000);
    await page.page.evaluate(() => globalThis.faq.player?.livePlayerContext.requestFullScreen());
    await eventually('it fills the screen', () =>
      page.page.evaluate(() => document.fullscreenElement?.localName === 'video'),
    );
    await page.page.evaluate(() => globalThis.faq.player?.livePlayerContext.exitFullScreen());
    await page.page.evaluate(() => globalThis.faq.player?.livePlayerContext.stop());
    await page.waitsFor('playerClose', 2);
    for (const call of ['play', 'pause', 'resume', 'stop', 'mute', 'snapshot', 'requestFullScreen', 'exitFullScreen']) {
      if (call !== 'play') noteReach('player', 'method', call);
    }
    await page.page.evaluate(() => globalThis.faq.player?.livePlayerContext.play());
    await page.waitsFor('2004', 3);
    noteReach('player', 'method', 'play');
  });

  it('gives sound up before the picture where the browser wants a click', async ({ stage }) => {
    await stage.serve();
    const browser = await startChromium({ autoplay: 'blocked' });
    stage.later(() => browser.close());
    const query = `?stream=${encodeURIComponent(stage.url('quiet'))}`;
    const before = (): void => {
      addEventListener('DOMContentLoaded', () => {
        const stream = new URLSearchParams(location.search).get('stream') ?? '';
        globalThis.faq.feed(stream, { autoplay: true, muted: false });
      });
    };
    const page = await FaqPage.open(stage, 'quiet', { browser, query, before });
    await eventually('it is muted', () => page.told.some((line) => line === 'note sound muted-by-browser'));
    await eventually('it plays', () => page.told.some((line) => line.startsWith('note 2004')));
  });

  it('says that it cannot be used where there is no MediaSource', async ({ stage }) => {
    await stage.serve();
    const before = (): void => {
      for (const name of ['MediaSource', 'WebKitMediaSource', 'ManagedMediaSource']) {
        Reflect.deleteProperty(globalThis, name);
      }
    };
    const page = await FaqPage.open(stage, 'bare', { before });
    await page.init().catch(() => undefined);
    await page.enter(stage.url('bare'));
    expect(JSON.parse((await page.waitsFor('playerError')).detail)).toMatchObject({ code: 'WECHAT_SERVER_ERROR' });
  });
});

describe('a player with more data than it plays', () => {
  it('tells its page to wait, loses nothing, and ends when everything was shown', async ({ stage }) => {
    const page = await FaqPage.open(stage, 'recording');
    const sample = readFileSync(samplePath()).toString('base64');
    await page.page.evaluate(
      ([bytes, queueBytes]) =>
        globalThis.faq.feedBytes(bytes, { autoplay: true, scene: 'playback', queueBytes }, 'heed'),
      [sample, QUEUE_BYTES] as const,
    );
    await page.waitsFor('writable');
    const { detail } = await page.waitsFor('sent all');
    expect(Number(detail)).toBeLessThanOrEqual(QUEUE_BYTES);
    await page.waitsFor('2006');
    const stats = await page.page.evaluate(() => globalThis.faq.player?.stats);
    expect(stats).toMatchObject({ droppedBytes: 0, queuedBytes: 0, state: 'ready' });
    expect(await page.course()).not.toContain('2103');
  });

  it('skips to the newest keyframe of a live stream whose page does not wait', async ({ stage }) => {
    const page = await FaqPage.open(stage, 'flood');
    const sample = readFileSync(samplePath()).toString('base64');
    await page.page.evaluate(
      ([bytes, queueBytes]) => globalThis.faq.feedBytes(bytes, { autoplay: true, queueBytes }, 'ignore'),
      [sample, LIVE_QUEUE_BYTES] as const,
    );
    const { detail } = await page.waitsFor('sent all');
    expect(Number(detail)).toBeLessThanOrEqual(LIVE_QUEUE_BYTES);
    await page.waitsFor('2003');
    expect((await page.page.evaluate(() => globalThis.faq.player?.stats))?.droppedBytes).toBeGreaterThan(0);
  });
});

describe('a pull that brings nothing of use', () => {
  it('is tried again and given up: no data', async ({ stage }) => {
    const page = await FaqPage.open(stage, 'silent');
    await page.page.evaluate(() =>
      globalThis.faq.feedBytes('', { autoplay: true, retries: 2, dataTimeoutMs: 3000 }, 'ignore'),
    );
    await page.waitsFor('playerStartPull');
    for (const tries of [1, 2]) {
      await page.advance(3000);
      expect((await page.waitsFor('2103', tries)).detail).toContain('errCode:-1001');
      await page.advance(1000);
      await page.waitsFor('playerStartPull', tries + 1);
    }
    await page.advance(3000);
    await page.waitsFor('-2301');
    expect(await page.page.evaluate(() => globalThis.faq.player?.state)).toBe('ready');
    expect((await page.course()).filter((what) => what === 'playerClose')).toHaveLength(3);
    expect(await page.page.evaluate(() => globalThis.faq.timers())).toBe(0);
  });

  it.for([
    ['bytes that are no FLV', Buffer.from('<html>not here</html>').toString('base64')],
    [
      'tags that are none',
      Buffer.concat([readFileSync(samplePath()).subarray(0, 13), Buffer.alloc(64, 7)]).toString('base64'),
    ],
  ] as const)('is tried again: %s', async ([name, bytes], { stage }) => {
    const page = await FaqPage.open(stage, name);
    await page.page.evaluate((base64) => globalThis.faq.feedBytes(base64, { autoplay: true }, 'ignore'), bytes);
    expect((await page.waitsFor('2103')).detail).toContain('errCode:-1016');
    expect(JSON.parse((await page.waitsFor('playerClose')).detail)).toMatchObject({ code: 'TRANSMISSION_ERROR' });
  });

  it('is tried again: headers of something else', async ({ stage }) => {
    const page = await FaqPage.open(stage, 'html');
    await page.feed(`${stage.pages.address}/faq.html`, { autoplay: true });
    expect((await page.waitsFor('2103')).detail).toContain('errCode:-1011');
  });
});

describe('a player whose element was taken away', () => {
  it('says so until it is reset, and then plays again', async ({ stage }) => {
    await stage.serve();
    const page = await FaqPage.open(stage, 'taken');
    await page.feed(stage.url('taken'), { autoplay: true, retries: 2 });
    await page.waitsFor('2004');
    await page.loseElement();
    expect((await page.waitsFor('2103')).detail).toContain('errCode:-1004');
    await page.waitsFor('playerError');
    await page.advance(1000);
    await page.waitsFor('2103', 2);
    await page.advance(1000);
    await page.waitsFor('-2301');
    await page.page.evaluate(() => globalThis.faq.player?.play());
    expect((await page.course()).filter((what) => what === 'playerStartPull')).toHaveLength(1);
    await page.page.evaluate(() => globalThis.faq.player?.reset());
    await page.waitsFor('playerReady', 2);
    await page.waitsFor('2004', 2);
    await page.paints(25);
    noteReach('player', 'method', 'reset');
  });
});
