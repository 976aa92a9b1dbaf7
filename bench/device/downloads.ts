/**
 * Files from a device: how fast, against a bare data channel, and how much memory a big one takes.
 */
import { closeSync, openSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { type Figures, tidy } from '../harness/bench.ts';
import { median } from '../harness/quantiles.ts';
import { watchMemory } from './peak-memory.ts';
import type { DeviceStage } from './stage.ts';

const BYTES_PER_MB = 1e6;

/** Makes a recording of so many bytes; returns its name. */
export const makeFile = ({ device }: DeviceStage, name: string, bytes: number): string => {
  const path = join(device.folder, name);
  closeSync(openSync(path, 'w'));
  // Nothing but zeros, and no room on the disk: what is measured is the way, and the device reads it all the same.
  truncateSync(path, bytes);
  return name;
};

const rateOf = ({ bytes, ms }: { readonly bytes: number; readonly ms: number }): number =>
  bytes / BYTES_PER_MB / (ms / 1000);

const downloadRate = async ({ page }: DeviceStage, file: string, bytes: number): Promise<number> => {
  const found = await page.evaluate((name) => window.devicePage.download(name), file);
  if (found.bytes !== bytes) throw new Error(`${found.bytes} of ${bytes} bytes came`);
  return rateOf(found);
};

const rawRate = async ({ page }: DeviceStage, bytes: number): Promise<number> =>
  rateOf(await page.evaluate((count) => window.devicePage.rawDownload(count), bytes));

/**
 * Both in each round, the other one first in the next, and the ratio within the round: whatever else the machine does
 * hits both. The first round of each only warms up.
 */
export const downloads = async (stage: DeviceStage, bytes: number, rounds: number): Promise<Figures> => {
  const file = makeFile(stage, '1700000000-1700000060.mp4', bytes);
  const own: number[] = [];
  const raw: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const isOwnFirst = round % 2 === 0;
    const first = isOwnFirst ? await downloadRate(stage, file, bytes) : await rawRate(stage, bytes);
    const second = isOwnFirst ? await rawRate(stage, bytes) : await downloadRate(stage, file, bytes);
    if (round === 0) continue;
    own.push(isOwnFirst ? first : second);
    raw.push(isOwnFirst ? second : first);
  }
  return {
    downloadMBps: tidy(median(own)),
    rawChannelMBps: tidy(median(raw)),
    downloadShare: tidy(median(own.map((rate, round) => rate / (raw[round] ?? Number.NaN)))),
  };
};

/** The device and the whole browser: files are written, and may be kept, by another process than the page's. */
const pidsOf = async ({ browser, device }: DeviceStage): Promise<readonly number[]> => {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return [...processInfo.map(({ id }) => id), ...(device.pid === undefined ? [] : [device.pid])];
};

/** A download that the page forgets at once. */
export const bigDownload = async (stage: DeviceStage, file: string): Promise<Figures> => {
  const stop = watchMemory(await pidsOf(stage));
  const found = await stage.page.evaluate((name) => window.devicePage.download(name), file);
  const { peakMB, growthMB } = stop();
  return {
    bigDownloadBytes: found.bytes,
    bigDownloadPeakMB: tidy(peakMB),
    bigDownloadGrowthMB: tidy(growthMB),
    bigDownloadMBps: tidy(rateOf(found)),
    bigDownloadEnd: found.end,
  };
};

/** The same into a file of the page's own file system. */
export const bigSave = async (stage: DeviceStage, file: string): Promise<Figures> => {
  const stop = watchMemory(await pidsOf(stage));
  const found = await stage.page.evaluate((name) => window.devicePage.save(name), file);
  const { peakMB, growthMB } = stop();
  return {
    bigFileBytes: found.bytes,
    bigFilePeakMB: tidy(peakMB),
    bigFileGrowthMB: tidy(growthMB),
    bigFileMBps: tidy(rateOf(found)),
    bigFileEnd: found.end,
    bigFileBreaks: found.breaks,
  };
};
