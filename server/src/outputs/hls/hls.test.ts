import { expect, test, vi } from 'vitest';
import { fromBase64Url } from '../../../../src/wire/bytes.ts';
import { readPlaylistSeals, sealedText, sheetOf } from '../../../../src/wire/hls-seal.ts';
import { ByteCore } from '../../../../wasm/abi.ts';
import { readByteCore } from '../../assets.ts';
import { probe } from '../../testing/encoders.ts';
import { startServer } from '../../testing/servers.ts';
import { type Pull, startUpstream } from '../../testing/upstream.ts';

const text = async (url: string): Promise<string> => {
  const response = await fetch(url);
  expect(response.status).toBe(200);
  return response.text();
};

const names = (playlist: string, pattern: RegExp): string[] =>
  [...playlist.matchAll(pattern)].map(([, name]) => name ?? '');

const lastPart = (playlist: string): { readonly segment: number; readonly part: number } => {
  const hint = /PRELOAD-HINT:TYPE=PART,URI="[^"]*?(\d+)-[\w-]+\.(\d+)\.m4s"/.exec(playlist);
  return { segment: Number(hint?.[1]), part: Number(hint?.[2]) };
};

/** Sends more and more until something has come of it; says how far it went. */
const feedUntil = async (pull: Pull, done: Promise<unknown>, server: { readonly url: string }): Promise<number> => {
  let state: 'waiting' | 'done' = 'waiting';
  void done.then(() => {
    state = 'done';
  });
  let ms = 0;
  for (; state === 'waiting'; ms += 100) {
    pull.sendUntil(ms);
    await text(`${server.url}/healthz`);
  }
  return ms;
};

