/**
 * What `bench device` runs on: a server with its meeting place, a device and a raw sender in processes of their own, and a
 * page in Chromium that has called the device.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright';
import { DeviceProcess } from '../../e2e/fixtures/device-process.ts';
import { createServer } from '../../server/src/index.ts';
import { projectRoot } from '../../tools/files.ts';
import { startProfile } from '../harness/browser.ts';
import { bundle } from '../harness/bundle.ts';
import { servePages } from '../harness/page-server.ts';

const STREAM = '/live/demo';

/** Everything a run needs, up and connected. */
export interface DeviceStage {
  readonly page: Page;
  readonly browser: Browser;
  readonly device: DeviceProcess;
  readonly raw: ChildProcess;
  readonly plain: string;
  readonly voiceFile: string;
  close(): Promise<void>;
}

/** Starts it all. */
export const openStage = async (): Promise<DeviceStage> => {
  const server = await createServer({ host: '127.0.0.1', port: 0, sources: { [STREAM]: 'embedded' } });
  const plain = `${server.url}${STREAM}.flv`;
  const device = new DeviceProcess();
  const voiceFile = join(device.folder, 'voice.txt');
  const program = `${process.execPath} --import tsx ${projectRoot}/bench/device/voice-meter.ts ${voiceFile}`;
  const info = await device.start(`${server.url.replace('http', 'ws')}/devices`, [
    ...['--live', plain, '--voice-program', program, '--callers', '8'],
  ]);
  const raw = fork(`${projectRoot}/bench/device/raw-sender.ts`, { execArgv: ['--import', 'tsx'] });
  await once(raw, 'message');
  const pages = await servePages({
    '/': { type: 'text/html', body: '<!doctype html><body><script type="module" src="/page.js"></script>' },
    '/favicon.ico': { type: 'image/x-icon', body: '' },
    '/page.js': { type: 'text/javascript', body: await bundle('bench/device/device-page.ts') },
  });
  const profile = mkdtempSync(join(tmpdir(), 'shoal-profile-'));
  const { browser, page } = await startProfile(profile);
  await page.goto(`${pages.url}/`);
  await page.exposeFunction('carrySignal', async (data: string) => void raw.send(data));
  raw.on('message', (data) => void page.evaluate((given) => window.devicePage.signal(given), String(data)));
  await page.evaluate((given) => window.devicePage.connect(given), info);
  return {
    page,
    browser,
    device,
    raw,
    plain,
    voiceFile,
    async close() {
      await browser.close();
      rmSync(profile, { recursive: true, force: true });
      raw.kill('SIGKILL');
      pages.close();
      await device.close();
      await server.close();
    },
  };
};
