// Publishers, live pushes and callbacks on a whole server: real sockets, a customer's server that is told.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { toBase64Url } from '../../../src/wire/bytes.ts';
import { ROOM_BURST, ROOM_MESSAGE_BYTES_MAX } from '../../../src/wire/limits.ts';
import { encodeRoom } from '../../../src/wire/room.ts';
import { PROTOCOL_VERSION } from '../../../src/wire/version.ts';
import { acknowledge, hang, startCustomer } from '../callbacks/testing/events.ts';
import { makePublishKey } from '../ingest/publish-keys.ts';
import type { ServerConfig } from '../options.ts';
import { freshFolder } from '../testing/folders.ts';
import { startServer } from '../testing/servers.ts';
import { TrackerClient } from '../testing/tracker-client.ts';
import { makeRoomToken } from './room-token.ts';
import { streamCode } from './stream-code.ts';
import { Publisher, RoomClient } from './testing/room-client.ts';

/** A server with one app, and its customer. */
const stage = async (app: object = {}, options: Partial<ServerConfig> = {}) => {
  const customer = await startCustomer();
  const dir = freshFolder('bypass');
  const file = join(dir, 'apps.json');
  const callback = { url: customer.url, key: 'key' };
  writeFileSync(file, JSON.stringify([{ bizid: 8888, appid: 77, callback, formats: 0, ...app }]));
  const server = await startServer({ bypass: file, publish: 'off', rtmpPort: 'off', ...options });
  const watch = (code: string) => fetch(`${server.url}/live/${code}.flv`);
  return { customer, server, watch, file };
};

/** The status of a stream, without its bytes. */
const statusOf = async (answer: Promise<Response>): Promise<number> => {
  const { status, body } = await answer;
  await body?.cancel();
  return status;
};

test('an automatic live push: it runs with the first picture, viewers may come, the customer is told', async () => {
  const { customer, server, watch } = await stage();
  const anna = new RoomClient(server.url);
  expect(await anna.enter('anna')).toMatchObject({ kind: 'entered', bypass: 'auto', record: 'auto', formats: 0 });
  const { code, publisher } = await anna.publish();
  expect(await statusOf(watch(code))).toBe(404);
  publisher.sendUntil(3000);
  const { urls } = await anna.pushIs('running');
  expect(urls).toEqual([
    { encode: 'flv', rateType: 0, url: `${server.url}/live/${code}.flv` },
    { encode: 'hls', rateType: 0, url: `${server.url}/live/${code}.m3u8` },
  ]);
  expect(await statusOf(watch(code))).toBe(200);
  const { event } = await customer.inbox.first(() => true);
  expect(event).toMatchObject({
    event_type: 1,
    stream_id: code,
    channel_id: code,
    app: new URL(server.url).host,
    appname: 'live',
    appid: 77,
    node: new URL(server.url).host,
    user_ip: expect.stringContaining('127.0.0.1'),
    errcode: 0,
    errorcode: 0,
    push_duration: 0,
    stream_param: '',
  });
  expect(await anna.ask({ kind: 'leave' })).toMatchObject({ kind: 'left' });
  await publisher.closed;
  const cut = await customer.inbox.first((received) => received.event.event_type === 0);
  expect(cut.event).toMatchObject({ stream_id: code, sequence: event.sequence, errcode: 2 });
  expect(await statusOf(watch(code))).toBe(404);
});

test('a live push by hand: hidden until it is asked for, and viewers go when it is stopped', async () => {
  const { server, watch } = await stage({ bypass: 'manual' });
  const anna = new RoomClient(server.url);
  await anna.enter('anna');
  expect(await anna.startPush()).toMatchObject({ kind: 'failed', code: 'room/no-track' });
  const { code, publisher } = await anna.publish();
  publisher.sendUntil(3000);
  expect(await anna.startPush()).toMatchObject({ kind: 'pushed', channelId: code });
  expect(await anna.startPush()).toMatchObject({ kind: 'pushed', channelId: code });
  const watching = await watch(code);
  expect(watching.status).toBe(200);
  expect(await anna.ask({ kind: 'stop-push', channels: [] })).toMatchObject({ kind: 'push-stopped', channels: [code] });
  for await (const _bytes of watching.body ?? []) {
    // Until the server ends it.
  }
  expect(await statusOf(watch(code))).toBe(404);
  const foreign = `8888_${'0'.repeat(32)}`;
  expect(await anna.ask({ kind: 'stop-push', channels: [foreign] })).toMatchObject({ code: 'bypass/no-such-channel' });
});

