import { expect, test, vi } from 'vitest';
import { FROM_LIVE } from '../../src/wire/origin.ts';
import type { PieceHeader } from '../../src/wire/piece.ts';
import { bitCount, wholeMask } from './origin/substreams.ts';
import { type Heard, PieceClient } from './testing/piece-client.ts';
import { startServer } from './testing/servers.ts';

/** The sample is about 1 Mbit/s. */
const COPY = 1.05;

const totalBytes = (server: Awaited<ReturnType<typeof startServer>>): number =>
  Object.values(server.egress().perForm).reduce((sum, bytes) => sum + bytes, 0);

test('above the limit newcomers share out the substreams, and every substream leaves the origin', async () => {
  const server = await startServer({ limitMbps: COPY });
  const clients: PieceClient[] = [];
  for (let n = 0; n < 6; n++) {
    const client = new PieceClient(`${server.url}/live/demo.pieces?from=live`);
    await client.frame('applied');
    clients.push(client);
  }
  const { substreams } = (await clients[0]?.head())?.sealed.head ?? { substreams: 0 };
  const masks = await Promise.all(clients.map(async (client) => (await client.frame('applied')).mask));
  expect(masks[0]).toBe(wholeMask(substreams));
  expect(masks.slice(1).every((mask) => bitCount(mask) < 3)).toBe(true);
  const load = await clients[5]?.frame('load');
  expect(load?.percent).toBeGreaterThan(90);
  expect(load?.retryAfterMs).toBeGreaterThanOrEqual(1000);
  expect(server.loadPercent()).toBeGreaterThan(90);
});

test('whole copies beyond the limit are refused with a time to come back', async () => {
  const server = await startServer({ limitMbps: 2.5 });
  const first = await fetch(`${server.url}/live/demo.flv`);
  const second = await fetch(`${server.url}/live/demo.flv`);
  const third = await fetch(`${server.url}/live/demo.flv`);
  const fourth = await fetch(`${server.url}/live/demo.pieces`);
  expect([first.status, second.status, third.status, fourth.status]).toEqual([200, 200, 503, 503]);
  expect(Number(third.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  await first.body?.cancel();
  await vi.waitFor(async () => {
    const again = await fetch(`${server.url}/live/demo.flv`, { method: 'HEAD' });
    expect(again.status).toBe(200);
  });
  await second.body?.cancel();
});

test('who has its part may not take more when the origin is nearly full, and keeps what it has', async () => {
  const server = await startServer({ limitMbps: COPY });
  const whole = new PieceClient(`${server.url}/live/demo.pieces?from=live`);
  await whole.frame('applied');
  const { substreams } = (await whole.head()).sealed.head;
  const part = new PieceClient(`${server.url}/live/demo.pieces?from=live&mask=0`);
  await part.frame('applied');
  const answer = part.nextFrame('applied');
  part.ask({ kind: 'mask', mask: wholeMask(substreams), from: FROM_LIVE });
  expect(bitCount((await answer).mask)).toBeLessThan(3);
  expect((await part.frame('load')).percent).toBeGreaterThan(90);
});

test('an origin sized for one copy sends no more when ten viewers lose their mesh at once', async () => {
  const server = await startServer({ limitMbps: COPY });
  const clients = Array.from({ length: 10 }, () => new PieceClient(`${server.url}/live/demo.pieces?mask=0`));
  const heads = await Promise.all(clients.map((client) => client.head()));
  const { substreams } = heads[0]?.sealed.head ?? { substreams: 0 };
  const start = { bytes: totalBytes(server), at: performance.now() };
  for (const client of clients) client.ask({ kind: 'mask', mask: wholeMask(substreams), from: FROM_LIVE });
  await Promise.all(clients.map((client) => client.nextFrame('applied')));
  const held = new Set<number>();
  await vi.waitFor(() => {
    for (const client of clients) for (const { header } of client.pieces()) held.add(header.sequence);
    expect(held.size).toBeGreaterThan(100);
  });
  const seconds = (performance.now() - start.at) / 1000;
  const burst = 300_000;
  expect(totalBytes(server) - start.bytes).toBeLessThan((COPY * 125_000 * seconds + burst) * 1.02);
  const newest = Math.max(...held);
  const oldest = Math.min(...held);
  expect(held.size / (newest - oldest + 1)).toBeGreaterThan(0.95);
  await Promise.all(clients.map((client) => client.close()));
});

test('repairs beyond the limit are refused: they never make the pieces of others late', async () => {
  const server = await startServer({ limitMbps: 1.3 * COPY });
  const whole = new PieceClient(`${server.url}/live/demo.pieces?from=live`);
  const { header } = (await whole.inbox.first((heard) => heard.kind === 'piece' && heard.header.sequence > 40)) as {
    readonly header: PieceHeader;
  };
  const clients = Array.from({ length: 10 }, () => new PieceClient(`${server.url}/live/demo.pieces?mask=0`));
  await Promise.all(clients.map((client) => client.frame('applied')));
  const sequences = Array.from({ length: 32 }, (_, at) => header.sequence - 32 + at);
  for (const client of clients) client.ask({ kind: 'want', sequences });
  const later = (heard: Heard): boolean => heard.kind === 'piece' && heard.header.cutMs > header.cutMs + 2000;
  const { header: late } = (await whole.inbox.next(later)) as { readonly header: PieceHeader };
  const pieces = whole.pieces().filter((piece) => piece.header.sequence >= header.sequence);
  expect(pieces.map((piece) => piece.header.sequence)).toEqual(
    Array.from({ length: pieces.length }, (_, at) => header.sequence + at),
  );
  // What was asked for, in what is left beside the one who watches.
  const bytesAsked = (10 * 32 * pieces.reduce((sum, { bytes }) => sum + bytes.length, 0)) / pieces.length;
  const repairsTakeMs = (bytesAsked / (0.3 * COPY * 125_000)) * 1000;
  expect(Date.now() - late.cutMs).toBeLessThan(repairsTakeMs / 4);
  await Promise.race(clients.map((client) => client.frame('absent')));
  await Promise.all([whole, ...clients].map((client) => client.close()));
});

test('the limit can be lifted, and then everybody gets everything', async () => {
  const server = await startServer({ limitMbps: COPY });
  const clients = [1, 2, 3].map(() => new PieceClient(`${server.url}/live/demo.pieces?from=live`));
  await Promise.all(clients.map((client) => client.frame('applied')));
  server.setLimitMbps(0);
  const { substreams } = (await clients[0]?.head())?.sealed.head ?? { substreams: 0 };
  for (const client of clients) {
    const answer = client.nextFrame('applied');
    client.ask({ kind: 'mask', mask: wholeMask(substreams), from: FROM_LIVE });
    expect((await answer).mask).toBe(wholeMask(substreams));
  }
});
