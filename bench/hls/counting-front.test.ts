import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { startHttp } from '../../server/src/testing/servers.ts';
import { startFront } from './counting-front.ts';

const PLAYLIST = `#EXTM3U
#EXT-X-VERSION:9
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=0.990
#EXT-X-PART-INF:PART-TARGET=0.330
#EXT-X-MEDIA-SEQUENCE:7
#EXT-X-SHOAL-SEAL:9,abc
#EXT-X-MAP:URI="i.mp4"
#EXTINF:2.000,
#EXT-X-SHOAL-SEAL:9,abc
7.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00.000Z
#EXT-X-PART:DURATION=0.330,URI="8.0.m4s"
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="8.1.m4s"
#EXT-X-SHOAL-SIGNATURE:/live/a,def
`;

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

test('a plain playlist has its segments and nothing of low latency, and counts packed too', async () => {
  const front = await start();
  const plain = await (await fetch(`${front.url}/a.m3u8?plain`)).text();
  expect(plain.split('\n')).toEqual([
    '#EXTM3U',
    '#EXT-X-VERSION:9',
    '#EXT-X-MEDIA-SEQUENCE:7',
    '#EXT-X-MAP:URI="i.mp4"',
    '#EXTINF:2.000,',
    '7.m4s',
    '',
  ]);
  expect(front.counted().playlists).toBe(gzipSync(plain).length);
});