test('a publisher that breaks off is told of, and comes back without having to ask', async () => {
  const { customer, server } = await stage();
  const anna = new RoomClient(server.url);
  await anna.enter('anna');
  const first = await anna.publish();
  first.publisher.sendUntil(3000);
  await anna.pushIs('running');
  first.publisher.cut();
  const cut = await customer.inbox.first(({ event }) => event.event_type === 0);
  expect(cut.event).toMatchObject({ errcode: 4 });
  const again = customer.inbox.next(({ event }) => event.event_type === 1);
  const second = await anna.publish();
  expect(second.code).toBe(first.code);
  second.publisher.sendUntil(3000);
  expect((await again).event.sequence).not.toBe(cut.event.sequence);
});

test('others in the room see who comes, what is up, and who goes', async () => {
  const { server } = await stage();
  const anna = new RoomClient(server.url);
  const bert = new RoomClient(server.url);
  await anna.enter('anna');
  expect(await bert.enter('bert')).toMatchObject({
    members: [
      { user: 'anna', tracks: [] },
      { user: 'bert', tracks: [] },
    ],
  });
  await anna.inbox.first((item) => item.kind === 'member' && item.user === 'bert');
  const { publisher } = await anna.publish('aux');
  publisher.sendUntil(500);
  await bert.inbox.first((item) => item.kind === 'member' && item.tracks.includes('aux'));
  await anna.ask({ kind: 'leave' });
  await bert.inbox.first((item) => item.kind === 'gone' && item.user === 'anna');
});

test('a code that is not pushed is hidden in every form, and from the tracker', async () => {
  const { server } = await stage({ bypass: 'manual' });
  const anna = new RoomClient(server.url);
  await anna.enter('anna');
  const { code, publisher } = await anna.publish();
  publisher.sendUntil(3000);
  const forms = ['.flv', '.m3u8', '.pieces', '/head', '~aac.flv', '/hls/index.m3u8'];
  const statuses = () => Promise.all(forms.map((form) => statusOf(fetch(`${server.url}/live/${code}${form}`))));
  expect(await statuses()).toEqual(forms.map(() => 404));
  const tracker = new TrackerClient(server.url);
  await tracker.opened;
  const viewerKey = toBase64Url(new Uint8Array(32).fill(7));
  const join = {
    kind: 'join',
    version: PROTOCOL_VERSION,
    path: `/live/${code}`,
    credentials: '',
    uploads: true,
  } as const;
  tracker.say({ ...join, viewerKey });
  expect(await tracker.answer('refused')).toMatchObject({ kind: 'refused' });
  expect(await anna.startPush()).toMatchObject({ kind: 'pushed' });
  expect(await statusOf(fetch(`${server.url}/live/${code}.flv`))).toBe(200);
});

test('an encoder that pushes to a code by a key, without a room, is pushed and told of', async () => {
  const secret = 'publish secret';
  const { customer, server } = await stage({ bypass: 'manual' }, { publish: 'keys', publishSecret: secret });
  const code = streamCode({ bizid: 8888, room: 'studio', user: 'obs' }, 'main');
  const key = makePublishKey(secret, `/live/${code}`, Date.now() + 60_000);
  const base = server.url.replace(/^http/, 'ws');
  const publisher = await Publisher.start(`${base}/publish/live/${code}?key=${key}&scene=2`);
  publisher.sendUntil(3000);
  const { event } = await customer.inbox.first(() => true);
  expect(event).toMatchObject({ event_type: 1, stream_id: code, stream_param: 'scene=2' });
  const channels = (await (await fetch(`${server.url}/bypass/8888/channels`)).json()) as { channels: object[] };
  expect(channels.channels).toMatchObject([{ channelId: code }]);
  publisher.finish();
  const cut = await customer.inbox.first((received) => received.event.event_type === 0);
  expect(cut.event).toMatchObject({ errcode: 1 });
});