test('a stream is HLS that ffprobe reads: AVC and AAC, in segments and in parts', async () => {
  const server = await startServer();
  const playlist = await text(`${server.url}/live/demo.m3u8`);
  expect(playlist).toMatch(/#EXT-X-MAP:URI="demo\/hls\/i\d+-[\w-]+\.mp4"/);
  expect(playlist).toMatch(/#EXT-X-PART:DURATION=0\.\d{3},URI="demo\/hls\/\d+-[\w-]+\.0\.m4s",INDEPENDENT=YES/);
  const { streams } = await probe(`${server.url}/live/demo.m3u8`, 3);
  expect(streams.map(({ codec_name }) => codec_name).sort()).toEqual(['aac', 'h264']);
  const picture = streams.find(({ codec_type }) => codec_type === 'video');
  expect([picture?.width, picture?.height]).toEqual([640, 360]);
  expect(Number(picture?.nb_read_packets)).toBeGreaterThan(40);
});

test('whole segments alone are to be had too, under the same names', async () => {
  const server = await startServer();
  const withParts = await text(`${server.url}/live/demo.m3u8`);
  const plain = await text(`${server.url}/live/demo.m3u8?parts=off`);
  expect(withParts).toMatch(/PART-HOLD-BACK/);
  expect(plain).not.toMatch(/EXT-X-(PART|SERVER-CONTROL|PRELOAD-HINT)/);
  const [segment = ''] = names(plain, /\n([^#\n]+)/g);
  expect(names(withParts, /\n([^#\n]+)/g)).toContain(segment);
  const { streams } = await probe(`${server.url}/live/demo.m3u8?parts=off`, 3);
  expect(streams.map(({ codec_name }) => codec_name).sort()).toEqual(['aac', 'h264']);
});

test.each(['', '?parts=off'])('every file a playlist%s names is vouched for by the origin', async (query) => {
  const server = await startServer();
  const core = await ByteCore.load(await readByteCore());
  const playlist = await text(`${server.url}/live/demo.m3u8${query}`);
  const signed = readPlaylistSeals(playlist);
  if (signed === undefined || 'kind' in signed) throw new Error('no seals');
  const key = fromBase64Url(server.originKey) as Uint8Array;
  expect(signed.place).toBe('/live/demo');
  expect(core.verify(key, sealedText(signed.place, signed.seals), signed.signature)).toBe(true);
  const named = [...names(playlist, /URI="([^"]+)"/g), ...names(playlist, /\n([^#\n]+)/g)];
  const hinted = names(playlist, /PRELOAD-HINT.*URI="([^"]+)"/g);
  expect(signed.seals.map(({ name }) => name).sort()).toEqual(named.filter((name) => !hinted.includes(name)).sort());
  for (const { name, length, root } of signed.seals) {
    const bytes = new Uint8Array(await (await fetch(`${server.url}/live/${name}`)).arrayBuffer());
    expect(bytes.length).toBe(length);
    expect(sheetOf((piece) => core.blake3(piece), bytes).root).toEqual(root);
  }
});

test('who asks for a part that is to come is answered when it is made, who asks for more is refused', async () => {
  const { url, pulls } = await startUpstream();
  const server = await startServer({ upstream: url });
  const playlistUrl = `${server.url}/live/a.m3u8`;
  const first = text(playlistUrl);
  const pull = await pulls.first(() => true);
  const sentMs = await feedUntil(pull, first, server);
  // Keyframes come every 2 s and parts are 320 ms long: four of them end within 1.5 s of a keyframe.
  const keyframeMs = Math.ceil(sentMs / 2000) * 2000;
  pull.sendUntil(keyframeMs + 1500);
  const settledOn = async (): Promise<string> => {
    const playlist = await text(playlistUrl);
    expect(playlist.match(/#EXTINF/g)?.length).toBeGreaterThan(1);
    expect(lastPart(playlist).part).toBe(4);
    return playlist;
  };
  const playlist = await vi.waitFor(settledOn);
  const { segment, part } = lastPart(playlist);
  const hint = names(playlist, /PRELOAD-HINT.*URI="([^"]+)"/g)[0];
  const settled: string[] = [];
  const note = <T>(name: string, promise: Promise<T>): Promise<T> => promise.finally(() => settled.push(name));
  const reload = note('playlist', text(`${playlistUrl}?_HLS_msn=${segment}&_HLS_part=${part}`));
  const hinted = note('part', fetch(`${server.url}/live/${hint}`));
  // What is there is answered while they wait.
  expect(await text(`${playlistUrl}?_HLS_msn=${segment - 1}`)).toBe(playlist);
  expect(settled).toEqual([]);
  pull.sendUntil(keyframeMs + 1900);
  const next = await reload;
  expect((await hinted).status).toBe(200);
  expect(lastPart(next).part + 100 * lastPart(next).segment).toBeGreaterThan(part + 100 * segment);
  expect((await fetch(`${playlistUrl}?_HLS_msn=${segment + 50}`)).status).toBe(400);
  expect((await fetch(`${playlistUrl}?_HLS_msn=x`)).status).toBe(400);
  expect((await fetch(`${server.url}/live/a/hls/${segment}-AAAAAAAAAAAA.m4s`)).status).toBe(404);
});

test('a source that breaks off goes on behind a discontinuity, with numbers that rise', async () => {
  const { url, pulls } = await startUpstream();
  const server = await startServer({ upstream: url });
  const playlistUrl = `${server.url}/live/a.m3u8`;
  const first = text(playlistUrl);
  const pull = await pulls.first(() => true);
  await feedUntil(pull, first, server);
  const { segment } = lastPart(await first);
  pull.cut();
  const again = await pulls.first(() => pulls.all.length === 2);
  again.sendUntil(5000);
  const playlist = await text(`${playlistUrl}?_HLS_msn=${segment + 1}`);
  expect(playlist.match(/#EXT-X-DISCONTINUITY\n/g)?.length).toBe(1);
  expect(playlist.match(/#EXT-X-MAP/g)?.length).toBe(2);
  const numbers = names(playlist, /\n[^#\n]*?(\d+)-[\w-]+\.m4s/g).map(Number);
  expect(numbers).toEqual(numbers.map((_, at) => (numbers[0] ?? 0) + at));
});

test('segments can be had in ranges, and by nobody who does not know their names', async () => {
  const server = await startServer();
  const playlist = await text(`${server.url}/live/demo.m3u8`);
  const [name] = names(playlist, /\n([^#\n]+\.m4s)/g);
  const whole = Buffer.from(await (await fetch(`${server.url}/live/${name}`)).arrayBuffer());
  const range = await fetch(`${server.url}/live/${name}`, { headers: { range: 'bytes=100-199' } });
  expect(range.status).toBe(206);
  expect(range.headers.get('content-range')).toBe(`bytes 100-199/${whole.length}`);
  expect(Buffer.from(await range.arrayBuffer())).toEqual(whole.subarray(100, 200));
  expect((await fetch(`${server.url}/live/${name}`, { headers: { range: `bytes=${whole.length}-` } })).status).toBe(
    416,
  );
});
