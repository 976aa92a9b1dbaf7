// Firefox beside Chromium: the same page, the same script, and links between the two.

import type { Browser } from 'playwright';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { publishAddress } from '../src/wire/publish.ts';
import { connectCamera, paintsMore, show } from './fixtures/device-page.ts';
import { DeviceProcess } from './fixtures/device-process.ts';
import { isIn, openElement } from './fixtures/element-page.ts';
import { eventually } from './fixtures/eventually.ts';
import { hasFirefox, startFirefox } from './fixtures/firefox.ts';
import { countThings } from './fixtures/living-things.ts';
import { NativePage } from './fixtures/native-page.ts';
import { type Stage, it as staged } from './fixtures/stage.ts';
import { hasSettled, pushedBy } from './fixtures/swarm.ts';
import type { Tab } from './fixtures/tab.ts';

const it = staged.skipIf(!hasFirefox);

let firefox: Browser;
beforeAll(async () => {
  if (hasFirefox) firefox = await startFirefox();
});
afterAll(() => firefox?.close());

/** A browser that cannot give channels to workers, as Firefox could not for long. */
const withoutTransfer = (): void => {
  const refuse = (taken: unknown): void => {
    const list: unknown = Array.isArray(taken) ? taken : (taken as StructuredSerializeOptions | undefined)?.transfer;
    if (Array.isArray(list) && list.some((one) => one instanceof RTCDataChannel)) {
      throw new DOMException('not transferable', 'DataCloneError');
    }
  };
  const post = MessagePort.prototype.postMessage;
  MessagePort.prototype.postMessage = function (this: MessagePort, ...given: unknown[]) {
    refuse(given[1]);
    return Reflect.apply(post, this, given);
  };
};

/** Codes of what the SDK misses in the browser of a tab. */
const reasonsOf = (tab: Tab): Promise<readonly string[]> =>
  tab.page.evaluate(() => globalThis.Shoal.supportReasons().map(({ code }) => code));

const saysLinksStay = async (tab: Tab): Promise<boolean> => /cannot give links/.test((await tab.explain()).join(' '));

/** Waits until one tab has nearly all from the other, and the origin sends one copy for both. */
async function feeds(stage: Stage, parent: Tab, child: Tab): Promise<void> {
  await hasSettled([parent, child]);
  await eventually(`${parent.name} feeds ${child.name}`, async () => {
    const [giving, taking] = [await parent.shared(), await child.shared()];
    return pushedBy(giving, taking) >= taking.viewer.substreams - 1;
  });
  const before = (await child.shared()).viewer;
  const sent = stage.egressTo(child.name);
  await child.paints(50);
  const { neighbourBytes, playedBytes, piecesRejected } = (await child.shared()).viewer;
  const share = (neighbourBytes - before.neighbourBytes) / (playedBytes - before.playedBytes);
  console.log(`${child.name}: ${share.toFixed(2)} of what it played came from ${parent.name}`);
  expect(share, 'of what is played comes verified from the neighbour').toBeGreaterThan(0.7);
  expect(stage.egressTo(child.name) - sent, 'the origin saves that').toBeLessThan(
    0.3 * (playedBytes - before.playedBytes),
  );
  expect(piecesRejected).toBe(0);
  expect((await parent.shared()).viewer.uploadedBytes).toBeGreaterThanOrEqual(neighbourBytes - before.neighbourBytes);
}

