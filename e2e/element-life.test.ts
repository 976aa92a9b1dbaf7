// What frameworks and editors do to elements: change attributes, move them, take them out and put them back, set
// properties too early, import on a server.

import { join } from 'node:path';
import { execPath } from 'node:process';
import type { Page } from 'playwright';
import { describe, expect } from 'vitest';
import { projectRoot } from '../tools/files.ts';
import { run } from '../tools/run.ts';
import { heardBy, hears, isIn, openElement, paints, stateOf } from './fixtures/element-page.ts';
import { eventually } from './fixtures/eventually.ts';
import { it } from './fixtures/stage.ts';

/** How often a player was made. */
const starts = async (page: Page): Promise<number> =>
  (await heardBy(page)).filter(({ name }) => name === 'started').length;

describe('changed attributes', () => {
  it('lead to another stream, once however many change', async ({ stage }) => {
    await stage.serve({ sources: { [stage.path]: 'embedded', '/live/other': 'embedded' } });
    const page = await openElement(stage, 'changes');
    await isIn(page, 'playing');
    await page.evaluate((src) => {
      const element = document.querySelector('shoal-player');
      element?.setAttribute('src', src);
      element?.setAttribute('latency', '600');
      element?.setAttribute('neighbours', '4');
    }, `${stage.server.url}/live/other.flv?tag=changed`);
    await eventually('the other stream plays', async () => (await starts(page)) === 2);
    await eventually('nobody watches the first', () =>
      stage.server.streams().every(({ path, viewers }) => viewers === (path === stage.path ? 0 : 1)),
    );
    expect(await starts(page)).toBe(2);
  });

  it('are heeded in mid-play where nothing has to start anew', async ({ stage }) => {
    await stage.serve();
    const page = await openElement(stage, 'mid-play');
    await isIn(page, 'playing');
    const stats = await page.evaluate(async () => {
      const element = document.querySelector('shoal-player');
      element?.setAttribute('sharing', 'download-only');
      element?.setAttribute('upload-cap', '800');
      return element?.player?.stats();
    });
    expect(stats).toMatchObject({ sharing: 'download-only', policy: { uploadBytesPerSec: 100_000 } });
    expect(await starts(page)).toBe(1);
    await page.evaluate(() => document.querySelector('shoal-player')?.removeAttribute('src'));
    await isIn(page, 'idle');
    await eventually('nobody watches', () => stage.server.streams().every(({ viewers }) => viewers === 0));
  });
});

describe('an element in the document', () => {
  it('plays on when it is moved', async ({ stage }) => {
    await stage.serve();
    const page = await openElement(stage, 'moved');
    await isIn(page, 'playing');
    const isSame = await page.evaluate(async () => {
      const element = document.querySelector('shoal-player');
      const player = element?.player;
      const place = document.createElement('section');
      document.body.append(place);
      if (element !== null) place.append(element);
      await new Promise((resolve) => setTimeout(resolve));
      return player !== undefined && player === element?.player;
    });
    expect(isSame).toBe(true);
    await paints(page, 25);
    expect(await stateOf(page)).toBe('playing');
    expect(await starts(page)).toBe(1);
  });

  it('ends when it is taken out, and plays when it is put back', async ({ stage }) => {
    await stage.serve();
    const page = await openElement(stage, 'out');
    await isIn(page, 'playing');
    await page.evaluate(() => {
      const element = document.querySelector('shoal-player');
      Object.assign(globalThis, { kept: element });
      element?.remove();
    });
    await eventually('nobody watches', () => stage.server.streams().every(({ viewers }) => viewers === 0));
    await page.evaluate(() => document.body.append((globalThis as unknown as { kept: Element }).kept));
    await isIn(page, 'playing');
    await paints(page);
  });

  it('is started once when it is mounted twice, as React does in development', async ({ stage }) => {
    await stage.serve();
    const page = await openElement(stage, 'twice', { attributes: 'muted' });
    await page.evaluate(() => {
      const element = document.querySelector('shoal-player');
      const parent = element?.parentElement;
      element?.remove();
      element?.setAttribute('autoplay', '');
      if (element !== null) parent?.append(element);
      element?.remove();
      if (element !== null) parent?.append(element);
    });
    await isIn(page, 'playing');
    expect(await starts(page)).toBe(1);
    expect(stage.server.streams()[0]?.viewers).toBe(1);
  });

  it('takes properties that were set before it was defined', async ({ stage }) => {
    await stage.serve();
    stage.pages.offer(
      'early.html',
      `<!doctype html><title>early</title><link rel="icon" href="data:,"><shoal-player autoplay></shoal-player>
      <script>Object.assign(document.querySelector('shoal-player'), {
        muted: true, src: '${stage.url('early')}', labels: { player: 'Fisch' },
      });</script><script src="shoal.global.js"></script>`,
    );
    const page = await openElement(stage, 'early', { file: 'early.html' });
    await isIn(page, 'playing');
    expect(await page.getByRole('region', { name: 'Fisch' }).count()).toBe(1);
    expect(await page.evaluate(() => document.querySelector('shoal-player')?.getAttribute('src'))).toBe(
      stage.url('early'),
    );
  });

  it('tells snapshots to those who listen', async ({ stage }) => {
    await stage.serve();
    const page = await openElement(stage, 'stats');
    await hears(page, 'started');
    const stats = await page.evaluate(
      () => new Promise((resolve) => document.querySelector('shoal-player')?.on('stats', resolve)),
    );
    expect(stats).toMatchObject({ state: 'playing', mode: 'shared' });
  });
});

describe('the module', () => {
  it('can be imported where there is no document, and does nothing there', async () => {
    const text = `
      import { defineShoalPlayer, ShoalPlayerElement } from '${join(projectRoot, 'dist/shoal-element.js')}';
      import { createP2PManager } from '${join(projectRoot, 'dist/shoal-p2p-player.js')}';
      defineShoalPlayer();
      console.log(typeof ShoalPlayerElement, typeof createP2PManager, typeof globalThis.customElements);`;
    const { code, output } = await run(execPath, ['--input-type=module', '-e', text], projectRoot);
    expect(output.trim()).toBe('function function undefined');
    expect(code).toBe(0);
  });

  it('changes nothing on a page before it is told to', async ({ stage }) => {
    stage.pages.offer('module.html', '<!doctype html><title>module</title><link rel="icon" href="data:,">');
    const page = await openElement(stage, 'module', { file: 'module.html' });
    // As text, since the test's own compiler rewrites imports.
    const seen = await page.evaluate(`(async () => {
      const before = Object.keys(globalThis).length;
      const module = await import('./shoal-element.js');
      const isDefined = customElements.get('shoal-player') !== undefined;
      const added = Object.keys(globalThis).length - before;
      module.defineShoalPlayer();
      module.defineShoalPlayer();
      module.defineShoalPlayer('my-player');
      const names = ['shoal-player', 'my-player'].map((name) => customElements.get(name) !== undefined);
      return { isDefined, added, names, other: document.createElement('my-player').shadowRoot !== null };
    })()`);
    expect(seen).toEqual({ isDefined: false, added: 0, names: [true, true], other: true });
  });
});
