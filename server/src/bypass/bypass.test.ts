// Publishers, live pushes and callbacks on a whole server: real sockets, a customer's server that is told.

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startCustomer } from '../callbacks/testing/events.ts';
import type { ServerConfig } from '../options.ts';
import { startServer } from '../testing/servers.ts';
import { Publisher, RoomClient } from './testing/room-client.ts';

/** A server with one app, and its customer. */
const stage = async (app: object = {}, options: Partial<ServerConfig> = {}) => {
  const customer = await startCustomer();
  const dir = mkdtempSync(join(tmpdir(), 'shoal-bypass-'));
  const file = join(dir, 'apps.json');
  const callback = { url: customer.url, key: 'key' };
  writeFileSync(file, JSON.stringify([{ bizid: 8888, appid: 77, callback, formats: 0, ...app }]));
  const server = await startServer({ bypass: file, publish: 'off', rtmpPort: 'off', ...options });
  const watch = (code: string) => fetch(`${server.url}/live/${code}.flv`);
  return { customer, server, watch };
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
