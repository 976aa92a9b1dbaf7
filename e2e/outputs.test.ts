// What an encoder pushes by RTMP, seen in Chromium by hls.js with low latency and by mpegts.js at the same time.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, onTestFinished } from 'vitest';
import { samplePath } from '../server/src/assets.ts';
import { probe } from '../server/src/testing/encoders.ts';
import { publishAddress } from '../src/wire/publish.ts';
import { projectRoot } from '../tools/files.ts';
import { startChromium } from './fixtures/chromium.ts';
import { eventually } from './fixtures/eventually.ts';
import { chromium, it } from './fixtures/stage.ts';

/** The players of the page, as the test speaks to them. */
declare const Hls: {
  new (
    options: object,
  ): {
    on(event: string, call: (event: string, data: Readonly<Record<string, unknown>>) => void): void;
    loadSource(url: string): void;
    attachMedia(video: HTMLVideoElement): void;
  };
};
declare const mpegts: {
  createPlayer(source: object): { attachMediaElement(video: HTMLVideoElement): void; load(): void; play(): void };
};

interface Watched {
  readonly seen: { parts: number; errors: string[] };
}

const MODULES = join(projectRoot, 'node_modules');

const push = (url: string): void => {
  const args = ['-v', 'error', '-re', '-stream_loop', '-1', '-i', samplePath(), '-c', 'copy', '-f', 'flv', url];
  const ffmpeg = spawn('ffmpeg', args, { stdio: 'ignore' });
  onTestFinished(() => {
    ffmpeg.kill('SIGKILL');
  });
};

describe('a stream pushed by RTMP', () => {
  it('is played by hls.js part by part, and by mpegts.js', async ({ stage }) => {
    const server = await stage.serve({ sources: {}, publish: 'open', rtmpPort: 0 });
    push(`${server.rtmpUrl}${stage.path}`);
    await eventually('the stream is live', () => server.streams()[0]?.state === 'live');
    const page = await (await chromium()).newPage();
    onTestFinished(() => page.close());
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(`${server.url}/healthz`);
    for (const script of ['hls.js/dist/hls.min.js', 'mpegts.js/dist/mpegts.js']) {
      await page.addScriptTag({ path: join(MODULES, script) });
    }
    await page.evaluate(
      ([hlsUrl, flvUrl]) => {
        const seen: Watched['seen'] = { parts: 0, errors: [] };
        const video = (id: string): HTMLVideoElement => {
          const element = document.body.appendChild(document.createElement('video'));
          element.id = id;
          element.muted = true;
          element.autoplay = true;
          return element;
        };
        const hls = new Hls({ lowLatencyMode: true });
        hls.on('hlsFragLoaded', (_event, data) => {
          if (data.part !== null && data.part !== undefined) seen.parts += 1;
        });
        hls.on('hlsError', (_event, data) => seen.errors.push(`${String(data.type)} ${String(data.details)}`));
        hls.loadSource(hlsUrl);
        hls.attachMedia(video('hls'));
        const flv = mpegts.createPlayer({ type: 'flv', isLive: true, url: flvUrl });
        flv.attachMediaElement(video('flv'));
        flv.load();
        Object.assign(globalThis, { seen });
      },
      [`${server.url}${stage.path}.m3u8`, `${server.url}${stage.path}.flv`] as const,
    );
    for (const id of ['hls', 'flv']) {
      await eventually(`${id} shows pictures and plays sound`, () =>
        page.evaluate((name) => {
          const video = document.getElementById(name) as HTMLVideoElement & { webkitAudioDecodedByteCount: number };
          const { totalVideoFrames } = video.getVideoPlaybackQuality();
          return totalVideoFrames > 50 && video.videoWidth === 640 && video.webkitAudioDecodedByteCount > 0;
        }, id),
      );
    }
    const { parts, errors } = await page.evaluate(() => (globalThis as unknown as Watched).seen);
    expect(errors).toEqual([]);
    expect(parts, 'parts rather than whole segments').toBeGreaterThan(5);
    expect(complaints).toEqual([]);
  });
});

describe('a stream published by a page', () => {
  it('leaves as HLS and RTMP with AAC sound', async ({ stage }) => {
    const server = await stage.serve({ sources: {}, publish: 'open', rtmpPort: 0 });
    const flags = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];
    const browser = await startChromium({ flags });
    onTestFinished(() => browser.close());
    const tab = await stage.open('studio', { browser, file: 'publish.html' });
    await tab.page.waitForFunction(() => globalThis.publishing !== undefined);
    const began = await tab.page.evaluate(
      (url) =>
        globalThis.publishing.start({
          url,
          video: { width: 320, height: 180, frameRate: 20, maxBitrate: 300_000, keyframeSeconds: 1 },
        } as never),
      `${server.url}${publishAddress(stage.path, 'none')}`,
    );
    expect(began).toBe('live');
    const codecs = async (address: string): Promise<string[]> =>
      (await probe(address, 2)).streams.map(({ codec_name }) => codec_name).sort();
    const outputs = [`${server.url}${stage.path}.m3u8`, `${server.rtmpUrl}${stage.path}`];
    expect(await Promise.all(outputs.map(codecs))).toEqual([
      ['aac', 'h264'],
      ['aac', 'h264'],
    ]);
  });
});
