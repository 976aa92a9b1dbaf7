// The access layer's configurations as they are shipped, with nothing changed but addresses, before real servers.

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect, type IncomingHttpHeaders } from 'node:http2';
import { type AddressInfo, createConnection } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { createNodeViewer } from '../../src/carrier/node/node-viewer.ts';
import { ByteCore } from '../../wasm/abi.ts';
import { readByteCore } from '../src/assets.ts';
import type { ShoalServer } from '../src/index.ts';
import { freePort, startNginx, withNginx } from '../src/testing/nginx.ts';
import { hear, PieceClient } from '../src/testing/piece-client.ts';
import { startServer } from '../src/testing/servers.ts';

const shipped = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');

interface Access {
  /** Over plain HTTP. */
  readonly http: string;
  /** Over TLS. */
  readonly https: string;
}

/** nginx with the shipped files in front of these servers. */
const startAccess = async (servers: readonly string[]): Promise<Access> => {
  const tls = await freePort();
  const http = await startNginx(({ dir, port }) => {
    const [cert, key] = [join(dir, 'cert.pem'), join(dir, 'key.pem')];
    const subject = [
      '-subj',
      '/CN=localhost',
      '-days',
      '2',
      '-nodes',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
    ];
    execFileSync('openssl', ['req', '-x509', ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' });
    const [, how = ''] = /server 10\.0\.0\.11:8080([^;]*);/.exec(shipped('shoal.conf')) ?? [];
    const lines = servers.map((address) => `    server ${new URL(address).host}${how};\n`);
    mkdirSync(join(dir, 'cache'), { recursive: true });
    writeFileSync(join(dir, 'shoal-locations.conf'), shipped('shoal-locations.conf'));
    return changed(shipped('shoal.conf'), [
      [/( {4}server 10\.0\.0\.\d+:8080[^\n]*\n)+/, lines.join('')],
      [/\/var\/cache\/nginx\/shoal/, join(dir, 'cache')],
      [/listen 443 ssl http2;/, `listen 127.0.0.1:${tls} ssl http2;`],
      [/listen 16080;/, `listen 127.0.0.1:${port};`],
      [/\/etc\/ssl\/shoal\/fullchain\.pem/, cert],
      [/\/etc\/ssl\/shoal\/privkey\.pem/, key],
    ]);
  });
  return { http, https: `https://127.0.0.1:${tls}` };
};

/** Every change must find what it changes. */
const changed = (text: string, changes: readonly (readonly [RegExp, string])[]): string =>
  changes.reduce((before, [from, to]) => {
    if (!from.test(before)) throw new Error(`${from} is not in the shipped file`);
    return before.replace(from, () => to);
  }, text);

/** A server that says who it is and which of its requests came, and can be taken away and brought back. */
const startStub = async (name: string) => {
  const asked: { readonly url: string; readonly headers: IncomingHttpHeaders }[] = [];
  const start = async (port: number): Promise<{ port: number; stop(): Promise<void> }> => {
    const server = createServer((request, response) => {
      asked.push({ url: request.url ?? '', headers: request.headers });
      response.writeHead(200, { 'content-type': 'text/plain' }).end(name);
    });
    await new Promise<void>((resolve) => {
      server.listen(port, '127.0.0.1', resolve);
    });
    const stop = () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    onTestFinished(stop);
    return { port: (server.address() as AddressInfo).port, stop };
  };
  const { port, stop } = await start(0);
  return { name, asked, url: `http://127.0.0.1:${port}`, stop, start: () => start(port) };
};

const textOf = async (url: string): Promise<string> => (await fetch(url)).text();

withNginx(
  'every form of a stream, its tracker and its publisher go to one server; a lost one moves its own streams only',
  async () => {
    const stubs = await Promise.all(['a', 'b', 'c'].map(startStub));
    const { http } = await startAccess(stubs.map(({ url }) => url));
    const streams = Array.from({ length: 60 }, (_, n) => `/live/room${n}`);
    const epoch = '0123456789abcdef0123';
    const owners = new Map<string, string>();
    for (const stream of streams) {
      const forms = ['.flv', '.pieces?mask=0&x=1', '.m3u8', '/head', `/${epoch}/7`, `/${epoch}/key/0`, '/hls/seg1.ts'];
      const urls = [
        ...forms.map((form) => `${stream}${form}`),
        `/tracker?x=1&stream=${stream}`,
        `/publish${stream}?key=k`,
      ];
      const answers = new Set(await Promise.all(urls.map((url) => textOf(`${http}${url}`))));
      expect([...answers], stream).toHaveLength(1);
      owners.set(stream, [...answers][0] ?? '');
    }
    const shares = stubs.map(({ name }) => [...owners.values()].filter((owner) => owner === name).length);
    expect(Math.min(...shares)).toBeGreaterThan(5);

    const [lost] = stubs;
    if (lost === undefined) throw new Error('three stubs');
    await lost.stop();
    for (const stream of streams) {
      const now = await textOf(`${http}${stream}.flv`);
      if (owners.get(stream) === 'a') expect(['b', 'c']).toContain(now);
      else expect(now, stream).toBe(owners.get(stream));
    }

    // The same when it is taken out for good.
    const smaller = await startAccess(stubs.slice(1).map(({ url }) => url));
    for (const stream of streams) {
      const now = await textOf(`${smaller.http}${stream}.flv`);
      if (owners.get(stream) !== 'a') expect(now, stream).toBe(owners.get(stream));
    }
  },
);

withNginx('an endless response is passed on byte by byte, over HTTP/2 and TLS too', async () => {
  let more: () => void = () => undefined;
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'video/x-flv' });
    response.write('a');
    more = () => response.write('b');
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => server.closeAllConnections());
  onTestFinished(() => void server.close());
  const { http, https } = await startAccess([`http://127.0.0.1:${(server.address() as AddressInfo).port}`]);

  const reader = (await fetch(`${http}/live/a.flv`)).body?.getReader();
  expect(String.fromCharCode(...((await reader?.read())?.value ?? []))).toBe('a');
  more();
  expect(String.fromCharCode(...((await reader?.read())?.value ?? []))).toBe('b');
  await reader?.cancel();

  const session = connect(https, { rejectUnauthorized: false });
  onTestFinished(() => session.destroy());
  const stream = session.request({ ':path': '/live/a.flv' });
  const chunks: string[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk.toString()));
  await vi.waitFor(() => expect(chunks.join('')).toBe('a'));
  more();
  await vi.waitFor(() => expect(chunks.join('')).toBe('ab'));
  expect(session.alpnProtocol).toBe('h2');
});

