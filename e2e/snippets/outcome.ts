// What a page visibly comes to: a moving picture, a text, a line in the console.

import type { Page } from 'playwright';
import { eventually } from '../../src/swarm-test/eventually.ts';

/** A page that runs a code block. */
export interface Running {
  readonly page: Page;
  /** Everything it has logged. */
  readonly logged: readonly string[];
  /** Throws what the page complained about, so that nobody waits for an outcome in vain. */
  readonly check: () => void;
}

/** Waits for what a `shows` mark says. */
export async function waitUntilShown({ page, check }: Running, what: string): Promise<void> {
  if (what === 'picture') return waitForPicture(page, check);
  const wanted = page.getByText(patternOf(what) ?? what).filter({ visible: true });
  await eventually(
    `the page shows ${what}`,
    async () => {
      check();
      return (await wanted.count()) > 0;
    },
    { shown: async () => `It shows:\n${await page.locator('body').innerText()}` },
  );
}

/** Waits for a logged line that fits. */
export async function waitUntilLogged({ logged, check }: Running, pattern: string): Promise<void> {
  const wanted = new RegExp(pattern);
  await eventually(
    `a line like ${pattern} is logged`,
    () => {
      const found = logged.some((line) => wanted.test(line));
      if (!found) check();
      return found;
    },
    { shown: () => `Logged:\n${logged.join('\n') || 'nothing'}` },
  );
}

/** A picture with more than a few colours, twice, and not the same. */
async function waitForPicture(page: Page, check: () => void): Promise<void> {
  let first: number | undefined;
  await eventually('a video of the page shows a moving picture', async () => {
    check();
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
