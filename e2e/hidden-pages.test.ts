// A page behind another one: its timers fire once a second, those of its worker as always, so it goes on carrying.

import { expect } from 'vitest';
import { eventually } from './fixtures/eventually.ts';
import { startPlainChromium } from './fixtures/plain-chromium.ts';
import { it } from './fixtures/stage.ts';
import { isFed, pushedBy } from './fixtures/swarm.ts';
import type { Tab } from './fixtures/tab.ts';

/** A timer of 20 ms that is held back takes a second; a busy machine makes it some tens of milliseconds late. */
const HELD_BACK_MS = 900;
const ON_TIME_MS = 400;
const TICKS = 8;

/** How long a page's timer of 20 ms takes, the middle of a few. */
const timerOf = (tab: Tab): Promise<number> =>
  tab.page.evaluate(async (ticks) => {
    const took: number[] = [];
    for (let tick = 0; tick < ticks; tick++) {
      const from = performance.now();
      await new Promise((resolve) => setTimeout(resolve, 20));
      took.push(performance.now() - from);
    }
    return took.sort((a, b) => a - b)[ticks >> 1] ?? 0;
  }, TICKS);

it('goes on carrying the stream for others', async ({ stage }) => {
  const { context, close } = await startPlainChromium();
  stage.later(close);
  await stage.serve();
  const parent = await stage.watch('parent', {}, { context });
  await parent.hears('started');
  const child = await stage.watch('child', {}, { beside: parent });
  await isFed(child);
  await child.paints(100);
  await child.page.bringToFront();
  await eventually('the parent is hidden', () => parent.page.evaluate(() => document.visibilityState === 'hidden'));
  await child.forgetStalls();
  expect(await timerOf(parent)).toBeGreaterThan(HELD_BACK_MS);
  const before = (await child.shared()).viewer.neighbourBytes;
  await child.paints(200);
  const { viewer } = await child.shared();
  console.log(
    `behind another page: ${viewer.neighbourBytes - before} bytes in 200 pictures, lag p95 ${viewer.lagMsP95} ms`,
  );
  expect(pushedBy(await parent.shared(), await child.shared())).toBeGreaterThan(0);
  expect(viewer.neighbourBytes).toBeGreaterThan(before);
  expect((await child.shared()).viewer.lagMsP95).toBeLessThan(ON_TIME_MS);
  expect(await child.stalls()).toEqual([]);
});
