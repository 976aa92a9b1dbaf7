/**
 * Measured tabs: the page that plays, and what is read from it.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { CDPSession, Page } from 'playwright';
import type { PlayerOptions, PlayerStats } from '../../src/index.ts';
import { projectRoot } from '../../tools/files.ts';
import { run } from '../../tools/run.ts';
import type { Tabs } from '../harness/browser.ts';
import { bundle } from '../harness/bundle.ts';
import { type PageServer, servePages } from '../harness/page-server.ts';
import type { Painted } from './watch-page.ts';

/** Serves the page, with the SDK as it is built now. */
export const serveWatchPage = async (): Promise<PageServer> => {
  const { code, output } = await run(process.execPath, ['--import', 'tsx', 'tools/build.ts', '--sdk'], projectRoot);
  if (code !== 0) throw new Error(`the SDK does not build:\n${output}`);
  const script = 'text/javascript';
  const file = (path: string): string => readFileSync(join(projectRoot, path), 'utf8');
  return servePages({
    '/': { type: 'text/html', body: file('bench/watch/page.html') },
    '/watch.js': { type: script, body: await bundle('bench/watch/watch-page.ts') },
    '/shoal.global.js': { type: script, body: file('dist/shoal.global.js') },
    '/mpegts.js': { type: script, body: readFileSync(createRequire(import.meta.url).resolve('mpegts.js')) },
  });
};

/** One measured tab. */
export class WatchTab {
  readonly page: Page;
  readonly name: string;
  readonly #session: CDPSession;
  readonly painted: Painted[] = [];

  private constructor(name: string, page: Page, session: CDPSession) {
    this.name = name;
    this.page = page;
    this.#session = session;
  }

  static async open(tabs: Tabs, url: string, name: string): Promise<WatchTab> {
    const page = await tabs.open(url);
    await page.waitForFunction(() => 'watch' in globalThis);
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable');
    return new WatchTab(name, page, session);
  }

  /** Plays with Shoal; ms until the first picture. */
  shared(options: Omit<PlayerOptions, 'video'>): Promise<number> {
    return this.page.evaluate((given) => globalThis.watch.shared(given), options);
  }

  /** Plays plain FLV with mpegts.js; ms until the first picture. */
  plain(url: string): Promise<number> {
    return this.page.evaluate((given) => globalThis.watch.plain(given), url);
  }

  /** Fetches what was painted since the last time. */
  async collect(): Promise<void> {
    this.painted.push(...(await this.page.evaluate(() => globalThis.watch.painted())));
  }

  stats(): Promise<PlayerStats | undefined> {
    return this.page.evaluate(() => globalThis.watch.stats());
  }

  bufferAheadMs(): Promise<number> {
    return this.page.evaluate(() => globalThis.watch.bufferAheadMs());
  }

  /** Seconds the main thread has worked so far. */
  async mainThreadSeconds(): Promise<number> {
    const { metrics } = await this.#session.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
  }

  async close(): Promise<void> {
    await this.page.evaluate(() => globalThis.watch.stop());
    await this.page.context().close();
  }
}
