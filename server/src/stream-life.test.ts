import { get, type IncomingMessage } from 'node:http';
import { expect, test, vi } from 'vitest';
import { compareEpochs } from '../../src/wire/head.ts';
import { type Clock, systemClock } from './clock.ts';
import { GRACE_MS } from './origin/piece-viewer.ts';
import { type Heard, PieceClient } from './testing/piece-client.ts';
import { startHttp, startServer } from './testing/servers.ts';
import { startUpstream } from './testing/upstream.ts';

type HeadHeard = Extract<Heard, { kind: 'head' }>;

const HOUR_MS = 3_600_000;
const ended = (client: PieceClient) => client.nextFrame('ended');

test('a stream is pulled once, however many ask and in whatever form', async () => {
  const { url, pulls } = await startUpstream();
  const server = await startServer({ upstream: `${url}/base` });
  const clients = [1, 2, 3].map(() => new PieceClient(`${server.url}/live/a.pieces`));
  const plain = fetch(`${server.url}/live/a.flv`);
  const pull = await pulls.first(() => true);
  pull.sendUntil(1000);
  await Promise.all([...clients.map((client) => client.piecesUntil(5)), plain]);
  expect(pulls.all.map((each) => each.url)).toEqual(['/base/live/a.flv']);
  expect(server.streams()).toMatchObject([{ path: '/live/a', state: 'live', viewers: 4 }]);
  await (await plain).body?.cancel();
});

test('streams do not share anything but the server', async () => {
  const { url, pulls } = await startUpstream();
  const server = await startServer({ upstream: url, maxStreams: 2 });
  const a = new PieceClient(`${server.url}/live/a.pieces`);
  const b = new PieceClient(`${server.url}/live/b.pieces`);
  await pulls.first(() => pulls.all.length === 2);
  for (const pull of pulls.all) pull.sendUntil(1000);
  const [headA, headB] = await Promise.all([a.head(), b.head()]);
  expect(headA.sealed.head.stream).not.toEqual(headB.sealed.head.stream);
  expect(await new PieceClient(`${server.url}/live/c.pieces`).closed).toMatchObject({ code: 4429 });
  expect((await fetch(`${server.url}/live/c.flv`)).status).toBe(503);
});

test('the source is left a while after the last viewer', async () => {
  const { url, pulls } = await startUpstream();
  const server = await startServer({ upstream: url, linger: 0 });
  const client = new PieceClient(`${server.url}/live/a.pieces`);
  const pull = await pulls.first(() => true);
  pull.sendUntil(1000);
  await client.piecesUntil(5);
  const left = new Promise((resolve) => pull.response.once('close', resolve));
  await client.close();
  await left;
  expect(server.streams()).toEqual([]);
});

test('a source that breaks off comes back as a new epoch, on the same socket', async () => {
  const { url, pulls } = await startUpstream();
  const server = await startServer({ upstream: url });
  const client = new PieceClient(`${server.url}/live/a.pieces`);
  const pull = await pulls.first(() => true);
  pull.sendUntil(3000);
  await client.piecesUntil(30);
  const outage = ended(client);
  pull.cut();
  expect((await outage).reason).toBe('source-outage');
  const old = (await client.head()).sealed.head;

  const again = await pulls.first(() => pulls.all.length === 2);
  again.end();
  const third = await pulls.first(() => pulls.all.length === 3);
  const newHead = client.inbox.next((item) => item.kind === 'head');
  const applied = client.nextFrame('applied');
  third.sendUntil(3000);
  const fresh = ((await newHead) as HeadHeard).sealed.head;
  expect(compareEpochs(fresh.epoch, old.epoch)).toBeGreaterThan(0);
  expect(fresh.stream).toEqual(old.stream);
  expect(await applied).toMatchObject({ mask: 2 ** fresh.substreams - 1, sequence: 0 });
  const first = await client.inbox.first(
    (item) => item.kind === 'piece' && item.header.sequence === 0 && client.inbox.all.indexOf(item) > 10,
  );
  expect(first).toBeDefined();
});

test('a source that says it is over makes a last piece, and the plain form ends', async () => {
  const { url, pulls } = await startUpstream();
  const server = await startServer({ upstream: url });
  const client = new PieceClient(`${server.url}/live/a.pieces`);
  const plain = fetch(`${server.url}/live/a.flv`);
  const pull = await pulls.first(() => true);
  pull.sendUntil(3000);
  await client.piecesUntil(5);
  const over = ended(client);
  pull.end();
  expect((await over).reason).toBe('source-ended');
  expect(client.pieces().at(-1)?.header.last).toBe(true);
  expect((await (await plain).arrayBuffer()).byteLength).toBeGreaterThan(300_000);
});

test('a source nobody answers for is said at once, not waited for', async () => {
  const { url } = await startHttp((_request, response) => {
    response.writeHead(404);
    response.end();
  });
  const missing = await startServer({ upstream: url });
  expect((await fetch(`${missing.url}/live/a.flv`)).status).toBe(404);
  expect(await new PieceClient(`${missing.url}/live/b.pieces`).closed).toMatchObject({ code: 4404 });

  const gone = await startServer({ upstream: 'http://127.0.0.1:1' });
  const answer = await fetch(`${gone.url}/live/a.flv`);
  expect(answer.status).toBe(503);
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await new PieceClient(`${gone.url}/live/b.pieces`).closed).toMatchObject({ code: 4420 });
});

