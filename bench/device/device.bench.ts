/**
 * A page and a device: how fast the first picture, a command, a voice and a file are. The device and the raw sender run
 * in processes of their own, the page in Chromium.
 */
import { existsSync, readFileSync } from 'node:fs';
import { eventually } from '../../e2e/fixtures/eventually.ts';
import { type Bench, type Figures, type Run, tidy } from '../harness/bench.ts';
import { median } from '../harness/quantiles.ts';
import { bigDownload, bigSave, downloads, makeFile } from './downloads.ts';
import { type DeviceStage, openStage } from './stage.ts';

const BYTES_PER_MIB = 1024 * 1024;

/** Device and control take turns; the first turn of each is not counted, since it starts what later ones find running. */
const pictures = async ({ page, plain }: DeviceStage, rounds: number): Promise<Figures> => {
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

const voice = async ({ page, voiceFile }: DeviceStage, seconds: number): Promise<Figures> => {
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
  const stage = await openStage();
  try {
    run.say('first pictures');
    const first = await pictures(stage, run.number('rounds'));
    run.say('commands');
    const trips = await stage.page.evaluate((count) => window.devicePage.commands(count), run.number('commands'));
    run.say('voice');
    const heard = await voice(stage, run.number('talk'));
    run.say('downloads');
    const files = await downloads(stage, run.number('file') * BYTES_PER_MIB, run.number('rounds'));
    run.say('a big download');
    const file = makeFile(stage, '1700000100-1700000160.mp4', run.number('big') * BYTES_PER_MIB);
    const big = await bigDownload(stage, file);
    run.say('the same into a file');
    const saved = await bigSave(stage, file);
    const bigBytes = run.number('big') * BYTES_PER_MIB;
    return { ...first, commandRttMsP50: tidy(median(trips)), ...heard, ...files, bigBytes, ...big, ...saved };
  } finally {
    await stage.close();
  }
};

/** The benchmark. `file` and `big` are MiB, `talk` seconds. */
export const device: Bench = {
  about: 'a page and a device: first picture, commands, voice, downloads',
  options: { rounds: 5, commands: 100, talk: 5, file: 100, big: 2048 },
  run: measure,
  goals: ({ controlFirstPictureMs, bigBytes }) => [
    { figure: 'firstPictureMs', is: 'at most', value: Number(controlFirstPictureMs) + 100 },
    { figure: 'downloadShare', is: 'at least', value: 0.9 },
    { figure: 'bigDownloadBytes', is: 'at least', value: Number(bigBytes) },
    { figure: 'bigFileBytes', is: 'at least', value: Number(bigBytes) },
    { figure: 'bigDownloadPeakMB', is: 'at most', value: 150 },
    { figure: 'bigDownloadGrowthMB', is: 'at most', value: 50 },
    { figure: 'bigFilePeakMB', is: 'at most', value: 150 },
    { figure: 'bigFileGrowthMB', is: 'at most', value: 50 },
  ],
};
