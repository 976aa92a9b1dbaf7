// A page that publishes a fake camera and microphone, and another page that plays what comes of it.

import type { Browser } from 'playwright';
import { afterAll, describe, expect, onTestFinished } from 'vitest';
import { publishAddress } from '../src/wire/publish.ts';
import { startChromium } from './fixtures/chromium.ts';
import { eventually } from './fixtures/eventually.ts';
import { SlowLine } from './fixtures/slow-line.ts';
import { it, type Stage } from './fixtures/stage.ts';
import type { Tab } from './fixtures/tab.ts';

const FAKE = [
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  '--auto-select-desktop-capture-source=Entire screen',
];

let browser: Promise<Browser> | undefined;
const studio = (): Promise<Browser> => {
  browser ??= startChromium({ flags: FAKE });
  return browser;
};
afterAll(async () => {
  await (await browser)?.close();
});

const openStudio = async (stage: Stage, name: string, before?: () => void): Promise<Tab> => {
  const tab = await stage.open(name, {
    browser: await studio(),
    file: 'publish.html',
    ...(before === undefined ? {} : { before }),
  });
  await tab.page.waitForFunction(() => globalThis.publishing !== undefined);
  return tab;
};

const publish = (tab: Tab, options: object) =>
  tab.page.evaluate((given) => globalThis.publishing.start(given as never), options);

const figures = async (tab: Tab) => {
  const seen = await tab.page.evaluate(async () => globalThis.publishing.seats[0]?.publisher.stats());
  if (seen === undefined) throw new Error('nothing is published');
  return seen;
};

const said = (tab: Tab) => tab.page.evaluate(() => globalThis.publishing.seats[0]?.said ?? []);

/** Publishes pictures with a track of sound that says nothing at all. */
const publishMute = (tab: Tab, url: string) =>
  tab.page.evaluate((address) => {
    const canvas = document.createElement('canvas');
    const context = canvas.getContext('2d');
    setInterval(() => context?.fillRect(Math.random() * 300, 0, 9, 9), 40);
    const silent = new AudioContext();
    void silent.suspend();
    const [sound] = silent.createMediaStreamDestination().stream.getAudioTracks();
    const source = canvas.captureStream(25);
    if (sound !== undefined) source.addTrack(sound);
    return globalThis.publishing.start({ url: address, source });
  }, url);

const stop = (tab: Tab) => tab.page.evaluate(() => globalThis.publishing.seats[0]?.publisher.stop());

/** Sound that a viewer has decoded, bytes. */
const soundOf = (tab: Tab): Promise<number> =>
  tab.page.evaluate(() => {
    const video = document.querySelector('video') as HTMLVideoElement & { webkitAudioDecodedByteCount: number };
    return video.webkitAudioDecodedByteCount;
  });

const small = { width: 320, height: 180, frameRate: 20, maxBitrate: 300_000, keyframeSeconds: 1 };
const KEY = 'let-me-in-please';

const serve = async (stage: Stage) => {
  const server = await stage.serve({ sources: {}, publish: 'keys', publishKeys: { '*': KEY } });
  return { address: (key = KEY) => `${server.url}${publishAddress(stage.path, key)}`, url: server.url };
};

