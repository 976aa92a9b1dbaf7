import { mkdirSync, mkdtempSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readCodeGrant, readCodeKey, readService } from '../../src/wire/service.ts';
import { PieceClient } from './testing/piece-client.ts';
import { startHttp, startServer } from './testing/servers.ts';
import { TrackerClient } from './testing/tracker-client.ts';
import { startUpstream } from './testing/upstream.ts';

/** A GET whose path is sent as it is written. */
const rawGet = (url: string, path: string): Promise<number> =>
  new Promise((resolve) => {
    request(url, { path }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    }).end();
  });

test('the host describes itself, and its description is valid', async () => {
  const ice = { 'turn:t': { urls: 'turn:t', username: 'u', credential: 'c' } };
  const server = await startServer({ ice });
  const answer = await fetch(`${server.url}/.well-known/shoal.json`);
  const service = readService(await answer.json());
  expect(service).toEqual({
    version: 1,
    tracker: '/tracker',
    sources: '/sources',
    originKeys: [server.originKey],
    iceServers: [ice['turn:t']],
  });
  expect(answer.headers.get('access-control-allow-origin')).toBe('*');
});

test('everything lives below the path prefix, the description also at the root', async () => {
  const server = await startServer({ path: '/shoal', trackerUrl: 'wss://other/tracker' });
  const root = `http://127.0.0.1:${server.port}`;
  expect(server.url).toBe(`${root}/shoal`);
  for (const base of [root, server.url]) {
    expect(await (await fetch(`${base}/.well-known/shoal.json`)).json()).toMatchObject({
      tracker: 'wss://other/tracker',
    });
  }
  expect((await fetch(`${root}/healthz`)).status).toBe(404);
  expect(await (await fetch(`${server.url}/healthz`)).json()).toEqual({ ok: true });
  await new PieceClient(`${server.url}/live/demo.pieces`).piecesUntil(1);
  await new TrackerClient(server.url).join();
});

test('a source of the configuration has its stream, and no other host has one', async () => {
  const server = await startServer({
    path: '/shoal',
    upstream: 'https://cdn.example/base',
    sources: { '/live/cam': 'rtmp://camera.example:1935/app/cam' },
  });
  const streamOf = async (url: string): Promise<unknown> => {
    const answer = await fetch(`${server.url}/sources?url=${encodeURIComponent(url)}`);
    return answer.ok ? ((await answer.json()) as { readonly stream: unknown }).stream : answer.status;
  };
  expect(await streamOf('http://cdn.example/base/live/x.flv')).toBe('/shoal/live/x.flv');
  expect(await streamOf('https://cdn.example/base/live/x.flv?token=1')).toBe('/shoal/live/x.flv');
  expect(await streamOf('rtmp://camera.example/app/cam')).toBe('/shoal/live/cam.flv');
  for (const url of [
    'http://cdn.example/other/live/x.flv',
    'http://cdn.example:81/base/live/x.flv',
    'http://cdn.example/base/live/x.mp4',
    'http://cdn.example/base/../live/x.flv',
    'rtmp://cdn.example/base/live/x',
    'rtmp://camera.example/app/other',
    'http://127.0.0.1/live/x.flv',
    'no address',
  ]) {
    expect(await streamOf(url), url).toBe(403);
  }
});

