import { expect, test } from 'vitest';
import { toHex } from '../../src/wire/bytes.ts';
import { HEAD_CONTEXT } from '../../src/wire/head.ts';
import { FROM_KEYFRAME, FROM_LIVE } from '../../src/wire/origin.ts';
import { ByteCore } from '../../wasm/abi.ts';
import { readByteCore } from './assets.ts';
import { readTags, VIDEO_TAG } from './flv/tags.ts';
import { wrapContext } from './origin/content-keys.ts';
import { wholeMask } from './origin/substreams.ts';
import { type Heard, PieceClient, splitFrames } from './testing/piece-client.ts';
import { startServer } from './testing/servers.ts';
import { startUpstream } from './testing/upstream.ts';

const core = await ByteCore.load(await readByteCore());

const watch = async (query = '', until = 5000) => {
  const { url, pulls } = await startUpstream();
  const server = await startServer({ upstream: url });
  const client = new PieceClient(`${server.url}/live/any.pieces${query}`);
  const pull = await pulls.first(() => true);
  pull.sendUntil(until);
  const { sealed } = await client.head();
  return { server, client, pull, pulls, head: sealed.head, sealed };
};

const sequences = (pieces: readonly Extract<Heard, { kind: 'piece' }>[]): number[] =>
  pieces.map(({ header }) => header.sequence);

test('first come head, key, clock and mask, then pieces that verify and decrypt to whole FLV', async () => {
  const { server, client, sealed, head } = await watch();
  const key = await client.frame('key');
  await client.frame('applied');
  const pieces = await client.piecesUntil(40);
  const kinds = client.inbox.all.slice(0, 5).map((heard) => (heard.kind === 'frame' ? heard.frame.kind : heard.kind));
  expect(kinds).toEqual(['head', 'key', 'clock', 'applied', 'piece']);
  expect(core.verify(head.publicKey, Buffer.concat([HEAD_CONTEXT, sealed.signed]), sealed.signature)).toBe(true);
  expect(Buffer.from(head.publicKey).toString('base64url')).toBe(server.originKey);
  expect(head).toMatchObject({ encrypted: true, substreams: 13, revision: 0 });
  expect(key).toMatchObject({ generation: 0, wrapped: false });
  expect(key.nextInMs).toBeGreaterThan(3_590_000);

  const store = core.createStore({ stream: head.stream, epoch: head.epoch, publicKey: head.publicKey, capBytes: 4e6 });
  store.setKey(0, key.key);
  const flv: Uint8Array[] = [head.prelude];
  for (const { header, bytes } of pieces) {
    expect(store.admit([bytes])).toBe('ok');
    expect(store.play(header.sequence)).toBe('ok');
    const played = store.takePlayed();
    if (played !== undefined) flv.push(played);
  }
  store.free();
  expect(readTags(Buffer.concat(flv)).filter((tag) => tag.type === VIDEO_TAG).length).toBeGreaterThan(10);
  expect(sequences(pieces)).toEqual(pieces.map((_, at) => (pieces[0]?.header.sequence ?? 0) + at));
});

test('HTTP says the same, one frame after the other', async () => {
  const { url, pulls } = await startUpstream();
  const server = await startServer({ upstream: url });
  const answered = fetch(`${server.url}/live/any.pieces?from=keyframe`);
  const pull = await pulls.first(() => true);
  pull.sendUntil(5000);
  pull.end();
  const answer = await answered;
  const heard = splitFrames(new Uint8Array(await answer.arrayBuffer()));
  expect(answer.headers.get('content-type')).toBe('application/octet-stream');
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(heard.slice(0, 4).map((item) => (item.kind === 'frame' ? item.frame.kind : item.kind))).toEqual([
    'head',
    'key',
    'clock',
    'applied',
  ]);
  const pieces = heard.filter((item) => item.kind === 'piece');
  expect(pieces.at(-1)?.header.last).toBe(true);
  expect(heard.at(-1)).toMatchObject({ kind: 'frame', frame: { kind: 'ended', reason: 'source-ended' } });
});

