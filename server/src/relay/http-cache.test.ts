// Pieces behind an ordinary HTTP cache: what may be kept is asked for once, what may not is asked for each time.

import { expect, test } from 'vitest';
import { toHex } from '../../../src/wire/bytes.ts';
import type { ShoalServer } from '../index.ts';
import { startNginx, withNginx } from '../testing/nginx.ts';
import { PieceClient } from '../testing/piece-client.ts';
import { startHttp, startServer } from '../testing/servers.ts';

const PATH = '/live/demo';
const YEAR = 'max-age=31536000, immutable';

const cacheBefore = (origin: string): Promise<string> =>
  startNginx(
    ({ dir, port }) => `
proxy_cache_path ${dir}/cache keys_zone=pieces:1m;
server {
  listen 127.0.0.1:${port};
  location / {
    proxy_pass ${origin};
    proxy_cache pieces;
    proxy_cache_lock on;
    add_header x-cache $upstream_cache_status always;
  }
}`,
  );

/** Epoch and sequence of a piece that is kept, and its bytes. */
const somePiece = async (server: ShoalServer): Promise<{ path: string; bytes: string }> => {
  const client = new PieceClient(`${server.url}${PATH}.pieces`);
  const { sealed } = await client.head();
  const piece = (await client.piecesUntil(5))[2];
  if (piece === undefined) throw new Error('no piece');
  return { path: `${PATH}/${toHex(sealed.head.epoch)}/${piece.header.sequence}`, bytes: toHex(piece.bytes) };
};

const bytesOf = async (answer: Response): Promise<string> => toHex(new Uint8Array(await answer.arrayBuffer()));

const pieceRequests = (server: ShoalServer): number =>
  server.egress().perViewer.filter(({ form }) => form === 'piece').length;

withNginx('the second request for a piece never reaches the origin, however many ask at once', async () => {
  const origin = await startServer();
  const { path, bytes } = await somePiece(origin);
  const cache = await cacheBefore(origin.url);
  const first = await fetch(`${cache}${path}`);
  expect(first.headers.get('cache-control')).toBe(`public, ${YEAR}`);
  expect(await bytesOf(first)).toBe(bytes);
  const asked = pieceRequests(origin);
  expect(asked).toBe(1);
  const crowd = await Promise.all(Array.from({ length: 20 }, () => fetch(`${cache}${path}`)));
  for (const answer of crowd) {
    expect(answer.headers.get('x-cache')).toBe('HIT');
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(await bytesOf(answer)).toBe(bytes);
  }
  expect(pieceRequests(origin)).toBe(asked);
  // Even when the origin is gone.
  await origin.close();
  expect(await bytesOf(await fetch(`${cache}${path}`))).toBe(bytes);
});

withNginx('a piece that is not made yet is not kept as missing, and a head is asked for each time', async () => {
  const origin = await startServer();
  const { path } = await somePiece(origin);
  const cache = await cacheBefore(origin.url);
  const sequence = Number(path.split('/').at(-1)) + 60;
  const coming = path.replace(/\d+$/, String(sequence));
  const early = await fetch(`${cache}${coming}`);
  expect(early.status).toBe(404);
  expect(early.headers.get('cache-control')).toBe('no-store');
  await expect.poll(async () => (await fetch(`${cache}${coming}`)).status).toBe(200);
  for (let round = 0; round < 2; round++) {
    const head = await fetch(`${cache}${PATH}/head`);
    expect(head.headers.get('x-cache')).toBe('MISS');
    expect(head.headers.get('cache-control')).toBe('no-store');
    await head.body?.cancel();
  }
});

withNginx('a relay behind a cache serves what its origin cut', async () => {
  const origin = await startServer();
  const relay = await startServer({ relays: [origin.url] });
  const { path, bytes } = await somePiece(relay);
  const cache = await cacheBefore(relay.url);
  expect(await bytesOf(await fetch(`${cache}${path}`))).toBe(bytes);
  expect((await fetch(`${cache}${path}`)).headers.get('x-cache')).toBe('HIT');
  expect(await bytesOf(await fetch(`${origin.url}${path}`))).toBe(bytes);
});

test('a clear piece of a protected stream is for whoever was let in, and for no shared cache', async () => {
  const hook = await startHttp((_, response) => response.writeHead(204).end());
  for (const [options, control] of [
    [{ encrypt: false, hook: hook.url }, `private, ${YEAR}`],
    [{ encrypt: false }, `public, ${YEAR}`],
    [{ hook: hook.url }, `public, ${YEAR}`],
  ] as const) {
    const server = await startServer(options);
    const { path } = await somePiece(server);
    const answer = await fetch(`${server.url}${path}`);
    expect(answer.headers.get('cache-control')).toBe(control);
    await answer.body?.cancel();
  }
});