test('counters are in the text format of Prometheus', async () => {
  const server = await startServer();
  await new PieceClient(`${server.url}/live/demo.pieces`).piecesUntil(5);
  await new TrackerClient(server.url).join();
  const text = await (await fetch(`${server.url}/metrics`)).text();
  expect(text).toMatch(/^shoal_stream_live\{stream="\/live\/demo"\} 1$/m);
  expect(text).toMatch(/^shoal_stream_viewers\{stream="\/live\/demo"\} 1$/m);
  expect(text).toMatch(/^shoal_tracker_viewers\{stream="\/live\/demo"\} 1$/m);
  expect(text).toMatch(/^shoal_tracker_viewers_by_nat\{stream="\/live\/demo",nat="unknown"\} 1$/m);
  expect(Number(/^shoal_egress_bytes_total\{form="pieces-ws"\} (\d+)$/m.exec(text)?.[1])).toBeGreaterThan(10_000);
  for (const line of text.trim().split('\n'))
    expect(line).toMatch(/^(# (HELP|TYPE) |[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? \d+$)/);
});

test('a code is made, told once it is asked for, and unknown otherwise', async () => {
  const server = await startServer({ codeLife: 60 });
  const grant = readCodeGrant(await (await fetch(`${server.url}/code`, { method: 'POST' })).json());
  if ('kind' in grant) throw new Error(grant.detail);
  expect(grant.expire).toBe(60);
  const answer = await fetch(`${server.url}/code/${grant.code}`);
  expect(readCodeKey(await answer.json())).toEqual({ key: grant.key });
  expect(answer.headers.get('cache-control')).toBe('no-store');
  for (const code of ['nobody', 'a%2Fb', '']) {
    expect((await fetch(`${server.url}/code/${code}`)).status).toBe(404);
  }
  expect((await fetch(`${server.url}/code`)).status).toBe(405);
  const others = await Promise.all(
    [1, 2, 3].map(async () => (await fetch(`${server.url}/code`, { method: 'POST' })).json()),
  );
  expect(new Set(others.map((other) => (other as { key: string }).key)).size).toBe(3);
});

test('codes are read on this machine only, not through a proxy on it, unless a secret says otherwise', async () => {
  const server = await startServer();
  const { code } = (await (await fetch(`${server.url}/code`, { method: 'POST' })).json()) as { code: string };
  const proxied = await fetch(`${server.url}/code/${code}`, { headers: { 'x-forwarded-for': '203.0.113.1' } });
  expect(proxied.status).toBe(401);

  const locked = await startServer({ codePostSecret: 'make', codeGetSecret: 'read' });
  const ask = (path: string, method: string, secret?: string) =>
    fetch(`${locked.url}${path}`, {
      method,
      headers: secret === undefined ? {} : { authorization: `Bearer ${secret}` },
    });
  expect((await ask('/code', 'POST')).status).toBe(401);
  expect((await ask('/code', 'POST', 'read')).status).toBe(401);
  const made = (await (await ask('/code', 'POST', 'make')).json()) as { code: string };
  expect((await ask(`/code/${made.code}`, 'GET')).status).toBe(401);
  expect((await ask(`/code/${made.code}`, 'GET', 'read')).status).toBe(200);
});

test('one address cannot make codes without end', async () => {
  const server = await startServer();
  const states = await Promise.all(
    Array.from({ length: 130 }, async () => (await fetch(`${server.url}/code`, { method: 'POST' })).status),
  );
  expect(states.filter((status) => status === 200).length).toBeGreaterThanOrEqual(100);
  expect(states.filter((status) => status === 503).length).toBeGreaterThan(10);
});

test('the origin reads codes from another key service, with its secret, and remembers them', async () => {
  const asked: string[] = [];
  const { url } = await startHttp((question, response) => {
    asked.push(`${question.url} ${question.headers.authorization}`);
    response.writeHead(question.url === '/code/known' ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ key: 'ab'.repeat(32) }));
  });
  const server = await startServer({ keyUrl: `${url}/code/`, keySecret: 's' });
  for (let n = 0; n < 2; n++) {
    const client = new PieceClient(`${server.url}/live/demo.pieces?code=known`);
    expect((await client.frame('key')).wrapped).toBe(true);
  }
  expect(asked).toEqual(['/code/known Bearer s']);
  expect((await new PieceClient(`${server.url}/live/demo.pieces?code=other`).closed).code).toBe(4410);
  const dead = await startServer({ keyUrl: 'http://127.0.0.1:1/code' });
  expect((await new PieceClient(`${dead.url}/live/demo.pieces?code=known`).closed).code).toBe(4410);
});

test('a hook decides who comes in, in every form, and is not asked twice for the same', async () => {
  const asked: unknown[] = [];
  const { url } = await startHttp((question, response) => {
    const chunks: Buffer[] = [];
    question.on('data', (chunk: Buffer) => chunks.push(chunk));
    question.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as { credentials: string };
      asked.push(body);
      response.writeHead(body.credentials === 'token=good' ? 204 : 403);
      response.end();
    });
  });
  const server = await startServer({ hook: url, encrypt: false });
  expect((await fetch(`${server.url}/live/demo.flv?token=bad`)).status).toBe(403);
  expect((await fetch(`${server.url}/live/demo.pieces`)).status).toBe(403);
  expect((await new PieceClient(`${server.url}/live/demo.pieces?token=bad`).closed).code).toBe(4403);
  const tracker = new TrackerClient(server.url);
  tracker.join('/live/demo', 'token=bad').catch(() => undefined);
  expect((await tracker.closed).code).toBe(4431);
  expect(server.streams()).toEqual([]);

  const client = new PieceClient(`${server.url}/live/demo.pieces?token=good&mask=1`);
  await client.piecesUntil(1);
  const plain = await fetch(`${server.url}/live/demo.flv?token=good&tag=x`);
  expect(plain.status).toBe(200);
  await plain.body?.cancel();
  expect((await fetch(`${server.url}/live/demo/head`)).status).toBe(403);
  expect((await fetch(`${server.url}/live/demo/${server.streams()[0]?.epoch}/0`)).status).toBe(403);
  expect((await fetch(`${server.url}/live/demo/${server.streams()[0]?.epoch}/0?token=good`)).status).toBe(200);
  await new TrackerClient(server.url).join('/live/demo', 'token=good');
  const good = asked.filter((body) => (body as { credentials: string }).credentials === 'token=good');
  expect(good).toEqual([
    { path: '/live/demo', credentials: 'token=good', ip: '127.0.0.1', action: 'play' },
    { path: '/live/demo', credentials: 'token=good', ip: '127.0.0.1', action: 'join' },
  ]);
});

