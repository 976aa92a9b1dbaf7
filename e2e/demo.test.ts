// The example page as `npm start` serves it: two tabs, and the second one shows that the first feeds it.

import { join } from 'node:path';
import type { Page } from 'playwright';
import { describe, expect, inject } from 'vitest';
import { eventually } from './fixtures/eventually.ts';
import { it, type Stage } from './fixtures/stage.ts';

const openDemo = (stage: Stage, name: string): Promise<Page> =>
  stage.visit(name, `${stage.server.url}/?url=${encodeURIComponent(stage.url(name))}`);

/** The fact under a tile's name. */
const tile = (page: Page, name: string): Promise<string> =>
  page
    .locator('#tiles div', { has: page.getByText(name, { exact: true }) })
    .locator('dd')
    .innerText();

describe('the example page', () => {
  it('shows a picture, and in the second tab that neighbours feed it', async ({ stage }) => {
    await stage.serve({ staticDir: join(inject('site'), 'demo') });
    const first = await openDemo(stage, 'first');
    await eventually('the first tab plays', async () => (await tile(first, 'state').catch(() => '')) === 'playing');
    const second = await openDemo(stage, 'second');
    await eventually('neighbours feed the second tab', async () => {
      const [, fed = '0'] =
        /^(\d+) of \d+$/.exec(await tile(second, 'substreams from neighbours').catch(() => '')) ?? [];
      return Number(fed) > 0;
    });
    await eventually('it says so in words', async () =>
      (await second.locator('#explain').innerText()).includes('come from neighbours'),
    );
    for (const page of [first, second]) {
      await eventually('each shows the other', async () => (await page.locator('#neighbours tr').count()) === 1);
    }
    await eventually('the share shows', async () => (await second.locator('#share-neighbours').innerText()) !== '0 %');
    await eventually('a second of pictures is painted', async () => {
      const painted = () => document.querySelector('video')?.getVideoPlaybackQuality().totalVideoFrames ?? 0;
      return (await second.evaluate(painted)) > 25;
    });
    const size = await second.locator('canvas').evaluate((canvas: HTMLCanvasElement) => canvas.width * canvas.height);
    expect(size).toBeGreaterThan(0);
  });
});
