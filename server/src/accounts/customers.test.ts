// Customers from outside: tokens, who is let in with them, and accounts over HTTP.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { systemClock } from '../clock.ts';
import { MemoryHub, MemoryStore } from '../cluster/memory-store.ts';
import type { ServerConfig, ServerSeams, ShoalServer } from '../index.ts';
import { makeViewerToken, signAccountsRequest, signTokenRequest } from '../index.ts';
import { PieceClient } from '../testing/piece-client.ts';
import { startHttp, startServer } from '../testing/servers.ts';
import { TrackerClient } from '../testing/tracker-client.ts';

const shop = { appId: 'shop', appKey: 'shop-key', secret: 'the secret of the shop' };
const tour = { appId: 'tour', appKey: 'tour-key', secret: 'the secret of the tour' };
const PAGE = 'https://www.shop.example';

const start = async (
  options: Partial<ServerConfig> = {},
  seams: ServerSeams = {},
): Promise<ShoalServer & { readonly folder: string }> => {
  const folder = await mkdtemp(join(tmpdir(), 'shoal-customers-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'apps.json');
  const apps = [
    { id: 'shop', key: 'shop-key', secret: shop.secret, pages: [PAGE], packages: ['example.shop'], tokenSeconds: 60 },
    { id: 'tour', key: 'tour-key', secret: tour.secret },
  ];
  await writeFile(path, JSON.stringify({ apps }));
  return { ...(await startServer({ apps: path, ...options }, seams)), folder };
};

const ask = async (server: ShoalServer, body: unknown, page?: string) => {
  const headers = { 'content-type': 'application/json', ...(page === undefined ? {} : { origin: page }) };
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(`${server.url}/token`, { method: 'POST', body: text, headers });
  return { status: response.status, answer: (await response.json()) as Record<string, unknown> };
};

const rowsOf = async (url: string): Promise<Record<string, unknown>[]> =>
  ((await (await fetch(url)).json()) as { rows: Record<string, unknown>[] }).rows;

test('a signed request gets a token that lets a viewer in, in every form, until it is over', async () => {
  const server = await start();
  const request = signTokenRequest(shop, { package: 'example.shop' });
  const { status, answer } = await ask(server, request, PAGE);
  expect(status).toBe(200);
  expect(answer).toMatchObject({ expiresInMs: 60_000, query: expect.stringMatching(/^shoal_token=/) });
  const query = String(answer.query);
  const plain = await fetch(`${server.url}/live/demo.flv?${query}`);
  expect(plain.status).toBe(200);
  await plain.body?.cancel();
  const pieces = new PieceClient(`${server.url}/live/demo.pieces?mask=1&${query}`);
  await pieces.head();
  await pieces.close();
  expect((await new TrackerClient(server.url).join('/live/demo', query)).receipts).toBe(true);
});

test.each([
  ['no JSON', 'nonsense', 400, 'token/bad-request'],
  ['something too long', JSON.stringify({ appId: 'x'.repeat(5000) }), 400, 'token/bad-request'],
  ['no app', { ...signTokenRequest(shop), appId: '' }, 400, 'token/bad-request'],
  ['no time', { ...signTokenRequest(shop), t: 'now' }, 400, 'token/bad-request'],
  ['a time of yesterday', signTokenRequest(shop, { nowMs: Date.now() - 86_400_000 }), 400, 'token/bad-request'],
  ['an app nobody knows', signTokenRequest({ ...shop, appId: 'ship' }), 403, 'token/refused'],
  ['a wrong key', signTokenRequest({ ...shop, appKey: 'x' }, { package: 'example.shop' }), 403, 'token/refused'],
  ['a wrong secret', signTokenRequest({ ...shop, secret: 'x' }, { package: 'example.shop' }), 403, 'token/refused'],
  ['no signature', { ...signTokenRequest(shop, { package: 'example.shop' }), sign: '' }, 403, 'token/refused'],
  ['another package', signTokenRequest(shop, { package: 'example.ship' }), 403, 'token/refused'],
])('a request with %s is refused with its code', async (_what, body, status, code) => {
  const server = await start();
  expect(await ask(server, body, PAGE)).toMatchObject({ status, answer: { code } });
});

test('a page that is not in the list gets no token, and one that has got hold of one is not let in', async () => {
  const server = await start();
  const request = signTokenRequest(shop, { package: 'example.shop' });
  expect(await ask(server, request, 'https://evil.example')).toMatchObject({ status: 403 });
  const query = makeViewerToken(shop);
  const from = async (page: string) => {
    const response = await fetch(`${server.url}/live/demo.flv?${query}`, { headers: { origin: page } });
    await response.body?.cancel();
    return response.status;
  };
  expect(await from('https://evil.example')).toBe(403);
  expect(await from(PAGE)).toBe(200);
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/tracker`, { origin: 'https://evil.example' });
  const client = Object.assign(Object.create(TrackerClient.prototype) as TrackerClient, { socket });
  const closed = new Promise((resolve) => client.socket.once('close', resolve));
  await new Promise((resolve) => socket.once('open', resolve));
  const viewerKey = Buffer.alloc(32, 7).toString('base64url');
  socket.send(
    JSON.stringify({ kind: 'join', version: 1, path: '/live/demo', credentials: query, viewerKey, uploads: true }),
  );
  expect(await closed).toBe(4431);
});

test('without a token nobody is let in, and whoever makes tokens with a wrong secret is told so', async () => {
  const server = await start();
  for (const query of ['', makeViewerToken({ ...shop, secret: 'wrong' }), makeViewerToken({ ...shop, seconds: -1 })]) {
    const response = await fetch(`${server.url}/live/demo.flv?${query}`);
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ code: 'origin/refused' });
    const pieces = new PieceClient(`${server.url}/live/demo.pieces?${query}`);
    expect(await pieces.closed).toMatchObject({ code: 4403 });
    const tracker = new TrackerClient(server.url);
    tracker.join('/live/demo', query).catch(() => undefined);
    expect(await tracker.closed).toMatchObject({ code: 4431 });
  }
});

test('the hook behind the tokens is asked without them', async () => {
  const asked: string[] = [];
  const hook = await startHttp((request, response) => {
    request.on('data', (chunk: Buffer) => asked.push(chunk.toString()));
    request.on('end', () => response.end());
  });
  const server = await start({ hook: hook.url });
  const response = await fetch(`${server.url}/live/demo.flv?user=7&${makeViewerToken(tour)}`);
  expect(response.status).toBe(200);
  await response.body?.cancel();
  expect(asked.map((text) => JSON.parse(text))).toMatchObject([{ path: '/live/demo', credentials: 'user=7' }]);
});

test('bytes are counted for the app whose viewer they went to, and told in every format', async () => {
  const server = await start();
  const plain = await fetch(`${server.url}/live/demo.flv?${makeViewerToken(shop)}`);
  const reader = plain.body?.getReader();
  let got = 0;
  while (got < 100_000) got += (await reader?.read())?.value?.length ?? Number.NaN;
  await reader?.cancel();
  const url = `${server.url}/accounts`;
  await vi.waitFor(async () => expect((await rowsOf(url))[0]?.originBytes).toBeGreaterThanOrEqual(got));
  const [row, ...others] = await rowsOf(url);
  expect(others).toEqual([]);
  expect(row).toMatchObject({ app: 'shop', stream: '/live/demo', viewers: 1, peak: 1, neighbourBytes: 0, offload: 0 });
  const csv = await (await fetch(`${url}?format=csv`)).text();
  const [names = '', line = ''] = csv.split('\r\n');
  expect(Object.fromEntries(names.split(',').map((name, at) => [name, line.split(',')[at]]))).toMatchObject({
    app: 'shop',
    originBytes: String(row?.originBytes),
  });
  const text = await (await fetch(`${url}?format=prometheus`)).text();
  expect(text).toContain(`shoal_account_origin_bytes_total{app="shop",stream="/live/demo"} ${row?.originBytes}\n`);
  expect(await rowsOf(`${url}?app=tour`)).toEqual([]);
  expect(await rowsOf(`${url}?stream=/live/other`)).toEqual([]);
  expect(await rowsOf(`${url}?from=2020-01-01&to=2020-01-02`)).toEqual([]);
  for (const wrong of ['format=xml', 'from=yesterday', 'from=2020-01-02&to=2020-01-01', 'from=2000-01-01']) {
    expect((await fetch(`${url}?${wrong}`)).status, wrong).toBe(400);
  }
});

test('an app reads its own accounts with its signature, the operator all with the secret, and nobody else any', async () => {
  const server = await start({ accountsSecret: 'of the operator' });
  for (const app of [shop, tour]) {
    const response = await fetch(`${server.url}/live/demo.flv?${makeViewerToken(app)}`);
    await response.body?.getReader().read();
    onTestFinished(() => response.body?.cancel().catch(() => undefined));
  }
  const url = `${server.url}/accounts`;
  const appsTold = async (address: string, headers: Record<string, string> = {}) => {
    const response = await fetch(address, { headers });
    const { rows = [] } = (await response.json()) as { rows?: { app: string }[] };
    return response.ok ? [...new Set(rows.map(({ app }) => app))].sort() : response.status;
  };
  const operator = { authorization: 'Bearer of the operator' };
  await vi.waitFor(async () => expect(await appsTold(url, operator)).toEqual(['shop', 'tour']));
  expect(await appsTold(`${url}?${signAccountsRequest(shop)}`)).toEqual(['shop']);
  expect(await appsTold(`${url}?app=tour&${signAccountsRequest(shop)}`)).toEqual(['shop']);
  expect(await appsTold(url)).toBe(401);
  expect(await appsTold(url, { authorization: 'Bearer of the opera' })).toBe(401);
  expect(await appsTold(`${url}?${signAccountsRequest({ ...shop, secret: 'x' })}`)).toBe(401);
  expect(await appsTold(`${url}?${signAccountsRequest(shop, 1000)}`)).toBe(401);
});

test('accounts survive a restart of the server', async () => {
  const first = await start();
  const accountsDir = join(first.folder, 'accounts');
  const apps = join(first.folder, 'apps.json');
  const count = async (): Promise<number> => {
    const server = await startServer({ apps, accountsDir });
    const response = await fetch(`${server.url}/live/demo.flv?${makeViewerToken(shop)}`);
    await response.body?.getReader().read();
    await vi.waitFor(async () => expect((await rowsOf(`${server.url}/accounts`))[0]?.viewers).toBeDefined());
    await server.close();
    const again = await startServer({ apps, accountsDir });
    const rows = await rowsOf(`${again.url}/accounts`);
    await again.close();
    return rows.reduce((sum, { viewers }) => sum + Number(viewers), 0);
  };
  expect(await count()).toBe(1);
  expect(await count()).toBe(2);
});

test('servers that share a store have one account, which outlives each of them', async () => {
  const hub = new MemoryHub(systemClock());
  const servers = [await start({}, { store: new MemoryStore(hub) }), await start({}, { store: new MemoryStore(hub) })];
  for (const server of servers) {
    const response = await fetch(`${server.url}/live/demo.flv?${makeViewerToken(shop)}`);
    await response.body?.getReader().read();
    onTestFinished(() => response.body?.cancel().catch(() => undefined));
  }
  const [first, second] = servers;
  await vi.waitFor(async () =>
    expect((await rowsOf(`${second?.url}/accounts?app=shop`))[0]).toMatchObject({ viewers: 2, peak: 2 }),
  );
  await first?.close();
  expect((await rowsOf(`${second?.url}/accounts?app=shop`))[0]).toMatchObject({ app: 'shop', viewers: 2 });
});

test('a server without customers lets anybody in, has no accounts and asks for no receipts', async () => {
  const server = await startServer();
  expect((await fetch(`${server.url}/accounts`)).status).toBe(404);
  expect((await fetch(`${server.url}/token`, { method: 'POST' })).status).toBe(404);
  expect((await new TrackerClient(server.url).join()).receipts).toBeUndefined();
});

test('HLS is let in and counted like every other form', async () => {
  const server = await start();
  expect((await fetch(`${server.url}/live/demo.m3u8`)).status).toBe(403);
  const query = makeViewerToken(shop);
  const headers = { origin: PAGE, 'accept-encoding': 'identity' };
  const playlist = await fetch(`${server.url}/live/demo.m3u8?${query}`, { headers });
  expect(playlist.status).toBe(200);
  const text = await playlist.text();
  // Segments have one address for everybody, without a token: they are counted for who reads the playlist.
  const [, segment = ''] = /^(demo\/hls\/.*mp4)$/m.exec(text) ?? /URI="(demo\/hls\/[^"]*)"/.exec(text) ?? [];
  const media = await fetch(`${server.url}/live/${segment}`);
  const bytes = (await media.arrayBuffer()).byteLength;
  expect(bytes).toBeGreaterThan(500);
  const least = text.length + bytes;
  const rowsFor = (app: string) => rowsOf(`${server.url}/accounts?app=${app}`);
  await vi.waitFor(async () => expect((await rowsFor('shop'))[0]?.originBytes).toBeGreaterThanOrEqual(least));
  const [row] = await rowsFor('shop');
  expect(row?.wantedBytes).toBe(row?.originBytes);
  expect((await rowsFor('-'))[0]?.originBytes ?? 0).toBeLessThan(bytes);
  const elsewhere = await fetch(`${server.url}/live/demo.m3u8?${query}`, {
    headers: { origin: 'https://evil.example' },
  });
  expect(elsewhere.status).toBe(403);
});