withNginx('a reader that does not read holds back the server, and fills no disk', async () => {
  const chunk = Buffer.alloc(64 * 1024);
  const chunks = 512;
  let sent: () => number = () => 0;
  const server = createServer((_request, response) => {
    response.on('error', () => undefined);
    response.writeHead(200, { 'content-type': 'video/x-flv' });
    let written = 0;
    const write = (): void => {
      while (written < chunks && response.write(chunk)) written += 1;
      sent = () => written * chunk.length;
    };
    response.on('drain', () => {
      written += 1;
      write();
    });
    write();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => server.closeAllConnections());
  onTestFinished(() => void server.close());
  const { http } = await startAccess([`http://127.0.0.1:${(server.address() as AddressInfo).port}`]);
  const reader = createConnection(Number(new URL(http).port), '127.0.0.1');
  onTestFinished(() => void reader.destroy());
  reader.pause();
  reader.write('GET /live/a.flv HTTP/1.1\r\nHost: a\r\n\r\n');
  // Until nothing moves any more.
  let seen = { bytes: 0, times: 0 };
  await vi.waitFor(
    () => {
      const bytes = sent();
      seen = { bytes, times: bytes > 0 && bytes === seen.bytes ? seen.times + 1 : 0 };
      expect(seen.times).toBeGreaterThan(20);
    },
    { interval: 25 },
  );
  expect(sent()).toBeLessThan((chunks * chunk.length) / 2);
});

withNginx(
  'sockets are upgraded through TLS, pieces come, and the tracker is told the viewer’s own address',
  async () => {
    const server = await startServer({ proxies: ['127.0.0.1'], maxPerAddress: 1 });
    const { https } = await startAccess([server.url]);
    const socket = new WebSocket(`${https.replace('https', 'wss')}/live/demo.pieces?mask=4294967295`, {
      rejectUnauthorized: false,
    });
    socket.binaryType = 'nodebuffer';
    const kinds = new Set<string>();
    socket.on('message', (data: Buffer) => kinds.add(hear(new Uint8Array(data)).kind));
    await vi.waitFor(() => expect([...kinds].sort()).toEqual(['frame', 'head', 'piece']));
    socket.terminate();

    // One connection for each address: two viewers behind the proxy have two.
    const tracker = (localAddress: string, headers: Record<string, string> = {}) => {
      const address = `${https.replace('https', 'wss')}/tracker?stream=/live/demo`;
      const client = new WebSocket(address, { rejectUnauthorized: false, localAddress, headers });
      onTestFinished(() => client.terminate());
      const closed = new Promise<number>((resolve) => client.once('close', resolve));
      return { client, closed, opened: new Promise((resolve) => client.once('open', resolve)) };
    };
    const [one, two] = [tracker('127.0.0.2'), tracker('127.0.0.3')];
    await Promise.all([one.opened, two.opened]);
    // What somebody writes into the header itself is not believed: this is 127.0.0.2 again.
    expect(await tracker('127.0.0.2', { 'x-forwarded-for': '192.0.2.77' }).closed).toBe(4432);
    expect([one.client.readyState, two.client.readyState]).toEqual([WebSocket.OPEN, WebSocket.OPEN]);
  },
);

withNginx('a piece is fetched from the server once, and what is for the operator is not for others', async () => {
  const server = await startServer({ proxies: ['127.0.0.1'] });
  const { http } = await startAccess([server.url]);
  const pieces = new PieceClient(`${http}/live/demo.pieces`);
  const { sealed } = await pieces.head();
  const [piece] = await pieces.piecesUntil(1);
  const path = `/live/demo/${Buffer.from(sealed.head.epoch).toString('hex')}/${piece?.header.sequence}`;
  const caches = [];
  for (let n = 0; n < 3; n++) {
    const response = await fetch(`${http}${path}`);
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(piece?.bytes);
    caches.push(response.headers.get('x-cache'));
  }
  expect(caches).toEqual(['MISS', 'HIT', 'HIT']);
  expect(server.egress().perViewer.filter(({ form }) => form === 'piece')).toHaveLength(1);
  await pieces.close();

  const statusFrom = (localAddress: string, target: string) =>
    new Promise<string>((resolve) => {
      const socket = createConnection({ host: '127.0.0.1', port: Number(new URL(http).port), localAddress });
      onTestFinished(() => void socket.destroy());
      socket.write(`GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
      socket.once('data', (data) => resolve(data.toString().slice(9, 12)));
    });
  expect(await statusFrom('127.0.0.1', '/metrics')).toBe('200');
  expect(await statusFrom('127.0.0.2', '/metrics')).toBe('403');
  // The key of a code is told to this machine only, and nobody is this machine through a proxy.
  expect(await statusFrom('127.0.0.1', '/code/some-code')).toBe('401');
});

withNginx('a viewer plays on when the server of its stream is gone', async () => {
  const signingSeed = new Uint8Array(32).fill(7);
  const servers = await Promise.all([1, 2].map(() => startServer({ proxies: ['127.0.0.1'] }, { signingSeed })));
  const { http } = await startAccess(servers.map(({ url }) => url));
  const core = await ByteCore.load(await readByteCore());
  const viewer = createNodeViewer({ url: `${http}/live/demo.flv`, core });
  onTestFinished(() => viewer.stop());
  viewer.start();
  const isAt = (server: ShoalServer | undefined): boolean => server?.rooms()[0]?.viewers === 1;
  await vi.waitFor(() => expect(servers.some(isAt)).toBe(true));
  await vi.waitFor(() => expect(viewer.delivered.bytes).toBeGreaterThan(50_000));
  const own = servers.find(isAt);
  const other = servers.find((server) => server !== own);
  // Its pieces and its tracker are at one server, and nothing of it at the other.
  expect(own?.streams()).toMatchObject([{ viewers: 1 }]);
  expect(other?.streams()).toEqual([]);
  const before = viewer.delivered.bytes;
  await own?.close();
  await vi.waitFor(() => expect(isAt(other)).toBe(true));
  await vi.waitFor(() => expect(viewer.delivered.bytes).toBeGreaterThan(before + 100_000));
  expect(viewer.stats()).toMatchObject({ state: 'playing', piecesRejected: 0 });
});

withNginx('the redirecting address sends each stream to a node of its own, and a viewer follows it', async () => {
  const server = await startServer();
  const stub = await startStub('node2');
  const front = await startNginx(({ port }) => {
    const maps = shipped('shoal.conf').slice(0, shipped('shoal.conf').indexOf('# An upgrade is passed on'));
    return `${maps}${changed(shipped('shoal-redirect.conf'), [
      [/https:\/\/node1\.example\.com/, server.url],
      [/https:\/\/node2\.example\.com/, stub.url],
      [/listen 16081;/, `listen 127.0.0.1:${port};`],
    ])}`;
  });
  const answer = await fetch(`${front}/live/a.flv?x=1`, { redirect: 'manual' });
  expect(answer.status).toBe(302);
  expect(answer.headers.get('access-control-allow-origin')).toBe('*');
  const target = new URL(answer.headers.get('location') ?? '');
  expect([server.url, stub.url]).toContain(target.origin);
  expect(`${target.pathname}${target.search}`).toBe('/live/a.flv?x=1');
  const places = await Promise.all(
    ['.flv', '.pieces', '/head'].map(async (form) => {
      const each = await fetch(`${front}/live/a${form}`, { redirect: 'manual' });
      return new URL(each.headers.get('location') ?? '').origin;
    }),
  );
  expect(new Set(places)).toEqual(new Set([target.origin]));
  expect((await fetch(`${front}/live/a.flv`, { method: 'OPTIONS' })).status).toBe(204);
});
