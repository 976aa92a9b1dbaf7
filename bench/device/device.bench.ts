/**
 * A page and a device: how fast the first picture, a command, a voice and a file are. The device and the raw sender run
 * in processes of their own, the page in Chromium.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright';
import { DeviceProcess } from '../../e2e/fixtures/device-process.ts';
import { eventually } from '../../e2e/fixtures/eventually.ts';
import { createServer } from '../../server/src/index.ts';
import { projectRoot } from '../../tools/files.ts';
import { type Bench, type Figures, type Run, tidy } from '../harness/bench.ts';
import { startTabs } from '../harness/browser.ts';
import { bundle } from '../harness/bundle.ts';
import { servePages } from '../harness/page-server.ts';
import { median } from '../harness/quantiles.ts';
import { watchMemory } from './peak-memory.ts';

const BYTES_PER_MIB = 1024 * 1024;
const BYTES_PER_MB = 1e6;
const STREAM = '/live/demo';

/** Everything a run needs, up and connected. */
interface Set {
  readonly page: Page;
  readonly browser: Browser;
  readonly device: DeviceProcess;
  readonly raw: ChildProcess;
  readonly plain: string;
  readonly voiceFile: string;
  close(): Promise<void>;
}

const openAll = async (): Promise<Set> => {
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
  const tabs = await startTabs();
  const page = await tabs.open(`${pages.url}/`);
  await page.exposeFunction('carrySignal', async (data: string) => void raw.send(data));
  raw.on('message', (data) => void page.evaluate((given) => window.devicePage.signal(given), String(data)));
  await page.evaluate((given) => window.devicePage.connect(given), info);
  return {
    page,
    browser: tabs.browser,
    device,
    raw,
    plain,
    voiceFile,
    async close() {
      await tabs.close();
      raw.kill('SIGKILL');
      pages.close();
      await device.close();
      await server.close();
    },
  };
};

/** Device and control take turns; the first turn of each is not counted, since it starts what later ones find running. */
const pictures = async ({ page, plain }: Set, rounds: number): Promise<Figures> => {
  const times: Record<'device' | 'control', number[]> = { device: [], control: [] };
  for (let round = 0; round <= rounds; round++) {
    const own = await page.evaluate(() => window.devicePage.firstPicture('device'));
    const control = await page.evaluate((url) => window.devicePage.firstPicture(url), plain);
    if (round === 0) continue;
    times.device.push(own);
    times.control.push(control);
  }
  return { firstPictureMs: tidy(median(times.device)), controlFirstPictureMs: tidy(median(times.control)) };
};

const makeFile = (set: Set, name: string, bytes: number): string => {
  const path = join(set.device.folder, name);
  closeSync(openSync(path, 'w'));
  // Nothing but zeros, and no room on the disk: what is measured is the way, and the device reads it all the same.
  truncateSync(path, bytes);
  return name;
};

const rateOf = ({ bytes, ms }: { readonly bytes: number; readonly ms: number }): number =>
  bytes / BYTES_PER_MB / (ms / 1000);

/** Turns of both, since a machine has better and worse moments. */
const downloads = async (set: Set, bytes: number, rounds: number): Promise<Figures> => {
  const file = makeFile(set, '1700000000-1700000060.mp4', bytes);
  const own: number[] = [];
  const raw: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const found = await set.page.evaluate((name) => window.devicePage.download(name), file);
    if (found.bytes !== bytes) throw new Error(`${found.bytes} of ${bytes} bytes came`);
    own.push(rateOf(found));
    raw.push(rateOf(await set.page.evaluate((count) => window.devicePage.rawDownload(count), bytes)));
  }
  const [downloadMBps, rawChannelMBps] = [median(own), median(raw)];
  return {
    downloadMBps: tidy(downloadMBps),
    rawChannelMBps: tidy(rawChannelMBps),
    downloadShare: tidy(downloadMBps / rawChannelMBps),
  };
};

/** All pages and the device. */
const pidsOf = async ({ browser, device }: Set): Promise<readonly number[]> => {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const renderers = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
  return [...renderers, ...(device.pid === undefined ? [] : [device.pid])];
};

const bigDownload = async (set: Set, file: string): Promise<Figures> => {
  const stop = watchMemory(await pidsOf(set));
  const found = await set.page.evaluate((name) => window.devicePage.download(name), file);
  return { bigDownloadBytes: found.bytes, bigDownloadPeakMB: tidy(stop()), bigDownloadMBps: tidy(rateOf(found)) };
};

const bigSave = async (set: Set, file: string): Promise<Figures> => {
  const stop = watchMemory(await pidsOf(set));
  const found = await set.page.evaluate((name) => window.devicePage.save(name), file);
  return { bigFileBytes: found.bytes, bigFilePeakMB: tidy(stop()), bigFileMBps: tidy(rateOf(found)) };
};

const voice = async ({ page, voiceFile }: Set, seconds: number): Promise<Figures> => {
  const frames = await page.evaluate((given) => window.devicePage.talk(given), seconds);
  const delays = await eventually('the device has heard all', () => {
    const lines = existsSync(voiceFile) ? readFileSync(voiceFile, 'utf8').trim().split('\n') : [];
    return lines.length >= frames && lines.map(Number);
  });
  // The program's own start holds the first frames up.
  const settled = delays.slice(Math.floor(delays.length / 2));
  return { voiceDelayMs: tidy(median(settled)), voiceFrames: frames, voiceFramesHeard: delays.length };
};

const measure = async (run: Run): Promise<Figures> => {
  const set = await openAll();
  try {
    run.say('first pictures');
    const first = await pictures(set, run.number('rounds'));
    run.say('commands');
    const trips = await set.page.evaluate((count) => window.devicePage.commands(count), run.number('commands'));
    run.say('voice');
    const heard = await voice(set, run.number('talk'));
    run.say('downloads');
    const files = await downloads(set, run.number('file') * BYTES_PER_MIB, run.number('rounds'));
    run.say('a big download');
    const file = makeFile(set, '1700000100-1700000160.mp4', run.number('big') * BYTES_PER_MIB);
    const big = await bigDownload(set, file);
    run.say('the same into a file');
    const saved = await bigSave(set, file);
    return { ...first, commandRttMsP50: tidy(median(trips)), ...heard, ...files, ...big, ...saved };
  } finally {
    await set.close();
  }
};

/** The benchmark. `file` and `big` are MiB, `talk` seconds. */
export const device: Bench = {
  about: 'a page and a device: first picture, commands, voice, downloads',
  options: { rounds: 5, commands: 100, talk: 5, file: 100, big: 2048 },
  run: measure,
  goals: ({ controlFirstPictureMs }) => [
    { figure: 'firstPictureMs', is: 'at most', value: Number(controlFirstPictureMs) + 100 },
    { figure: 'downloadShare', is: 'at least', value: 0.9 },
    { figure: 'bigDownloadPeakMB', is: 'at most', value: 150 },
    { figure: 'bigFilePeakMB', is: 'at most', value: 150 },
  ],
};
