import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { startHttp } from '../../server/src/testing/servers.ts';
import { startFront } from './counting-front.ts';

const PLAYLIST = '#EXTM3U\n'.repeat(100);

const start = async () => {
  const { url } = await startHttp((request, response) => {
    const packs = String(request.headers['accept-encoding']).includes('gzip');
    if (request.url?.includes('.m3u8') !== true) return response.end(Buffer.alloc(5000));
    response.writeHead(200, packs ? { 'content-encoding': 'gzip' } : {});
    return response.end(packs ? gzipSync(PLAYLIST) : PLAYLIST);
  });
  const front = await startFront(Number(new URL(url).port));
  onTestFinished(() => front.close());
  return front;
};

test('what tabs are sent is counted as it crosses the line, parts apart', async () => {
  const front = await start();
  expect(await (await fetch(`${front.url}/a.m3u8`)).text()).toBe(PLAYLIST);
  await (await fetch(`${front.url}/hls/8.0.m4s`)).arrayBuffer();
  await (await fetch(`${front.url}/hls/7.m4s`)).arrayBuffer();
  expect(front.counted()).toEqual({ media: 10_000, parts: 5000, playlists: gzipSync(PLAYLIST).length });
});
