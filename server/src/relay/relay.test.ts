import { connect, createServer as createTcpServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { toHex } from '../../../src/wire/bytes.ts';
import { HEAD_CONTEXT } from '../../../src/wire/head.ts';
import { ByteCore } from '../../../wasm/abi.ts';
import { readByteCore } from '../assets.ts';
import type { ShoalServer } from '../index.ts';
import { PieceClient } from '../testing/piece-client.ts';
import { startHttp, startServer } from '../testing/servers.ts';
import { startUpstream } from '../testing/upstream.ts';

const core = await ByteCore.load(await readByteCore());
const PATH = '/live/demo';

/** A door to a server, which can be shut. */
const doorTo = async (server: ShoalServer): Promise<{ url: string; shut(): void }> => {
  const sockets = new Set<Socket>();
  const door = createTcpServer((socket) => {
    const behind = connect(server.port, '127.0.0.1');
    for (const each of [socket, behind]) {
      sockets.add(each);
      each.on('error', () => undefined);
    }
    socket.pipe(behind).pipe(socket);
    socket.on('close', () => behind.destroy());
  });
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  const shut = (): void => {
    door.close();
    for (const socket of sockets) socket.destroy();
  };
  onTestFinished(shut);
  return { url: `http://127.0.0.1:${(door.address() as { port: number }).port}`, shut };
};

/** Pieces by sequence, in hexadecimal. */
const wiresOf = (client: PieceClient): Map<number, string> =>
  new Map(client.pieces().map(({ header, bytes }) => [header.sequence, toHex(bytes)]));

test('a relay, and a relay of a relay, pass on epoch, sequences and signatures byte for byte', async () => {
  const origin = await startServer();
  const first = await startServer({ relays: [origin.url] });
  const second = await startServer({ relays: [first.url] });
  const clients = [origin, first, second].map(({ url }) => new PieceClient(`${url}${PATH}.pieces`));
  const heads = await Promise.all(clients.map((client) => client.head()));
  for (const client of clients) await client.piecesUntil(60);
  const [root, ...relayed] = clients.map(wiresOf);
  for (const wires of relayed) {
    const both = [...wires.keys()].filter((sequence) => root?.has(sequence));
    expect(both.length).toBeGreaterThan(20);
    for (const sequence of both) expect(wires.get(sequence)).toBe(root?.get(sequence));
  }
  for (const { sealed } of heads) {
    expect(toHex(sealed.head.epoch)).toBe(origin.streams()[0]?.epoch);
    const text = Buffer.concat([HEAD_CONTEXT, sealed.signed]);
    expect(core.verify(sealed.head.publicKey, text, sealed.signature)).toBe(true);
  }
  expect([first.originKey, second.originKey]).toEqual([origin.originKey, origin.originKey]);
  // However many watch at a relay, its origin has one reader.
  const more = Array.from({ length: 5 }, () => new PieceClient(`${first.url}${PATH}.pieces`));
  await Promise.all(more.map((client) => client.piecesUntil(10)));
  expect(origin.streams()).toMatchObject([{ viewers: 2 }]);
});

test('the plain form of a relay is the plain form of its origin', async () => {
  const upstream = await startUpstream();
  const origin = await startServer({ upstream: upstream.url });
  const relay = await startServer({ relays: [origin.url] });
  const read = async (server: ShoalServer): Promise<{ bytes(): Buffer; done: Promise<void> }> => {
    const answer = await fetch(`${server.url}/live/a.flv`);
    const chunks: Uint8Array[] = [];
    const done = (async () => {
      for await (const chunk of answer.body ?? []) chunks.push(chunk);
    })();
    return { bytes: () => Buffer.concat(chunks), done };
  };
  const direct = read(origin);
  const relayed = read(relay);
  const pull = await upstream.pulls.first(() => true);
  pull.sendUntil(6000);
  const [a, b] = [await direct, await relayed];
  await expect.poll(() => b.bytes().length).toBeGreaterThan(100_000);
  pull.sendUntil(9000);
  pull.end();
  await Promise.all([a.done, b.done]);
  // Both began at a keyframe, perhaps not at the same one: the later one's bytes are the end of the other's.
  const [long, short] = a.bytes().length >= b.bytes().length ? [a.bytes(), b.bytes()] : [b.bytes(), a.bytes()];
  const tail = short.subarray(short.length / 2);
  expect(tail.length).toBeGreaterThan(50_000);
  expect(long.subarray(long.length - tail.length).equals(tail)).toBe(true);
});

test('a relay makes HLS of what it relays, and vouches for it with a key of its own', async () => {
  const origin = await startServer();
  const relay = await startServer({ relays: [origin.url] });
  const { originKeys } = await (await fetch(`${relay.url}/.well-known/shoal.json`)).json();
  expect(originKeys[0]).toBe(origin.originKey);
  expect(originKeys.length).toBe(2);
  const playlist = await (await fetch(`${relay.url}${PATH}.m3u8`)).text();
  expect(playlist).toContain('#EXTM3U');
});

test('without the content key a relay serves pieces only, and viewers get their keys through it', async () => {
  const origin = await startServer({ publicCodes: true });
  const relay = await startServer({ relays: [origin.url], relayKeys: false });
  const plain = await fetch(`${relay.url}${PATH}.flv`);
  expect(plain.status).toBe(501);
  expect(await plain.json()).toMatchObject({ code: 'origin/pieces-only' });
  expect((await fetch(`${relay.url}${PATH}.m3u8`)).status).toBe(501);
  const grant = await (await fetch(`${origin.url}/code`, { method: 'POST' })).json();
  const client = new PieceClient(`${relay.url}${PATH}.pieces?code=${grant.code}`);
  const { sealed } = await client.head();
  const key = await client.frame('key');
  expect(key.wrapped).toBe(true);
  const context = Buffer.concat([sealed.head.stream, sealed.head.epoch, Buffer.from([0, key.generation])]);
  expect(core.unwrapKey(Buffer.from(grant.key, 'base64url'), context, key.key)?.length).toBe(32);
  await client.piecesUntil(20);
  // The relay itself has asked for none.
  const nosy = new PieceClient(`${relay.url}${PATH}.pieces?code=unknown`);
  await nosy.piecesUntil(5);
  expect(nosy.inbox.all.filter((item) => item.kind === 'frame' && item.frame.kind === 'key')).toEqual([]);
});

test('a relay that its origin knows gets keys and gets in, others do not', async () => {
  const hook = await startHttp((_, response) => response.writeHead(403).end());
  const protection = { publicCodes: true, hook: hook.url, relaySecret: 'between us' };
  const origin = await startServer(protection);
  const known = await startServer({ relays: [origin.url], relaySecret: 'between us' });
  const unknown = await startServer({ relays: [origin.url], relaySecret: 'a guess' });
  const client = new PieceClient(`${known.url}${PATH}.pieces`);
  expect((await client.frame('key')).wrapped).toBe(false);
  await client.piecesUntil(5);
  const refused = new PieceClient(`${unknown.url}${PATH}.pieces`);
  expect((await refused.closed).code).toBe(4420);
});

test('an upstream that is lost is replaced by another one of the same root, without a gap', async () => {
  const origin = await startServer();
  const [one, two] = [await startServer({ relays: [origin.url] }), await startServer({ relays: [origin.url] })];
  const door = await doorTo(one);
  const edge = await startServer({ relays: [door.url, two.url] });
  const client = new PieceClient(`${edge.url}${PATH}.pieces`);
  await client.piecesUntil(30);
  const { epoch } = edge.streams()[0] ?? {};
  expect(one.streams()).toMatchObject([{ viewers: 1 }]);
  door.shut();
  const had = client.pieces().length;
  await client.piecesUntil(had + 60);
  expect(two.streams()).toMatchObject([{ viewers: 1 }]);
  expect(edge.streams()).toMatchObject([{ epoch, state: 'live' }]);
  const sequences = client.pieces().map(({ header }) => header.sequence);
  expect(sequences).toEqual(Array.from({ length: sequences.length }, (_, at) => (sequences[0] ?? 0) + at));
  expect(client.inbox.all.filter((item) => item.kind === 'head').length).toBe(1);
});

test('an upstream of another origin is not believed', async () => {
  const [right, wrong] = [await startServer(), await startServer()];
  const relay = await startServer({ relays: [wrong.url], originKey: right.originKey });
  const client = new PieceClient(`${relay.url}${PATH}.pieces`);
  expect((await client.closed).code).toBe(4420);
  expect(client.pieces()).toEqual([]);
  const both = await startServer({ relays: [wrong.url, right.url], originKey: right.originKey });
  await new PieceClient(`${both.url}${PATH}.pieces`).piecesUntil(10);
});

test('content keys that change are learned in time, and a stream nobody has is not found', async () => {
  const origin = await startServer({ rotate: 10 });
  const relay = await startServer({ relays: [origin.url] });
  const client = new PieceClient(`${relay.url}${PATH}.pieces`);
  const key = await client.frame('key');
  expect(key.nextInMs).toBeGreaterThan(0);
  expect(key.nextInMs).toBeLessThanOrEqual(10_000);
  const next = async (): Promise<boolean> => {
    client.ask({ kind: 'key', generation: key.generation + 1 });
    return client.inbox.all.some(
      (item) => item.kind === 'frame' && item.frame.kind === 'key' && item.frame.generation === key.generation + 1,
    );
  };
  await expect.poll(next, { interval: 300 }).toBe(true);
  const missing = new PieceClient(`${relay.url}/live/none.pieces`);
  expect((await missing.closed).code).toBe(4404);
});

test('a relay tells the time of its origin', async () => {
  const origin = await startServer();
  const ahead = 3_600_000;
  const { systemClock } = await import('../clock.ts');
  const clock = systemClock();
  const relay = await startServer(
    { relays: [origin.url] },
    { clock: { now: () => clock.now(), wall: () => clock.wall() + ahead, after: (ms, call) => clock.after(ms, call) } },
  );
  const client = new PieceClient(`${relay.url}${PATH}.pieces`);
  await client.piecesUntil(5);
  const told = async (): Promise<number> => {
    const answer = client.nextFrame('clock');
    client.ask({ kind: 'clock', stampMs: 1 });
    return Math.abs((await answer).wallMs - Date.now());
  };
  await expect.poll(told).toBeLessThan(60_000);
});

test.each([
  { relays: ['http://a'], upstream: 'http://b' },
  { relays: ['http://a'], sources: { '/live/a': 'embedded' } },
  { relays: ['ftp://a'] },
  { relays: ['http://a'], originKey: 'short' },
])('a configuration that makes no sense is refused: %j', async (options) => {
  await expect(startServer(options)).rejects.toMatchObject({ code: 'server/bad-config' });
});