describe(hasFirefox ? 'Firefox' : 'Firefox is not installed, so it', () => {
  it('plays', async ({ stage }) => {
    await stage.serve();
    const tab = await stage.watch('fox', {}, { browser: firefox });
    await tab.showsTheSample();
    expect((await tab.stats()).state).toBe('playing');
    expect((await tab.shared()).mode).toBe('shared');
    expect(await tab.page.evaluate(() => globalThis.Shoal.isSupported())).toBe(true);
    // What it lacked until lately.
    expect([[], ['support/links-on-page']]).toContainEqual(await reasonsOf(tab));
  });

  it('is fed by Chromium, and ends without leaving anything', async ({ stage }) => {
    await stage.serve();
    const chrome = await stage.watch('chrome');
    await chrome.hears('started');
    const fox = await stage.watch('fox', {}, { browser: firefox, before: countThings });
    await feeds(stage, chrome, fox);
    await fox.showsTheSample();
    expect(await saysLinksStay(fox), 'the first link shows what trying has shown').toBe(
      (await reasonsOf(fox)).length > 0,
    );

    await fox.page.evaluate(() => globalThis.stage.seatOf(0).player.destroy());
    await eventually('workers and connections are gone', () =>
      fox.page.evaluate(() => globalThis.things.workers().length + globalThis.things.connections().length === 0),
    );
    expect(await fox.page.evaluate(() => globalThis.things.made())).toBeGreaterThan(0);
    expect(await fox.page.evaluate(() => document.querySelector('video')?.src)).toBe('');
    await eventually('the server sees one viewer', () => stage.server.streams()[0]?.viewers === 1);
    await eventually('the tracker too', () => stage.server.rooms()[0]?.viewers === 1);
    await chrome.showsTheSample();
  });

  it('feeds Chromium, also over channels that stay on the page', async ({ stage }) => {
    await stage.serve();
    const fox = await stage.watch('fox', {}, { browser: firefox, before: withoutTransfer });
    await fox.hears('started');
    const chrome = await stage.watch('chrome');
    await feeds(stage, fox, chrome);
    for (const tab of [fox, chrome]) await tab.showsTheSample();
    expect(await reasonsOf(fox)).toEqual(['support/links-on-page']);
    expect([await saysLinksStay(fox), await saysLinksStay(chrome)]).toEqual([true, false]);
  });

  it('shares HLS with Chromium', async ({ stage }) => {
    await stage.serve();
    const url = `${stage.server.url}${stage.path}.m3u8`;
    const chrome = await stage.watch('chrome', { url });
    await chrome.hears('started');
    const fox = await stage.watch('fox', { url }, { browser: firefox });
    await eventually('segments come from the other', async () => {
      const { neighbourBytes, piecesRejected, vouchedBy } = (await fox.stats()).hls ?? {};
      return (neighbourBytes ?? 0) > 200_000 && vouchedBy === 'playlist' && piecesRejected === 0;
    });
    await fox.showsTheSample();
  });

  it('takes the tab key through the controls of the element, past the picture', async ({ stage }) => {
    await stage.serve();
    const page = await openElement(stage, 'tabs', { browser: firefox });
    await isIn(page, 'playing');
    const reached: (string | null | undefined)[] = [];
    for (let at = 0; at < 4; at++) {
      await page.keyboard.press('Tab');
      reached.push(
        await page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.getAttribute('aria-label')),
      );
    }
    expect(reached).toEqual(['Pause', 'Unmute', 'Volume', 'How this stream reaches you']);
  });

  it('plays the virtual address of its Service Worker', async ({ stage }) => {
    await stage.serve();
    const native = await NativePage.load(stage, 'native', {}, { browser: firefox });
    const { url } = await native.start(stage.url('native'));
    expect(url).toContain('/__shoal__/');
    await native.watch(url);
    await native.paints(25);
  });

  it('publishes, also where its sound cannot begin', async ({ stage }) => {
    const server = await stage.serve({ sources: {}, publish: 'open' });
    const studio = await stage.open('studio', { browser: firefox, file: 'publish.html' });
    await studio.page.waitForFunction(() => globalThis.publishing !== undefined);
    expect(await studio.page.evaluate(() => globalThis.publishing.lacks())).toEqual([]);
    const begun = await studio.page.evaluate(
      (url) => {
        const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 180 });
        const context = canvas.getContext('2d');
        setInterval(() => context?.fillRect(Math.random() * 300, 0, 9, 9), 40);
        const sounding = new AudioContext();
        const tone = sounding.createOscillator();
        const out = sounding.createMediaStreamDestination();
        tone.connect(out);
        tone.start();
        const source = new MediaStream([...canvas.captureStream(25).getTracks(), ...out.stream.getTracks()]);
        return globalThis.publishing.start({ url, source, video: { maxBitrate: 300_000, keyframeSeconds: 1 } });
      },
      `${server.url}${publishAddress(stage.path, '')}`,
    );
    expect(begun).toBe('live');
    const viewer = await stage.watch('viewer');
    await viewer.paints(20);
    await studio.page.evaluate(() => globalThis.publishing.seats[0]?.publisher.stop());
  });

  it('shows what a device sees', async ({ stage }) => {
    await stage.serve();
    const device = new DeviceProcess();
    stage.later(() => device.close());
    const info = await device.start(`${stage.server.url.replace(/^http/, 'ws')}/devices`);
    const { page } = await stage.open('camera', { browser: firefox });
    await connectCamera(page, info);
    await show(page, 'live');
    await paintsMore(page, 25);
  });

  it('is heard when its pages complain', async ({ stage }) => {
    const { page } = await stage.open('loud', { browser: firefox });
    await page.evaluate(() => {
      console.error('said by the page');
      setTimeout(() => {
        throw new Error('thrown by the page');
      });
      Promise.reject(new Error('rejected by the page'));
      const text = `console.error('said by a worker'); throw new Error('thrown by a worker')`;
      new Worker(URL.createObjectURL(new Blob([text])));
    });
    const said = [
      /console error: said by the page/,
      /thrown by the page/,
      /rejected by the page/,
      /thrown by a worker/,
    ];
    await eventually('everything is heard', () =>
      said.every((pattern) => stage.complaints.undeclared().some((line) => pattern.test(line))),
    );
    stage.complaints.expect(/(said|thrown|rejected) by/);
  });
});