test('a partial mask gets its substreams only, by either name', async () => {
  for (const name of ['mask', 'substreams']) {
    const { client, head } = await watch(`?${name}=5`);
    const applied = await client.frame('applied');
    expect(applied.mask).toBe(5);
    const pieces = await client.piecesUntil(10);
    expect(new Set(sequences(pieces).map((sequence) => sequence % head.substreams))).toEqual(new Set([0, 2]));
  }
});

test('a new mask holds from the sequence it is applied at, and catches up from where it is asked to', async () => {
  const { client, head, pull } = await watch('?mask=0&from=live');
  expect(await client.frame('applied')).toMatchObject({ mask: 0 });
  expect(client.pieces()).toEqual([]);

  let answer = client.nextFrame('applied');
  client.ask({ kind: 'mask', mask: 2, from: 14 });
  expect(await answer).toMatchObject({ mask: 2, sequence: 14 });
  await client.piecesUntil(3);
  expect(sequences(client.pieces()).slice(0, 3)).toEqual([14, 14 + head.substreams, 14 + 2 * head.substreams]);

  answer = client.nextFrame('applied');
  client.ask({ kind: 'mask', mask: 4, from: FROM_LIVE });
  const { sequence } = await answer;
  pull.sendUntil(8000);
  const more = await client.inbox.first(
    (item) => item.kind === 'piece' && item.header.sequence >= sequence + head.substreams,
  );
  expect(more).toBeDefined();
  const after = sequences(client.pieces()).filter((number) => number >= sequence);
  expect(new Set(after.map((number) => number % head.substreams))).toEqual(new Set([2]));

  answer = client.nextFrame('applied');
  client.ask({ kind: 'mask', mask: wholeMask(head.substreams), from: FROM_KEYFRAME });
  const whole = await answer;
  await client.inbox.first(
    (item) => item.kind === 'piece' && item.header.sequence === whole.sequence && item.header.keyframe,
  );
});

test('a sequence of another epoch, or of long ago, means the newest keyframe', async () => {
  const { server, client, pull } = await watch('', 1000);
  pull.sendUntil(7000);
  const keyframe = await client.inbox.first(
    (item) => item.kind === 'piece' && item.header.keyframe && item.header.dtsMs === 6000,
  );
  for (const from of [100_000, 4_000_000_000]) {
    const other = new PieceClient(`${server.url}/live/any.pieces?from=${from}`);
    const { sequence } = await other.frame('applied');
    expect(keyframe.kind === 'piece' && keyframe.header.sequence).toBe(sequence);
  }
  const answer = client.nextFrame('applied');
  client.ask({ kind: 'mask', mask: 0, from: FROM_LIVE });
  const { sequence: next } = await answer;
  const exact = new PieceClient(`${server.url}/live/any.pieces?from=${next}`);
  expect((await exact.frame('applied')).sequence).toBe(next);
});

test('single pieces are repaired, and what is not there is said to be absent', async () => {
  const { client } = await watch('?mask=0');
  await client.frame('applied');
  const absent = client.nextFrame('absent');
  client.ask({ kind: 'want', sequences: [3, 4_000_000_000, 5] });
  expect((await absent).sequence).toBe(4_000_000_000);
  expect(sequences(await client.piecesUntil(2))).toEqual([3, 5]);
});

test('a clock request is answered with its stamp and the wall clock', async () => {
  const { client } = await watch('?mask=0');
  await client.frame('applied');
  const answer = client.nextFrame('clock');
  const askedMs = Date.now();
  client.ask({ kind: 'clock', stampMs: 1234 });
  const { stampMs, wallMs } = await answer;
  expect(stampMs).toBe(1234);
  expect(wallMs).toBeGreaterThanOrEqual(askedMs);
  expect(wallMs).toBeLessThanOrEqual(Date.now());
});

