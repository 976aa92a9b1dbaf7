// The camera page as `npm start` serves it, and a second person for whom the camera has no room: they see what it shares.

import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { describe, inject } from 'vitest';
import { looped } from '../tools/sample-camera.mjs';
import { startChromium } from './fixtures/chromium.ts';
import { DeviceProcess } from './fixtures/device-process.ts';
import { eventually } from './fixtures/eventually.ts';
import { it, type Stage } from './fixtures/stage.ts';

const MICROPHONE = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];
const RECORDED_MS = 60_000;

/** A camera that has recorded something this morning, and shows its picture to one person directly. */
const startCamera = async (stage: Stage): Promise<{ readonly camera: DeviceProcess; readonly address: string }> => {
  await stage.serve({ staticDir: join(inject('site'), 'demo'), publish: 'open' });
  const camera = new DeviceProcess();
  stage.later(() => camera.close());
  const hook = join(camera.folder, 'head.sh');
  writeFileSync(hook, '#!/bin/sh\nprintf \'{"pan":-1,"tilt":0,"apex":"no"}\'\n');
  chmodSync(hook, 0o755);
  const from = Math.floor(new Date().setHours(0, 0, 0, 0) / 1000) + 60;
  const sample = readFileSync(new URL('../server/media/sample.flv', import.meta.url));
  writeFileSync(join(camera.folder, `${from}-${from + RECORDED_MS / 1000}.flv`), looped(sample, RECORDED_MS));
  const socket = stage.server.url.replace(/^http/, 'ws');
  const options = ['--viewers', '1', '--share', `${socket}/publish${stage.path}-shared`, '--hook', hook];
  const info = await camera.start(`${socket}/devices`, options);
  return { camera, address: `${stage.server.url}/camera/#info=${encodeURIComponent(info)}` };
};

const moves = async (page: Page): Promise<void> => {
  const at = await page.evaluate(() => document.querySelector('video')?.currentTime ?? 0);
  await eventually('the picture moves', () =>
    page.evaluate((from) => {
      const now = document.querySelector('video')?.currentTime ?? 0;
      return Math.abs(now - from) > 0.3;
    }, at),
  );
};

const says = (page: Page, id: string, words: string): Promise<boolean> =>
  eventually(`#${id} says ${words}`, async () => (await page.locator(`#${id}`).innerText()).includes(words));

describe('the camera page', () => {
  it('shows, moves, hears, plays back and downloads; who comes when there is no room sees what is shared', async ({
    stage,
  }) => {
    const { camera, address } = await startCamera(stage);
    const browser = await startChromium({ flags: MICROPHONE });
    stage.later(() => browser.close());
    const page = await stage.visit('first', address, { browser });
    await says(page, 'state', 'connected directly');
    await says(page, 'badge', 'live · high');
    await moves(page);

    await page.click('[data-move=left]');
    await says(page, 'log', 'ptz_left → success');
    await page.click('#talk');
    await eventually('the camera hears', () => existsSync(camera.voiceFile) && statSync(camera.voiceFile).size > 8_000);
    await page.click('#talk');
    await says(page, 'talk-said', 'You have hung up.');

    const second = await stage.visit('second', address, { browser });
    await says(second, 'badge', 'shared with other viewers');
    await moves(second);

    await page.click('#files button');
    await says(page, 'files', 'Saved');
    const line = await page.locator('#timeline').boundingBox();
    if (line === null) throw new Error('no timeline');
    await page.mouse.click(line.x + line.width / 2, line.y + 20);
    await says(page, 'badge', 'recorded');
    await moves(page);
    await page.click('#live');
    // The second one still watches what is shared, so the first place is free.
    await says(page, 'badge', 'live · high');
    await moves(page);
    await eventually('nothing is wrong', () => page.locator('#banner').isHidden());
  });
});
