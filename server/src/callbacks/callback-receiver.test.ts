import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { startHttp } from '../testing/servers.ts';
import { type CallbackReceiverOptions, createCallbackReceiver } from './callback-receiver.ts';
import { signEvent } from './post-event.ts';
import { BODY_SIGNATURE_HEADER, bodySignatureOf, signOf } from './sign.ts';
import { pushEvent } from './testing/events.ts';

const KEY = 'key';
const NOW_MS = 1_700_000_000_000;

const make = (over: Partial<CallbackReceiverOptions> = {}) => {
  const events: string[] = [];
  const receiver = createCallbackReceiver({
    key: KEY,
    wallMs: () => NOW_MS,
    onEvent: ({ event_type, sequence }) => void events.push(`${event_type} ${sequence}`),
    ...over,
  });
  const send = (fields: object) => {
    const text = JSON.stringify(fields);
    return receiver.receive(text, bodySignatureOf(KEY, text));
  };
  return { receiver, events, send };
};

const good = signEvent(pushEvent(), KEY, NOW_MS);

test('a signed event is handed on and acknowledged', async () => {
  const { send, events } = make();
  expect(await send(good)).toMatchObject({ status: 200, body: { code: 0 }, event: good });
  expect(events).toEqual([`1 ${good.sequence}`]);
});

test.each([
  ['a wrong sign', { ...good, sign: signOf('other', good.t) }],
  ['no sign', { ...good, sign: undefined }],
  ['a sign of another expiry', { ...good, t: good.t + 1 }],
  ['an expiry that is none', { ...good, t: 'soon', sign: createHash('md5').update('keyNaN').digest('hex') }],
  ['an expired one', signEvent(pushEvent(), KEY, NOW_MS - 601_000)],
  ['one from the future', signEvent(pushEvent(), KEY, NOW_MS + 700_000)],
  ['an event of no kind', { ...good, event_type: 7 }],
])('is refused and not handed on: %s', async (_what, event) => {
  const { send, events } = make();
  expect((await send(event)).body.code).not.toBe(0);
  expect(events).toEqual([]);
});

test('an expiry as a text of digits is the same expiry', async () => {
  const { send } = make();
  expect(await send({ ...good, t: String(good.t) })).toMatchObject({ status: 200 });
});

test('it is good until the last second', async () => {
  const { send } = make();
  expect(await send(signEvent(pushEvent(), KEY, NOW_MS - 600_000))).toMatchObject({ status: 200 });
});

test('the same event again is acknowledged and not handed on, be it replayed or signed anew', async () => {
  const { send, events } = make();
  await send(good);
  expect(await send(good)).toEqual({ status: 200, body: { code: 0, message: 'again' } });
  expect(await send(signEvent(pushEvent(), KEY, NOW_MS + 60_000))).toMatchObject({ status: 200 });
  expect(events.length).toBe(1);
  await send(signEvent(pushEvent({ event_type: 0 }), KEY, NOW_MS));
  expect(events.length).toBe(2);
});

test('two of the same at once are handled once', async () => {
  const { send, events } = make();
  const both = await Promise.all([send(good), send(good)]);
  expect(both.map(({ status }) => status)).toEqual([200, 200]);
  expect(events.length).toBe(1);
});

test('an event that could not be handled is not acknowledged, so that it comes again', async () => {
  let isDown = true;
  const { send } = make({
    onEvent: async () => {
      if (isDown) throw new Error('database is down');
    },
  });
  expect(await send(good)).toMatchObject({ status: 500, body: { code: 4 } });
  isDown = false;
  expect(await send(good)).toMatchObject({ status: 200, body: { code: 0 }, event: good });
});

test('a body that was changed on the way is found, where the body is checked', async () => {
  const { receiver } = make();
  const forged = JSON.stringify({ ...good, stream_id: 'another' });
  expect(await receiver.receive(forged, bodySignatureOf(KEY, JSON.stringify(good)))).toMatchObject({ status: 403 });
  expect(await receiver.receive(JSON.stringify(good))).toMatchObject({ status: 403 });
  const trusting = make({ checkBody: false });
  expect(await trusting.receiver.receive(JSON.stringify(good))).toMatchObject({ status: 200 });
});

test('over HTTP: acknowledged, too long, and not a POST', async () => {
  const { receiver } = make();
  const { url } = await startHttp((request, response) => void receiver.handle(request, response));
  const text = JSON.stringify(good);
  const headers = { [BODY_SIGNATURE_HEADER]: bodySignatureOf(KEY, text) };
  const answer = await fetch(url, { method: 'POST', headers, body: text });
  expect([answer.status, await answer.json()]).toEqual([200, { code: 0, message: 'ok' }]);
  expect((await fetch(url, { method: 'POST', body: 'x'.repeat(70_000) })).status).toBe(413);
  expect((await fetch(url)).status).toBe(405);
});
