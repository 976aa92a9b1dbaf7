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

/** How long a timer of 20 ms takes, the middle of a few: of a page, and of a worker of it. */
const timersOf = (tab: Tab): Promise<{ page: number; worker: number }> =>
  tab.page.evaluate(async (ticks) => {
    const middle = async (count: number): Promise<number> => {
      const took: number[] = [];
      for (let tick = 0; tick < count; tick++) {
        const from = performance.now();
        await new Promise((resolve) => setTimeout(resolve, 20));
        took.push(performance.now() - from);
      }
      return took.sort((a, b) => a - b)[count >> 1] ?? 0;
    };
    const source = URL.createObjectURL(new Blob([`(${middle})(${ticks}).then((took) => postMessage(took))`]));
    const worker = new Worker(source);
    const ofWorker = new Promise<number>((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(Number(data));
      worker.onerror = ({ message }) => reject(new Error(message));
    });
    const timers = { page: await middle(ticks), worker: await ofWorker };
    worker.terminate();
    URL.revokeObjectURL(source);
    return timers;
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
  const timers = await timersOf(parent);
  expect(timers.page).toBeGreaterThan(HELD_BACK_MS);
  expect(timers.worker).toBeLessThan(HELD_BACK_MS / 2);
  const before = (await child.shared()).viewer.neighbourBytes;
  await child.paints(200);
  const { viewer } = await child.shared();
  console.log(
    `behind another page, timers ${timers.page} and ${timers.worker} ms: ${viewer.neighbourBytes - before} bytes in 200 pictures, lag p95 ${viewer.lagMsP95} ms`,
  );
  expect(pushedBy(await parent.shared(), await child.shared())).toBeGreaterThan(0);
  expect(viewer.neighbourBytes).toBeGreaterThan(before);
  expect((await child.shared()).viewer.lagMsP95).toBeLessThan(ON_TIME_MS);
  expect(await child.stalls()).toEqual([]);
});
