// The studio as `npm start` serves it: a fake camera goes into a room and comes out as FLV and HLS, is recorded, and the
// customer's server hears of it.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { describe, expect, inject, onTestFinished } from 'vitest';
import { probe } from '../server/src/testing/encoders.ts';
import { startChromium } from './fixtures/chromium.ts';
import { eventually } from './fixtures/eventually.ts';
import { it, type Stage } from './fixtures/stage.ts';

const openStudio = async (stage: Stage): Promise<Page> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'shoal-studio-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const options = { sources: {}, bypass: 'embedded', dataDir, rtmpPort: 0, recordFreeMegabytes: 0 } as const;
  const server = await stage.serve({ ...options, staticDir: join(inject('site'), 'demo') });
  const browser = await startChromium({
    flags: [
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      '--auto-select-desktop-capture-source=Entire screen',
    ],
  });
  onTestFinished(() => browser.close());
  return stage.visit('studio', `${server.url}/studio/`, { browser });
};

/** The row of an output's address. */
const output = (page: Page, form: string) =>
  page.locator('#urls .address', { has: page.getByText(form, { exact: true }) });

/** Plays an output until so many pictures were painted, and says how large they are. */
const playsUntil = async (page: Page, form: string, pictures: number): Promise<readonly [number, number]> => {
  await output(page, form).getByText('Play').click();
  await eventually(`${form} plays`, () =>
    page.evaluate((least) => {
      const video = document.querySelector<HTMLVideoElement>('#player');
      return (video?.getVideoPlaybackQuality().totalVideoFrames ?? 0) >= least;
    }, pictures),
  );
  return page.evaluate(() => {
    const { videoWidth, videoHeight } = document.querySelector('#player') as HTMLVideoElement;
    return [videoWidth, videoHeight] as const;
  });
};

describe('the studio', () => {
  it('publishes camera and screen, plays every output, lists recordings and callbacks, and leaves', async ({
    stage,
  }) => {
    const page = await openStudio(stage);
    await page.locator('#enter').click();
    await page.locator('.source[data-track=main] .start').click();
    await eventually('three addresses', async () => (await page.locator('#urls .address').count()) === 3);
    expect(await output(page, 'RTMP').locator('code').innerText()).toMatch(/^rtmp:\/\/.*\/live\/8888_[0-9a-f]{32}$/);
    expect(await playsUntil(page, 'FLV', 20)).toEqual([1280, 720]);
    expect(await playsUntil(page, 'HLS', 20)).toEqual([1280, 720]);
    const address = (form: string): Promise<string> => output(page, form).locator('code').innerText();
    for (const form of ['RTMP', 'HLS']) {
      const { streams } = await probe(await address(form));
      expect(streams.map(({ codec_name }) => codec_name).sort(), form).toEqual(['aac', 'h264']);
    }
    const screen = page.locator('.source[data-track=aux]');
    await screen.locator('.start').click();
    await eventually('the screen has three more', async () => (await page.locator('#urls .address').count()) === 6);
    await screen.locator('.stop').click();
    await eventually('they go with it', async () => (await page.locator('#urls .address').count()) === 3);
    await page.locator('#screenshot').click();
    const recordings = page.locator('#recordings');
    await eventually('the screenshot is listed', async () => (await recordings.innerText()).includes('JPEG'));
    await page.locator('#leave').click();
    await eventually('all formats are recorded', async () => {
      const text = await recordings.innerText();
      return ['FLV', 'MP4', 'HLS'].every((format) => text.includes(format)) && !text.includes('recording…');
    });
    await eventually('the customer has heard of it', async () => {
      const text = await page.locator('#callbacks').innerText();
      return ['began', 'screenshot ready', 'recording ready (MP4)', 'cut'].every((word) => text.includes(word));
    });
    expect(await page.locator('#standing').innerText()).toBe('You have left the room.');
    expect(await page.locator('#trouble').isVisible()).toBe(false);
  });
});