test('no answer from the hook means no', async () => {
  const server = await startServer({ hook: 'http://127.0.0.1:1/' });
  expect((await fetch(`${server.url}/live/demo.flv`)).status).toBe(403);
});

test('the source itself may decide, and is pulled with the query it admitted', async () => {
  const { url, pulls } = await startUpstream();
  const server = await startServer({ upstream: url, admitBySource: true });
  expect((await fetch(`${server.url}/live/a.flv?token=bad`)).status).toBe(403);
  const client = new PieceClient(`${server.url}/live/a.pieces?token=good&mask=3`);
  const pull = await pulls.first(() => true);
  expect(pull.url).toBe('/live/a.flv?token=good');
  pull.sendUntil(1000);
  await client.piecesUntil(1);
});

test('files are served from their directory and nowhere else', async () => {
  const base = mkdtempSync(join(tmpdir(), 'shoal-'));
  const dir = join(base, 'site');
  mkdirSync(join(dir, 'sub'), { recursive: true });
  writeFileSync(join(base, 'secret.txt'), 'secret');
  writeFileSync(join(dir, 'index.html'), '<p>hello');
  writeFileSync(join(dir, 'sub', 'index.html'), '<p>sub');
  writeFileSync(join(dir, 'clip.flv'), 'FLV');
  writeFileSync(join(dir, '.hidden'), 'hidden');
  symlinkSync(join(base, 'secret.txt'), join(dir, 'link.txt'));
  const server = await startServer({ staticDir: dir });
  const home = await fetch(`${server.url}/`);
  expect(home.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(await home.text()).toBe('<p>hello');
  expect(await (await fetch(`${server.url}/sub`)).text()).toBe('<p>sub');
  expect(await (await fetch(`${server.url}/clip.flv`)).text()).toBe('FLV');
  expect((await fetch(`${server.url}/live/demo.flv`, { method: 'HEAD' })).headers.get('content-type')).toBe(
    'video/x-flv',
  );
  for (const path of [
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/link.txt',
    '/.hidden',
    '/%00',
    '/nope',
    '/sub/%2e%2e/%2e%2e/secret.txt',
    '/%',
  ]) {
    expect([path, await rawGet(server.url, path)]).toEqual([path, 404]);
  }
});

test('absolute addresses and other schemes in the request line are refused: this is no proxy', async () => {
  const server = await startServer();
  expect(await rawGet(server.url, 'http://example.invalid/live/demo.flv')).toBe(404);
  expect(await rawGet(server.url, '//example.invalid/live/demo.flv')).toBe(404);
  expect(await rawGet(server.url, `/${'a'.repeat(9000)}`)).toBe(404);
});

test('a port that is taken is said in one sentence', async () => {
  const server = await startServer();
  const taken = startServer({ port: server.port });
  await expect(taken).rejects.toMatchObject({ code: 'server/listen-failed', detail: `127.0.0.1:${server.port}` });
});

test('the signing key is made once and kept in its file', async () => {
  const seedFile = join(mkdtempSync(join(tmpdir(), 'shoal-')), 'seed');
  const first = await startServer({ seedFile });
  expect(statSync(seedFile).mode & 0o077).toBe(0);
  expect((await startServer({ seedFile })).originKey).toBe(first.originKey);
  expect((await startServer()).originKey).not.toBe(first.originKey);
  writeFileSync(seedFile, 'nonsense');
  await expect(startServer({ seedFile })).rejects.toMatchObject({ code: 'server/bad-config' });
});