test('where rooms want tokens, only who has one enters', async () => {
  const { server } = await stage({ roomSecret: 'secret' });
  const anna = new RoomClient(server.url);
  expect(await anna.enter('anna')).toMatchObject({ kind: 'failed', code: 'room/refused' });
  const token = makeRoomToken('secret', { bizid: 8888, room: 'r', user: 'anna' }, Date.now() + 60_000);
  expect(await anna.enter('bert', { token })).toMatchObject({ kind: 'failed', code: 'room/refused' });
  expect(await anna.enter('anna', { token })).toMatchObject({ kind: 'entered' });
});

test('channel names and descriptions are shown to the customer', async () => {
  const { server } = await stage({ bypass: 'manual' });
  const anna = new RoomClient(server.url);
  await anna.enter('anna');
  const { code, publisher } = await anna.publish();
  publisher.sendUntil(3000);
  await anna.startPush();
  const { channels } = (await (await fetch(`${server.url}/bypass/8888/channels`)).json()) as { channels: object[] };
  expect(channels).toMatchObject([{ channelId: code, channelName: 'n', channelDesc: 'd' }]);
});

test('a server that closes cuts its pushes, and the customer hears of it after the next start', async () => {
  const dataDir = freshFolder('bypass');
  const { customer, server, file } = await stage({}, { dataDir });
  const anna = new RoomClient(server.url);
  await anna.enter('anna');
  (await anna.publish()).publisher.sendUntil(3000);
  await anna.pushIs('running');
  await customer.inbox.first(({ event }) => event.event_type === 1);
  customer.manner = hang;
  await server.close();
  customer.manner = acknowledge;
  const told = customer.inbox.first(({ event, response }) => event.event_type === 0 && response.writableEnded);
  await startServer({ bypass: file, rtmpPort: 'off', dataDir });
  expect((await told).event).toMatchObject({
    event_type: 0,
    errmsg: 'the publisher was dismissed: publish/server-closing',
  });
});

test('who sends too much at once, or bytes, or floods, is cut off', async () => {
  const { server } = await stage();
  const long = new RoomClient(server.url);
  await long.enter('long');
  long.socket.send('x'.repeat(3 * ROOM_MESSAGE_BYTES_MAX + 1));
  await long.closed;
  const binary = new RoomClient(server.url);
  await binary.enter('binary');
  binary.socket.send(Buffer.from([1]));
  expect(await binary.inbox.first((item) => item.kind === 'out')).toEqual({ kind: 'out', code: 'room/bad-message' });
  await binary.closed;
  const flood = new RoomClient(server.url);
  await flood.enter('flood');
  for (let ask = 100; ask < 100 + 2 * ROOM_BURST; ask++) {
    flood.socket.send(encodeRoom({ kind: 'close', ask, track: 'main' }));
  }
  expect(await flood.inbox.first((item) => item.kind === 'out')).toEqual({ kind: 'out', code: 'room/rate-limited' });
  await flood.closed;
});

test('nobody publishes a code without its key', async () => {
  const { server } = await stage({}, { publish: 'open' });
  const anna = new RoomClient(server.url);
  await anna.enter('anna');
  const opened = await anna.ask({ kind: 'open', track: 'main' });
  if (opened.kind !== 'opened') throw new Error(opened.kind);
  const base = server.url.replace(/^http/, 'ws');
  const wrong = await Publisher.start(`${base}/publish/live/${opened.code}?key=guess`);
  expect(await wrong.inbox.first(() => true)).toMatchObject({ kind: 'refused', code: 'publish/refused' });
  const right = await Publisher.start(`${base}${opened.publish}`);
  expect(await right.inbox.first(() => true)).toMatchObject({ kind: 'accepted' });
});
