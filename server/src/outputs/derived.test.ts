import type { ServerResponse } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { probe } from '../testing/encoders.ts';
import { opusSample } from '../testing/opus-flv.ts';
import { startHttp, startServer } from '../testing/servers.ts';

/** An upstream that plays the Opus sample in real time. */
const startOpusUpstream = async (): Promise<string> => {
  const { prelude, frames } = await opusSample();
  const play = (response: ServerResponse): void => {
    const began = performance.now();
    let at = 0;
    response.writeHead(200, { 'content-type': 'video/x-flv' });
    response.write(prelude);
    const timer = setInterval(() => {
      for (; at < frames.length && (frames[at]?.dtsMs ?? 0) <= performance.now() - began + 500; at++) {
        response.write(frames[at]?.bytes);
      }
    }, 20);
    response.on('close', () => clearInterval(timer));
    onTestFinished(() => clearInterval(timer));
  };
  const { url } = await startHttp((_request, response) => play(response));
  return url;
};

const kinds = async (address: string): Promise<string[]> =>
  (await probe(address, 3)).streams.map(({ codec_name }) => codec_name).sort();

test('Opus becomes AAC for HLS, RTMP and other rates, and pictures stay as they are', async () => {
  const rates = { low: { height: 180, kbps: 200 } };
  const server = await startServer({ upstream: await startOpusUpstream(), rtmpPort: 0, rates });
  const [hls, rtmp, low] = await Promise.all([
    kinds(`${server.url}/live/a/hls/index.m3u8`),
    kinds(`${server.rtmpUrl}/live/a`),
    kinds(`${server.url}/live/a~low.flv`),
  ]);
  expect(hls).toEqual(['aac', 'h264']);
  expect(rtmp).toEqual(['aac', 'h264']);
  expect(low).toEqual(['aac', 'h264']);
  const paths = server.streams().map(({ path }) => path);
  expect(paths.sort()).toEqual(['/live/a', '/live/a~aac', '/live/a~low']);
});

test('without ffmpeg those outputs say why there is none', async () => {
  const server = await startServer({ upstream: await startOpusUpstream(), ffmpeg: 'off' });
  const answer = await fetch(`${server.url}/live/a.m3u8`);
  expect(answer.status).toBe(501);
  expect(await answer.json()).toMatchObject({ code: 'output/no-ffmpeg' });
  const missing = await startServer({ upstream: await startOpusUpstream(), ffmpeg: '/nowhere/ffmpeg' });
  expect((await fetch(`${missing.url}/live/a.m3u8`)).status).toBe(501);
});

test('a stream can be had in another rate, in every form, and a playlist lists them', async () => {
  const server = await startServer({ rates: { low: { height: 180, kbps: 200 } } });
  const list = await (await fetch(`${server.url}/live/demo.m3u8?who=me`)).text();
  expect(list).toMatch(/RESOLUTION=640x360\ndemo\/hls\/index\.m3u8\?who=me\n/);
  expect(list).toMatch(/RESOLUTION=320x180\ndemo~low\/hls\/index\.m3u8\?who=me\n/);
  const { streams } = await probe(`${server.url}/live/demo~low.flv`, 2);
  expect(streams.map(({ codec_name }) => codec_name).sort()).toEqual(['aac', 'h264']);
  expect(streams.find(({ codec_type }) => codec_type === 'video')).toMatchObject({ width: 320, height: 180 });
  expect((await fetch(`${server.url}/live/demo~other.flv`)).status).toBe(404);
});
