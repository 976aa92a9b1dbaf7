// A page that publishes a fake camera and microphone, and another page that plays what comes of it.

import type { Browser } from 'playwright';
import { afterAll, describe, expect } from 'vitest';
import { publishAddress } from '../src/wire/publish.ts';
import { startChromium } from './fixtures/chromium.ts';
import { eventually } from './fixtures/eventually.ts';
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

const figures = (tab: Tab) => tab.page.evaluate(async () => globalThis.publishing.seats[0]?.publisher.stats());

const said = (tab: Tab) => tab.page.evaluate(() => globalThis.publishing.seats[0]?.said ?? []);

const small = { width: 320, height: 180, frameRate: 20, maxBitrate: 300_000, keyframeSeconds: 1 };

describe('a page that publishes', () => {
  it('sends camera and microphone; a viewer sees and hears it; the end is an end', async ({ stage }) => {
    const server = await stage.serve({
      sources: {},
      publish: 'keys',
      publishKeys: { [stage.path]: 'let-me-in-please' },
    });
    const address = (key: string) => `${server.url}${publishAddress(stage.path, key)}`;
    const tab = await openStudio(stage, 'studio');
    expect(await publish(tab, { url: address('a-wrong-key'), video: small })).toEqual({ code: 'publish/refused' });
    expect(await publish(tab, { url: address('let-me-in-please'), video: small })).toBe('live');
    const viewer = await stage.watch('viewer');
    await viewer.paints(20);
    const playing = await viewer.page.evaluate(() => {
      const video = document.querySelector('video') as HTMLVideoElement & { webkitAudioDecodedByteCount: number };
      return { width: video.videoWidth, height: video.videoHeight, sound: video.webkitAudioDecodedByteCount };
    });
    expect(playing).toMatchObject({ width: 320, height: 180 });
    await eventually('sound is decoded', () =>
      viewer.page.evaluate(
        () =>
          (document.querySelector('video') as HTMLVideoElement & { webkitAudioDecodedByteCount: number })
            .webkitAudioDecodedByteCount > 5000,
      ),
    );
    const sent = await figures(tab);
    expect(sent).toMatchObject({ width: 320, height: 180, droppedGroups: 0, reconnects: 0 });
    await tab.page.evaluate(() => globalThis.publishing.seats[0]?.publisher.stop());
    expect(await said(tab)).toEqual(['ended', 'in good order']);
    expect(
      await tab.page.evaluate(() =>
        globalThis.publishing.seats[0]?.publisher.stream.getTracks().map(({ readyState }) => readyState),
      ),
    ).toEqual(['ended', 'ended']);
  });
});
