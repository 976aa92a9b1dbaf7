import { connect } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { fromBase64Url, toHex } from '../../../src/wire/bytes.ts';
import { TRACKER_BURST, TRACKER_MESSAGE_BYTES_MAX } from '../../../src/wire/limits.ts';
import { decodeToken, TOKEN_CONTEXT, TOKEN_LIFE_MS } from '../../../src/wire/token.ts';
import { ByteCore } from '../../../wasm/abi.ts';
import { readByteCore } from '../assets.ts';
import { PieceClient } from '../testing/piece-client.ts';
import { startServer } from '../testing/servers.ts';
import { TrackerClient } from '../testing/tracker-client.ts';

const core = await ByteCore.load(await readByteCore());

test('a joiner gets a token that binds its key to the stream the origin serves', async () => {
  const server = await startServer();
  const client = new TrackerClient(server.url);
  const viewerKey = core.publicKey(new Uint8Array(32).fill(3));
  const joined = await client.join('/live/demo', '', viewerKey);
  const pieces = new PieceClient(`${server.url}/live/demo.pieces?mask=0`);
  expect(joined.stream).toBe(toHex((await pieces.head()).sealed.head.stream));

  const sealed = decodeToken(fromBase64Url(joined.token) ?? new Uint8Array(0));
  if ('kind' in sealed) throw new Error(sealed.detail);
  const key = joined.tokenKeys.find(({ id }) => id === sealed.token.keyId)?.key ?? '';
  const signed = Buffer.concat([TOKEN_CONTEXT, sealed.signed]);
  expect(core.verify(fromBase64Url(key) ?? new Uint8Array(0), signed, sealed.signature)).toBe(true);
  expect(toHex(sealed.token.viewer)).toBe(joined.viewer);
  expect(sealed.token.viewerKey).toEqual(viewerKey);
  expect(toHex(sealed.token.stream)).toBe(joined.stream);
  expect(sealed.token.expiresMs - sealed.token.issuedMs).toBe(TOKEN_LIFE_MS);

  client.say({ kind: 'renew' });
  expect((await client.answer('renewed')).tokenKeys).toEqual(joined.tokenKeys);

  pieces.ask({ kind: 'token', token: fromBase64Url(joined.token) ?? new Uint8Array(0) });
  pieces.ask({ kind: 'token', token: new Uint8Array(158) });
  expect(await pieces.closed).toMatchObject({ code: 4403 });
});

test('two viewers are introduced and reach each other', async () => {
  const server = await startServer();
  const [a, b] = [new TrackerClient(server.url), new TrackerClient(server.url)];
  const first = await a.join();
  const second = await b.join();
  expect(first.neighbours).toEqual([]);
  expect(second.neighbours).toEqual([first.viewer]);
  b.say({ kind: 'signal', to: first.viewer, dial: 1, data: '{"sdp":1}' });
  expect(await a.answer('signal')).toEqual({ kind: 'signal', from: second.viewer, dial: 1, data: '{"sdp":1}' });
  b.socket.close();
  await b.closed;
  await vi.waitFor(() => expect(server.rooms()).toMatchObject([{ viewers: 1 }]));
  a.say({ kind: 'signal', to: second.viewer, dial: 2, data: '' });
  expect(await a.answer('gone')).toEqual({ kind: 'gone', viewer: second.viewer });
});

test('a stream nobody serves cannot be joined', async () => {
  const server = await startServer();
  const client = new TrackerClient(server.url);
  client.join('/live/unknown').catch(() => undefined);
  expect(await client.closed).toEqual({ code: 4431, reason: '0' });
});

test.each([
  ['no JSON', 'nonsense'],
  ['an unknown kind', '{"kind":"steal"}'],
  ['a wrong field', '{"kind":"more","count":1e9}'],
  ['deep JSON', `${'['.repeat(15_000)}${']'.repeat(15_000)}`],
  ['a name that is none', '{"kind":"signal","to":"../../etc","dial":1,"data":""}'],
  ['a huge number', '{"kind":"signal","to":"0000000000000001","dial":1e400,"data":""}'],
  ['prototypes', '{"kind":"__proto__","__proto__":{"kind":"leave"}}'],
])('%s closes the line', async (_what, text) => {
  const server = await startServer();
  const client = new TrackerClient(server.url);
  await client.join();
  client.socket.send(text);
  expect(await client.closed).toMatchObject({ code: 4430 });
  expect((await client.answer('refused')).code).toBe('tracker/bad-message');
});

test('a message above the limit is not even read, a binary one is nonsense', async () => {
  const server = await startServer();
  const huge = new TrackerClient(server.url);
  await huge.opened;
  huge.socket.send('x'.repeat(TRACKER_MESSAGE_BYTES_MAX + 1));
  expect((await huge.closed).code).toBe(1009);
  const binary = new TrackerClient(server.url);
  await binary.opened;
  binary.socket.send(Buffer.from('{"kind":"leave"}'));
  expect((await binary.closed).code).toBe(4430);
});

test('a flood is refused and closed', async () => {
  const server = await startServer();
  const client = new TrackerClient(server.url);
  await client.join();
  for (let n = 0; n <= TRACKER_BURST; n++) client.say({ kind: 'more', count: 1 });
  expect((await client.closed).code).toBe(4432);
  expect((await client.answer('refused')).code).toBe('tracker/rate-limited');
});

test('connections of one address are bounded, and there is room again when they go', async () => {
  const server = await startServer({ maxPerAddress: 40 });
  const clients = Array.from({ length: 60 }, () => new TrackerClient(server.url));
  const states = await Promise.all(
    clients.map(async (client) => {
      await client.opened;
      return Promise.race([client.closed.then(({ code }) => code), client.join().then(() => 'joined' as const)]);
    }),
  );
  expect(states.filter((state) => state === 'joined').length).toBe(40);
  expect(states.filter((state) => state === 4432).length).toBe(20);
  for (const client of clients) client.socket.terminate();
  await vi.waitFor(() => expect(server.rooms()).toEqual([]));
  await new TrackerClient(server.url).join();
});

test('a thousand sockets come and go without leaving anything behind', async () => {
  const server = await startServer({ maxPerAddress: 2000 });
  for (let round = 0; round < 5; round++) {
    const clients = Array.from({ length: 200 }, () => new TrackerClient(server.url));
    await Promise.all(clients.map((client) => client.join()));
    expect(server.rooms()).toMatchObject([{ viewers: 200 }]);
    for (const client of clients) client.socket.terminate();
    await vi.waitFor(() => expect(server.rooms()).toEqual([]));
  }
});

test('who sends its headers drop by drop is cut off, who waits for a stream is not', async () => {
  const server = await startServer({}, { headersMs: 300 });
  const socket = connect(server.port, '127.0.0.1');
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const stream = await fetch(`${server.url}/live/demo.flv`);
  socket.write('GET /tracker HTTP/1.1\r\n');
  const drops = setInterval(() => socket.write('X-A: b\r\n'), 100);
  onTestFinished(() => clearInterval(drops));
  await closed;
  expect(server.streams()).toMatchObject([{ viewers: 1 }]);
  await stream.body?.cancel();
});
