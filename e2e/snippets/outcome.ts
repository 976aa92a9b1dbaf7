// What a page visibly comes to: a moving picture, a text, a line in the console.

import type { Page } from 'playwright';
import { DEADLINE_MS, eventually } from '../fixtures/eventually.ts';

/** Waits for what a `shows` mark says. */
export async function waitUntilShown(page: Page, what: string): Promise<void> {
  if (what === 'picture') return waitForPicture(page);
  const wanted = patternOf(what) ?? what;
  await page
    .getByText(wanted)
    .filter({ visible: true })
    .first()
    .waitFor({ timeout: DEADLINE_MS })
    .catch(async () => {
      throw new Error(`never on the page: ${what}\nit shows: ${await page.locator('body').innerText()}`);
    });
}

/** Waits for a logged line that fits. */
export async function waitUntilLogged(lines: readonly string[], pattern: string): Promise<void> {
  const wanted = new RegExp(pattern);
  await eventually(`a line like ${pattern} is logged`, () => lines.some((line) => wanted.test(line))).catch(
    (error: unknown) => {
      throw new Error(`${String(error)}\nlogged: ${lines.join('\n') || 'nothing'}`);
    },
  );
}

/** A picture with more than a few colours, twice, and not the same. */
async function waitForPicture(page: Page): Promise<void> {
  let first: number | undefined;
  await eventually('a video of the page shows a moving picture', async () => {
    const video = page.locator('video').first();
    if ((await video.count()) === 0) return false;
    const hash = await video.evaluate(hashOfPicture);
    first ??= hash;
    return hash !== undefined && hash !== first;
  });
}

/** Runs in the page. */
function hashOfPicture(video: SVGElement | HTMLElement): number | undefined {
  const context = document.createElement('canvas').getContext('2d');
  if (context === null || !(video instanceof HTMLVideoElement) || video.videoWidth === 0) return undefined;
  context.drawImage(video, 0, 0, 64, 36);
  const pixels = new Uint32Array(context.getImageData(0, 0, 64, 36).data.buffer);
  if (new Set(pixels).size < 16) return undefined;
  return pixels.reduce((hash, pixel) => (Math.imul(hash, 31) + pixel) | 0, 0);
}

const patternOf = (text: string): RegExp | undefined => {
  const pattern = /^\/(.*)\/$/.exec(text)?.[1];
  return pattern === undefined ? undefined : new RegExp(pattern);
};