test('what is no FLV is refused and the pull is given up', async () => {
  const left = vi.fn();
  const { url } = await startHttp((_request, response) => {
    response.on('close', left);
    response.writeHead(200);
    response.write('<html>'.repeat(1000));
  });
  const server = await startServer({ upstream: url });
  expect(await new PieceClient(`${server.url}/live/a.pieces`).closed).toMatchObject({ code: 4420 });
  await vi.waitFor(() => expect(left).toHaveBeenCalled());
});

test('redirects are followed on the same host only', async () => {
  const { url: elsewhere, pulls } = await startUpstream();
  const { url } = await startHttp((request, response) => {
    const to = request.url === '/live/away.flv' ? `${elsewhere}/live/x.flv` : '/live/away.flv';
    response.writeHead(302, { location: to });
    response.end();
  });
  const server = await startServer({ upstream: url });
  expect(await new PieceClient(`${server.url}/live/here.pieces`).closed).toMatchObject({ code: 4420 });
  expect(pulls.all).toEqual([]);
});

test('only what the configuration names is ever pulled', async () => {
  const { url, pulls } = await startUpstream();
  const server = await startServer({ sources: { '/live/named': `${url}/secret/x.flv` } });
  const client = new PieceClient(`${server.url}/live/named.pieces`);
  await pulls.first(() => true);
  expect(pulls.all[0]?.url).toBe('/secret/x.flv');
  expect(await new PieceClient(`${server.url}/live/other.pieces`).closed).toMatchObject({ code: 4404 });
  expect((await fetch(`${server.url}/live/demo.flv`)).status).toBe(404);
  await client.close();
});

test('a reader that does not read is cut off, and the others do not notice', async () => {
  const { url, pulls } = await startUpstream();
  const usual = systemClock();
  // Who is cut off may take its time to hear why: the test lets it read when both are cut off.
  const clock: Clock = { ...usual, after: (ms, call) => usual.after(ms === GRACE_MS ? HOUR_MS : ms, call) };
  const server = await startServer({ upstream: url, readerMegabytes: 1 }, { clock });
  const good = new PieceClient(`${server.url}/live/a.pieces?tag=good`);
  const slow = new PieceClient(`${server.url}/live/a.pieces?tag=slow`);
  await Promise.all([good.opened, slow.opened]);
  slow.socket.pause();
  const pull = await pulls.first(() => true);
  const plain = await new Promise<IncomingMessage>((resolve) => {
    get(`${server.url}/live/a.flv`, (response) => resolve(response.pause()));
    pull.sendUntil(1000);
  });
  const before = server.streams()[0]?.viewers;
  let seconds = 1;
  while ((server.streams()[0]?.viewers ?? 0) > 1 && seconds < 400) {
    seconds += 10;
    pull.sendUntil(seconds * 1000);
    const { length } = good.pieces();
    await good.piecesUntil(length + 50);
  }
  expect(before).toBe(3);
  expect(server.streams()[0]?.viewers).toBe(1);
  slow.socket.resume();
  expect((await slow.frame('ended')).reason).toBe('slow-reader');
  plain.resume();
  await new Promise((resolve) => plain.once('close', resolve));
});

test('bytes are counted per viewer and form as the sockets sent them', async () => {
  const { url, pulls } = await startUpstream();
  const server = await startServer({ upstream: url });
  const client = new PieceClient(`${server.url}/live/a.pieces?tag=one`);
  const half = new PieceClient(`${server.url}/live/a.pieces?tag=half&mask=0`);
  const answered = fetch(`${server.url}/live/a.flv?tag=two`);
  const pull = await pulls.first(() => true);
  pull.sendUntil(8000);
  await client.piecesUntil(100);
  pull.end();
  const plain = (await (await answered).arrayBuffer()).byteLength;
  await client.frame('ended');
  await Promise.all([client.close(), half.close()]);
  await vi.waitFor(() => expect(server.egress().perViewer.every((entry) => !entry.open)).toBe(true));
  const { perForm, perViewer } = server.egress();
  const bytesOf = (tag: string): number => perViewer.find((entry) => entry.tag === tag)?.bytes ?? 0;
  const heard = client.pieces().reduce((sum, { bytes }) => sum + bytes.length, 0);
  expect(bytesOf('one')).toBeGreaterThan(heard);
  expect(bytesOf('one')).toBeLessThan(heard * 1.005 + 2000);
  expect(bytesOf('two')).toBeGreaterThan(plain);
  expect(bytesOf('two')).toBeLessThan(plain * 1.01 + 2000);
  expect(bytesOf('half')).toBeLessThan(2000);
  expect(perForm['pieces-ws']).toBe(bytesOf('one') + bytesOf('half'));
  expect(perForm.plain).toBe(bytesOf('two'));
});

test('viewers are told when the server closes', async () => {
  const server = await startServer();
  const client = new PieceClient(`${server.url}/live/demo.pieces`);
  await client.piecesUntil(1);
  await server.close();
  expect((await client.frame('ended')).reason).toBe('shutting-down');
});
