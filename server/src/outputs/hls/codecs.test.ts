import { expect, test, vi } from 'vitest';
import { probe, pushSample, startFfmpeg } from '../../testing/encoders.ts';
import { hevcSample } from '../../testing/hevc-flv.ts';
import { startHttp, startServer } from '../../testing/servers.ts';

test('HEVC of enhanced FLV is HLS of the right size, with the codec in its playlist', async () => {
  const flv = await hevcSample(8);
  const { url } = await startHttp((_request, response) => void response.write(flv));
  const server = await startServer({ upstream: url, rates: { low: { height: 90, kbps: 100 } } });
  const list = await (await fetch(`${server.url}/live/a.m3u8`)).text();
  expect(list).toMatch(/CODECS="hvc1\.1\.6\.L\d+[.0-9A-F]*",RESOLUTION=322x182\n/);
  const { streams } = await probe(`${server.url}/live/a/hls/index.m3u8`, 1);
  expect(streams).toMatchObject([{ codec_name: 'hevc', width: 322, height: 182 }]);
});

test('MP3 and sound alone are HLS too', async () => {
  const server = await startServer({ publish: 'open', rtmpPort: 0 });
  pushSample(`${server.rtmpUrl}/live/mp3`, ['-c:v', 'copy', '-c:a', 'libmp3lame', '-ar', '44100']);
  pushSample(`${server.rtmpUrl}/live/sound`, ['-vn', '-c:a', 'copy']);
  await vi.waitFor(() => expect(server.streams().filter(({ epoch }) => epoch !== undefined).length).toBe(2));
  const [mp3, sound] = await Promise.all([
    probe(`${server.url}/live/mp3.m3u8`, 2),
    probe(`${server.url}/live/sound.m3u8`, 2),
  ]);
  expect(mp3.streams.map(({ codec_name }) => codec_name).sort()).toEqual(['h264', 'mp3']);
  expect(sound.streams.map(({ codec_name }) => codec_name)).toEqual(['aac']);
});

test('a codec that HLS cannot carry is said so', async () => {
  const server = await startServer({ publish: 'open', rtmpPort: 0 });
  const bars = ['-re', '-f', 'lavfi', '-i', 'testsrc=size=160x90:rate=25'];
  startFfmpeg([...bars, '-c:v', 'flv', '-f', 'flv', `${server.rtmpUrl}/live/old`]);
  await vi.waitFor(() => expect(server.streams()[0]?.epoch).toBeDefined());
  const answer = await fetch(`${server.url}/live/old.m3u8`);
  expect(answer.status).toBe(501);
  expect(await answer.json()).toMatchObject({ code: 'output/unsupported-codec' });
});