describe('a page that publishes', () => {
  it('sends camera and microphone; a viewer sees and hears it; the end is an end', async ({ stage }) => {
    const { address } = await serve(stage);
    const tab = await openStudio(stage, 'studio');
    expect(await tab.page.evaluate(() => globalThis.publishing.lacks())).toEqual([]);
    expect(await publish(tab, { url: address('a-wrong-key'), video: small })).toEqual({ code: 'publish/refused' });
    expect(await publish(tab, { url: address(), video: small })).toBe('live');
    const viewer = await stage.watch('viewer');
    await viewer.paints(20);
    const { width, height } = await viewer.page.evaluate(() => {
      const { videoWidth, videoHeight } = document.querySelector('video') as HTMLVideoElement;
      return { width: videoWidth, height: videoHeight };
    });
    expect([width, height]).toEqual([320, 180]);
    await eventually('sound is decoded', async () => (await soundOf(viewer)) > 5000);
    expect(await figures(tab)).toMatchObject({ width: 320, height: 180, droppedGroups: 0, reconnects: 0 });
    await stop(tab);
    expect(await said(tab)).toEqual(['ended', 'in good order']);
    const tracks = () =>
      globalThis.publishing.seats[0]?.publisher.stream.getTracks().map(({ readyState }) => readyState);
    expect(await tab.page.evaluate(tracks)).toEqual(['ended', 'ended']);
  });

  it('lowers its bitrate on a slow line, drops whole groups, raises it again, and comes back from a broken line', async ({
    stage,
  }) => {
    const { address, url } = await serve(stage);
    const line = await new SlowLine(url).start();
    onTestFinished(() => line.close());
    const tab = await openStudio(stage, 'studio');
    const video = { ...small, width: 640, height: 360, maxBitrate: 1_500_000, minBitrate: 100_000 };
    expect(await publish(tab, { url: address().replace(url, line.url), video })).toBe('live');
    await eventually('bytes arrive', async () => (await figures(tab)).arrivedBytes > 50_000);
    // What the fake camera shows takes more than this at any rate, so that something has to go.
    line.setBitsPerSec(60_000);
    await eventually('the bitrate falls', async () => (await figures(tab)).bitsPerSec < 400_000);
    await eventually('groups are dropped', async () => (await figures(tab)).droppedGroups > 0);
    expect((await figures(tab)).queuedMs).toBeLessThanOrEqual(2500);
    const { bitsPerSec } = await figures(tab);
    line.setBitsPerSec(Number.POSITIVE_INFINITY);
    await eventually('the bitrate rises again', async () => (await figures(tab)).bitsPerSec > bitsPerSec);
    line.cut();
    await eventually(
      'it is back',
      async () => (await figures(tab)).reconnects > 0 && (await said(tab)).at(-1) === 'live',
    );
    expect(await said(tab)).toEqual(['reconnecting', 'live']);
    const viewer = await stage.watch('viewer');
    await viewer.paints(10);
    await stop(tab);
  });

  it('captures without the browser’s own stream of frames, says what is missing, and ends with its tracks', async ({
    stage,
  }) => {
    const { address } = await serve(stage);
    const plain = await openStudio(stage, 'plain', () => {
      Reflect.deleteProperty(globalThis, 'MediaStreamTrackProcessor');
    });
    expect(await publish(plain, { url: address(), video: small })).toBe('live');
    const viewer = await stage.watch('viewer');
    await viewer.paints(10);
    await eventually('sound is decoded', async () => (await soundOf(viewer)) > 3000);
    await plain.page.evaluate(() => {
      for (const track of globalThis.publishing.seats[0]?.publisher.stream.getTracks() ?? []) {
        track.stop();
        track.dispatchEvent(new Event('ended'));
      }
    });
    await eventually('it ended', async () => (await said(plain)).includes('publish/capture-ended'));
    expect(await publishMute(plain, address().replace(stage.path, `${stage.path}-mute`))).toBe('live');
    await eventually('pictures go on without the sound that never came', async () =>
      plain.page.evaluate(
        async () => ((await globalThis.publishing.seats[1]?.publisher.stats())?.arrivedBytes ?? 0) > 0,
      ),
    );
    const bare = await openStudio(stage, 'bare', () => {
      Reflect.deleteProperty(globalThis, 'VideoEncoder');
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'));
    });
    expect(await bare.page.evaluate(() => globalThis.publishing.lacks())).toEqual(['publish/no-encoder']);
    expect(await publish(bare, { url: address() })).toEqual({ code: 'publish/no-encoder' });
  });
});
