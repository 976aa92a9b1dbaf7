// The contract suite of links in real Chromium: the same that links in memory and in Node keep.

import { describe, expect } from 'vitest';
import { it } from './fixtures/stage.ts';
import type { Outcome } from './pages/contract/tiny-vitest.ts';

declare global {
  var runContract: { onPage(): Promise<Outcome[]>; inWorker(transfer: boolean): Promise<Outcome[]> };
}

const LEAST = 9;

function expectAllKept(outcomes: readonly Outcome[]): void {
  expect(outcomes.filter(({ failure }) => failure !== undefined)).toEqual([]);
  expect(outcomes.length).toBeGreaterThanOrEqual(LEAST);
}

describe('links keep their contract in Chromium', () => {
  it('on a page', async ({ stage }) => {
    const { page } = await stage.open('page', { file: 'links.html' });
    expectAllKept(await page.evaluate(() => globalThis.runContract.onPage()));
  });

  it('in a worker, over transferred channels', async ({ stage }) => {
    const { page } = await stage.open('page', { file: 'links.html' });
    expectAllKept(await page.evaluate(() => globalThis.runContract.inWorker(true)));
  });

  it('in a worker, over channels that stay on the page', async ({ stage }) => {
    const { page } = await stage.open('page', { file: 'links.html' });
    expectAllKept(await page.evaluate(() => globalThis.runContract.inWorker(false)));
  });
});
