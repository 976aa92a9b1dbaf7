// What a customer's server asks over HTTP.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createCallbackReceiver } from '../callbacks/callback-receiver.ts';
import { signEvent } from '../callbacks/post-event.ts';
import { bodySignatureOf } from '../callbacks/sign.ts';
import { pushEvent } from '../callbacks/testing/events.ts';
import { framesOf } from '../recording/testing/frames.ts';
import { publishAndPush, recordingStage } from '../recording/testing/recording-stage.ts';
import { RoomClient } from './testing/room-client.ts';

const jsonOf = async (answer: Response): Promise<Record<string, unknown>> =>
  (await answer.json()) as Record<string, unknown>;

test('recording on demand by the customer, download with ranges, removal', async () => {
  const { server, api } = await recordingStage({ app: { formats: 0, manualFormats: 7 } });
  const anna = new RoomClient(server.url);
  await anna.enter('anna');
  const { code, publisher } = await publishAndPush(anna);
  const post = (path: string, body: object = {}) =>
    fetch(`${api}/${path}`, { method: 'POST', body: JSON.stringify(body) });
  expect((await post('recordings', { stream: `8889_${code.slice(5)}` })).status).toBe(409);
  expect((await post('recordings', { stream: code, formats: 9 })).status).toBe(400);
  const started = await post('recordings', { stream: code, formats: 6 });
  expect(started.status).toBe(201);
  const { task } = (await started.json()) as { task: string };
  publisher.sendUntil(6000);
  await expect.poll(() => server.streams()[0]?.pieces).toBeGreaterThan(20);
  expect((await fetch(`${api}/recordings/${task}`, { method: 'DELETE' })).status).toBe(404);
  const { files } = (await (await post(`recordings/${task}/stop`)).json()) as {
    files: { url: string; bytes: number }[];
  };
  expect(files.length).toBe(2);
  for (const { url, bytes } of files) {
    const whole = Buffer.from(await (await fetch(url)).arrayBuffer());
    expect(whole.length).toBe(bytes);
    const range = async (value: string, headers = {}) => {
      const answer = await fetch(url, { headers: { range: value, ...headers } });
      const got = Buffer.from(await answer.arrayBuffer());
      return { status: answer.status, range: answer.headers.get('content-range'), got };
    };
    const middle = await range('bytes=100-199');
    expect([middle.status, middle.range]).toEqual([206, `bytes 100-199/${bytes}`]);
    expect(middle.got.equals(whole.subarray(100, 200))).toBe(true);
    expect((await range(`bytes=${bytes - 5}-`)).got.equals(whole.subarray(-5))).toBe(true);
    expect((await range('bytes=-7')).got.equals(whole.subarray(-7))).toBe(true);
    expect(await range(`bytes=${bytes}-`)).toMatchObject({ status: 416, range: `bytes */${bytes}` });
    expect((await range('bytes=0-9', { 'if-range': '"other"' })).status).toBe(200);
    const head = await fetch(url, { method: 'HEAD' });
    expect(head.headers.get('accept-ranges')).toBe('bytes');
    const etag = head.headers.get('etag') ?? '';
    expect((await range('bytes=0-9', { 'if-range': etag })).status).toBe(206);
    expect((await fetch(url, { headers: { 'if-none-match': etag } })).status).toBe(304);
    expect((await framesOf(url)).complaints).toBe('');
  }
  expect((await fetch(`${api}/recordings/${task}`, { method: 'DELETE' })).status).toBe(204);
  expect((await fetch(files[0]?.url ?? '')).status).toBe(404);
  expect((await post(`recordings/${task}/stop`)).status).toBe(404);
});

test('with a secret, only who has it asks; files stay open to who knows their names', async () => {
  const { server, api, recorded } = await recordingStage({ app: { apiSecret: 'api', formats: 2 } });
  const anna = new RoomClient(server.url);
  await anna.enter('anna');
  const { publisher } = await publishAndPush(anna);
  publisher.finish();
  const { video_url: url } = await recorded('flv');
  const headers = { authorization: 'Bearer api' };
  for (const path of ['recordings', 'screenshots', 'channels', 'callbacks', 'received']) {
    expect([path, (await fetch(`${api}/${path}`)).status]).toEqual([path, 401]);
    expect([path, (await fetch(`${api}/${path}`, { headers: { authorization: 'Bearer ap' } })).status]).toEqual([
      path,
      401,
    ]);
    expect([path, (await fetch(`${api}/${path}`, { headers })).status]).toEqual([path, 200]);
  }
  expect((await fetch(url)).status).toBe(200);
});

test('nothing outside the folder of a recording can be named', async () => {
  const { server, api, recorded, dataDir } = await recordingStage({ app: { formats: 2 } });
  const anna = new RoomClient(server.url);
  await anna.enter('anna');
  const { publisher } = await publishAndPush(anna);
  publisher.finish();
  const { task_id: task } = await recorded('flv');
  expect(readdirSync(join(dataDir, 'recordings', '8888', task))).toContain('recording.json');
  const paths = [
    'recording.json',
    '..%2f..%2f..%2fapps.json',
    '%2e%2e/x.flv',
    '1.flv/',
    '1-hls/../recording.json',
    '1.flv%00',
  ];
  for (const path of paths) expect((await fetch(`${api}/files/${task}/${path}`)).status).toBe(404);
  expect((await fetch(`${api}/files/${task}/1.flv`, { method: 'PUT' })).status).toBe(405);
  expect((await fetch(`${server.url}/bypass/7/recordings`)).status).toBe(404);
  expect((await fetch(`${api}/nonsense`)).status).toBe(404);
});

test('the test receiver checks what comes, and shows it; deliveries are shown too', async () => {
  const { server } = await recordingStage({ app: { callback: { url: 'self', key: 'k' }, formats: 0 } });
  const anna = new RoomClient(server.url);
  await anna.enter('anna');
  const { code } = await publishAndPush(anna);
  const api = `${server.url}/bypass/8888`;
  const polled = <T>(state: () => Promise<T>) => expect.poll(state, { interval: 20 });
  await polled(async () => (await jsonOf(await fetch(`${api}/callbacks`))).callbacks).toMatchObject([
    { state: 'acknowledged', attempts: 1, answer: 'code 0', event: { event_type: 1, stream_id: code } },
  ]);
  const text = JSON.stringify(signEvent(pushEvent(), 'wrong', Date.now()));
  const headers = { 'x-shoal-signature': bodySignatureOf('wrong', text) };
  expect((await fetch(`${api}/received`, { method: 'POST', body: text, headers })).status).toBe(403);
  expect((await fetch(`${api}/received`, { method: 'POST', body: 'x'.repeat(100_000) })).status).toBe(413);
  const { received } = await jsonOf(await fetch(`${api}/received`));
  expect(received).toMatchObject([
    { status: 200, message: 'ok', text: expect.stringContaining(code) },
    { status: 403, text },
    { status: 413 },
  ]);
});

test("a customer's own receiver, made with the package, takes what the server sends", async () => {
  const events: string[] = [];
  const receiver = createCallbackReceiver({ key: 'key', onEvent: ({ stream_id }) => void events.push(stream_id) });
  const { server, customer } = await recordingStage({ app: { formats: 0 } });
  customer.manner = ({ text, headers, response }) => {
    void receiver.receive(text, String(headers['x-shoal-signature'])).then(({ status, body }) => {
      response.writeHead(status);
      response.end(JSON.stringify(body));
    });
  };
  const anna = new RoomClient(server.url);
  await anna.enter('anna');
  const { code } = await publishAndPush(anna);
  await expect.poll(() => events).toEqual([code]);
});
