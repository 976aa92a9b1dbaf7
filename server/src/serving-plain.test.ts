import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { samplePath } from './assets.ts';
import { FLV_HEADER, readTags, SCRIPT_TAG, VIDEO_TAG } from './flv/tags.ts';
import { FlvLoop } from './sources/flv-loop.ts';
import { startServer } from './testing/servers.ts';
import { startUpstream } from './testing/upstream.ts';

const run = (command: string, args: readonly string[], input?: Buffer): Promise<{ out: string; err: string }> =>
  new Promise((resolve) => {
    const child = spawn(command, args);
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    child.on('close', () => resolve({ out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() }));
  });

/** Hashes of decoded frames, stream by stream, without timestamps. */
const frameHashes = (md5: string): string[] => {
  const frames = md5.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const hashes = frames.map((line) => `${line.split(',')[0]} ${line.split(',').at(-1)}`);
  return [...hashes.filter((line) => line.startsWith('0')), ...hashes.filter((line) => line.startsWith('1'))];
};

const hash = ['-v', 'warning', '-i', 'pipe:0', '-f', 'framemd5', '-c:v', 'rawvideo', '-c:a', 'pcm_s16le', '-'];

test('ffprobe and ffmpeg read the plain form without a warning and see the frames of the source', async () => {
  const { url, pulls } = await startUpstream();
  const server = await startServer({ upstream: url });
  const answered = fetch(`${server.url}/live/any.flv`);
  const pull = await pulls.first(() => true);
  for (let ms = 0; ms <= 9000; ms += 100) pull.sendUntil(ms);
  pull.end();
  const got = Buffer.from(await (await answered).arrayBuffer());
  const loop = new FlvLoop(readFileSync(samplePath()));
  const source = Buffer.concat([loop.preamble, loop.take(9000)]);

  expect(got.length).toBeGreaterThan(source.length);
  const probe = await run(
    'ffprobe',
    ['-v', 'warning', '-show_entries', 'stream=codec_name', '-of', 'csv=p=0', '-'],
    got,
  );
  expect(probe).toEqual({ out: 'h264\naac\n', err: '' });
  expect(await run('ffmpeg', ['-v', 'warning', '-i', 'pipe:0', '-f', 'null', '-'], got)).toEqual({ out: '', err: '' });
  const [ours, theirs] = await Promise.all([run('ffmpeg', hash, got), run('ffmpeg', hash, source)]);
  expect(ours.err).toBe('');
  expect(frameHashes(ours.out).length).toBeGreaterThan(225 + 400);
  expect(frameHashes(ours.out)).toEqual(frameHashes(theirs.out));
});

test('a latecomer starts with the headers and the newest keyframe', async () => {
  const { url, pulls } = await startUpstream();
  const server = await startServer({ upstream: url });
  const first = await firstBytes(`${server.url}/live/any.flv`, 560_000, async () => {
    (await pulls.first(() => true)).sendUntil(5000);
  });
  expect(first.length).toBeGreaterThan(0);
  const late = readTags(await firstBytes(`${server.url}/live/any.flv`, 100_000, async () => undefined));
  const frames = late.filter((tag) => tag.kind === 'frame');
  expect(late[0]?.type).toBe(SCRIPT_TAG);
  expect(late.slice(1, 3).map((tag) => tag.kind)).toEqual(['config', 'config']);
  expect(frames[0]).toMatchObject({ type: VIDEO_TAG, dtsMs: 4000 });
  expect((frames[0]?.data[0] ?? 0) >> 4).toBe(1);
});

const firstBytes = async (url: string, atLeast: number, during: () => Promise<void>): Promise<Buffer> => {
  const answered = fetch(url);
  await during();
  const reader = ((await answered).body as ReadableStream<Uint8Array>).getReader();
  const chunks: Uint8Array[] = [];
  while (Buffer.concat(chunks).length < atLeast) {
    const { value, done } = await reader.read();
    if (done) break;
    chunks.push(value);
  }
  await reader.cancel();
  return Buffer.concat(chunks);
};

test('the same bytes come over a WebSocket', async () => {
  const { url, pulls } = await startUpstream();
  const server = await startServer({ upstream: url });
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/live/any.flv`);
  const chunks: Buffer[] = [];
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.on('message', (data: Buffer) => chunks.push(data));
  const pull = await pulls.first(() => true);
  pull.sendUntil(3000);
  pull.end();
  await closed;
  const bytes = Buffer.concat(chunks);
  expect(bytes.subarray(0, 13)).toEqual(FLV_HEADER);
  expect(readTags(bytes).filter((tag) => tag.type === VIDEO_TAG && tag.kind === 'frame').length).toBe(76);
});

test('headers: any page may read it, nobody may keep it', async () => {
  const server = await startServer();
  const answer = await fetch(`${server.url}/live/demo.flv`, { method: 'HEAD' });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('video/x-flv');
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(answer.headers.get('access-control-allow-origin')).toBe('*');
  const preflight = await fetch(`${server.url}/live/demo.flv`, { method: 'OPTIONS' });
  expect(preflight.status).toBe(204);
  expect((await fetch(`${server.url}/live/demo.flv`, { method: 'POST' })).status).toBe(405);
  const unknown = await fetch(`${server.url}/live/unknown.flv`);
  expect(unknown.status).toBe(404);
  expect(unknown.headers.get('access-control-allow-origin')).toBe('*');
});
