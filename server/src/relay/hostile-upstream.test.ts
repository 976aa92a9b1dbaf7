// Upstreams that lie, fall silent or flood: a relay believes nothing that its origin has not signed, and goes elsewhere.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { HEAD_FRAME } from '../../../src/wire/head.ts';
import { HEAD_BYTES_MAX } from '../../../src/wire/limits.ts';
import { encodeOriginFrame } from '../../../src/wire/origin.ts';
import { PIECE_FRAME } from '../../../src/wire/piece.ts';
import { PieceClient } from '../testing/piece-client.ts';
import { startServer } from '../testing/servers.ts';

const PATH = '/live/demo';

/** A server that does to every piece socket what the test says; counts them. */
const startLiar = async (lie: (socket: WebSocket) => void): Promise<{ url: string; sockets(): number }> => {
  const server: Server = createServer((_, response) => response.writeHead(404).end());
  const sockets = new WebSocketServer({ server });
  let count = 0;
  sockets.on('connection', (socket) => {
    count++;
    socket.on('error', () => undefined);
    lie(socket);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    for (const socket of sockets.clients) socket.terminate();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, sockets: () => count };
};

/** What an honest upstream says to a reader, frame by frame. */
const recorded = async (url: string): Promise<Buffer[]> => {
  const client = new PieceClient(`${url}${PATH}.pieces`);
  const frames: Buffer[] = [];
  client.socket.on('message', (bytes: Buffer) => frames.push(Buffer.from(bytes)));
  await client.piecesUntil(20);
  await client.close();
  return frames;
};

const sayAll = (socket: WebSocket, frames: readonly Buffer[]): void => {
  for (const frame of frames) socket.send(frame);
};

const spoilt = (frame: Buffer): Buffer => {
  const copy = Buffer.from(frame);
  if (copy[0] === PIECE_FRAME) copy[copy.length - 1] = (copy.at(-1) ?? 0) ^ 1;
  return copy;
};

test.each([
  ['nonsense', () => [Buffer.from('nonsense')]],
  ['an unknown frame', () => [Buffer.from([0x7f, 1, 2])]],
  ['a frame that is too long to be one', () => [Buffer.alloc(HEAD_BYTES_MAX + 1, 0x11)]],
  ['a head that is cut off', (frames: readonly Buffer[]) => [frames[0]?.subarray(0, 120) ?? Buffer.alloc(0)]],
  ['pieces that somebody changed', (frames: readonly Buffer[]) => frames.map(spoilt)],
  ['a text', () => ['hello']],
])('%s is not passed on, and the next upstream is asked', async (_what, lies) => {
  const origin = await startServer();
  const frames = await recorded(origin.url);
  const liar = await startLiar((socket) => {
    for (const lie of lies(frames)) socket.send(lie);
  });
  const relay = await startServer({ relays: [liar.url, origin.url], originKey: origin.originKey });
  const client = new PieceClient(`${relay.url}${PATH}.pieces`);
  const direct = new PieceClient(`${origin.url}${PATH}.pieces`);
  const pieces = await client.piecesUntil(30);
  await direct.inbox.first(
    (item) => item.kind === 'piece' && item.header.sequence >= (pieces[29]?.header.sequence ?? 0),
  );
  const honest = new Map(direct.pieces().map(({ header, bytes }) => [header.sequence, Buffer.from(bytes)]));
  const both = pieces.filter(({ header }) => honest.has(header.sequence));
  expect(both.length).toBeGreaterThan(10);
  for (const { header, bytes } of both) expect(honest.get(header.sequence)?.equals(bytes)).toBe(true);
  expect(liar.sockets()).toBeGreaterThan(0);
  expect(relay.streams()).toMatchObject([{ state: 'live', epoch: origin.streams()[0]?.epoch }]);
});

test('an upstream that falls silent with its connection open is left', async () => {
  const origin = await startServer();
  const frames = await recorded(origin.url);
  const mute = await startLiar((socket) => sayAll(socket, frames));
  const relay = await startServer({ relays: [mute.url, origin.url], originKey: origin.originKey });
  const client = new PieceClient(`${relay.url}${PATH}.pieces`);
  const { header } = (await client.piecesUntil(5))[4] ?? { header: { sequence: 0 } };
  await expect
    .poll(() => client.pieces().at(-1)?.header.sequence ?? 0)
    .toBeGreaterThan(header.sequence + frames.length);
});

test('an epoch that is older than the one viewers have is not gone back to', async () => {
  const seed = new Uint8Array(32).fill(5);
  const old = await startServer({}, { signingSeed: seed });
  const past = await recorded(old.url);
  await old.close();
  const origin = await startServer({}, { signingSeed: seed });
  let lead: WebSocket | undefined;
  const two = await startLiar((socket) => {
    lead = socket;
    const honest = new PieceClient(`${origin.url}${PATH}.pieces`);
    honest.socket.on('message', (bytes: Buffer) => socket.send(bytes));
    socket.on('close', () => honest.socket.terminate());
  });
  const relay = await startServer({ relays: [two.url], originKey: origin.originKey });
  const client = new PieceClient(`${relay.url}${PATH}.pieces`);
  await client.piecesUntil(10);
  const { epoch } = relay.streams()[0] ?? {};
  if (lead !== undefined) sayAll(lead, past);
  await client.piecesUntil(client.pieces().length + 20);
  expect(relay.streams()).toMatchObject([{ epoch, state: 'live' }]);
  expect(client.inbox.all.filter(({ kind }) => kind === 'head').length).toBe(1);
});

test('who says it is at its limit is asked again for what it left out', async () => {
  const origin = await startServer();
  let asked = 0;
  const short = await startLiar((socket) => {
    const honest = new PieceClient(`${origin.url}${PATH}.pieces`);
    const partly = encodeOriginFrame({ kind: 'applied', mask: 1, sequence: 0 });
    honest.socket.on('message', (bytes: Buffer) => {
      socket.send(bytes);
      if (bytes[0] === HEAD_FRAME) socket.send(partly);
    });
    socket.on('close', () => honest.socket.terminate());
    socket.on('message', (bytes: Buffer) => {
      if (bytes[0] === 0x20) asked++;
    });
  });
  const relay = await startServer({ relays: [short.url], originKey: origin.originKey });
  await new PieceClient(`${relay.url}${PATH}.pieces`).piecesUntil(20);
  await expect.poll(() => asked).toBeGreaterThan(0);
});