test('one immutable piece has an address of its own; what is not made yet does not', async () => {
  const { client, server, head } = await watch();
  const [piece] = await client.piecesUntil(1);
  if (piece === undefined) throw new Error('no piece');
  const base = `${server.url}/live/any/${toHex(head.epoch)}`;
  const answer = await fetch(`${base}/${piece.header.sequence}`);
  expect(new Uint8Array(await answer.arrayBuffer())).toEqual(piece.bytes);
  expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  for (const address of [
    `${base}/99999`,
    `${server.url}/live/any/${'0'.repeat(20)}/0`,
    `${server.url}/live/no/${toHex(head.epoch)}/0`,
  ]) {
    const missing = await fetch(address);
    expect(missing.status).toBe(404);
    expect(missing.headers.get('cache-control')).toBe('no-store');
  }
  const headAnswer = await fetch(`${server.url}/live/any/head`);
  expect(headAnswer.status).toBe(200);
  expect((await fetch(`${server.url}/live/cold/head`)).status).toBe(404);
});

test('nonsense closes the socket, and so does talking too much', async () => {
  const { client } = await watch('?mask=0');
  await client.frame('applied');
  client.socket.send(Buffer.from([0x77]));
  expect(await client.closed).toMatchObject({ code: 4400 });

  const { client: flood } = await watch('?mask=0');
  await flood.frame('applied');
  for (let n = 0; n < 260; n++) flood.ask({ kind: 'clock', stampMs: n });
  expect(await flood.closed).toMatchObject({ code: 4400 });

  const { client: huge } = await watch('?mask=0');
  await huge.frame('applied');
  huge.socket.send(Buffer.alloc(257));
  expect((await huge.closed).code).toBe(1009);
});

test('a query that makes no sense is refused', async () => {
  const server = await startServer();
  for (const query of ['mask=x', 'mask=4294967296', 'from=yesterday', 'from=-1']) {
    expect((await fetch(`${server.url}/live/demo.pieces?${query}`)).status).toBe(400);
    expect((await new PieceClient(`${server.url}/live/demo.pieces?${query}`).closed).code).toBe(4400);
  }
});

test('clear pieces when encryption is off', async () => {
  const server = await startServer({ encrypt: false });
  const client = new PieceClient(`${server.url}/live/demo.pieces`);
  const { sealed } = await client.head();
  const [piece] = await client.piecesUntil(1);
  expect(sealed.head.encrypted).toBe(false);
  expect(piece?.header.encrypted).toBe(false);
  expect(client.inbox.all.some((item) => item.kind === 'frame' && item.frame.kind === 'key')).toBe(false);
});

test('the key comes wrapped under the key of the code, and an unknown code is refused', async () => {
  const server = await startServer();
  const { code, key } = (await (await fetch(`${server.url}/code`, { method: 'POST' })).json()) as Record<
    string,
    string
  >;
  const client = new PieceClient(`${server.url}/live/demo.pieces?code=${code}`);
  const { sealed } = await client.head();
  const frame = await client.frame('key');
  expect(frame.wrapped).toBe(true);
  const { stream, epoch } = sealed.head;
  const opened = core.unwrapKey(Buffer.from(key ?? '', 'base64url'), wrapContext(stream, epoch, 0), frame.key);
  const other = new PieceClient(`${server.url}/live/demo.pieces`);
  expect(opened).toEqual((await other.frame('key')).key);

  const unknown = new PieceClient(`${server.url}/live/demo.pieces?code=nobody`);
  expect(await unknown.closed).toMatchObject({ code: 4410 });
  expect((await fetch(`${server.url}/live/demo.pieces?code=a/../b`)).status).toBe(403);
});

test('where codes are named to viewers, keys are never told in clear', async () => {
  const server = await startServer({ publicCodes: true });
  const service = (await (await fetch(`${server.url}/.well-known/shoal.json`)).json()) as { codes: string };
  expect(service.codes).toBe('/code');
  expect(await new PieceClient(`${server.url}/live/demo.pieces`).closed).toMatchObject({ code: 4410 });
});

test('the next key can be had early, the one after it cannot', async () => {
  const { client } = await watch();
  const now = await client.frame('key');
  const next = client.nextFrame('key');
  client.ask({ kind: 'key', generation: 2 });
  client.ask({ kind: 'key', generation: 1 });
  const answer = await next;
  expect(answer.generation).toBe(1);
  expect(answer.nextInMs).toBeGreaterThan(now.nextInMs + 3_590_000);
  expect(answer.key).not.toEqual(now.key);
});
