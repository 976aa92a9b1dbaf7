import { createHash } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { makeLog, silentSink } from '../log.ts';
import { freshFolder } from '../testing/folders.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { createCallbackReceiver } from './callback-receiver.ts';
import { CallbackService } from './callback-service.ts';
import { ANSWER_MS } from './post-event.ts';
import { BODY_SIGNATURE_HEADER } from './sign.ts';
import {
  acknowledge,
  hang,
  type Manner,
  pushEvent,
  screenshotEvent,
  startCustomer,
  unsigned,
} from './testing/events.ts';

/** Waits for a state, however slow the machine is. */
const polled = <T>(state: () => T) => expect.poll(state, { interval: 5 });

const KEY = 'app key';
const MINUTE = 60_000;

const open = async (
  url: string | undefined,
  { clock = new ManualClock(), dir, ack = 'code' }: { clock?: ManualClock; dir?: string; ack?: 'code' | 'status' } = {},
) => {
  const log = makeLog(silentSink(), false, () => clock.wall());
  const targetOf = () => (url === undefined ? undefined : { url, key: KEY, ack });
  const service = await CallbackService.open({ clock, log, dir, targetOf });
  onTestFinished(() => service.close());
  service.begin();
  return { service, clock };
};

const stateOf = (service: CallbackService) => {
  const [first] = service.deliveries(8888);
  return `${first?.state} ${first?.attempts} ${first?.answer}`;
};

/** Waits until the service has taken in what came of an attempt. */
const settled = (service: CallbackService, state: string) => polled(() => stateOf(service)).toBe(state);

test('an event is posted as JSON with every field, t ten minutes ahead and sign over it', async () => {
  const customer = await startCustomer();
  const { service, clock } = await open(customer.url);
  await service.tell(8888, pushEvent());
  const { event, headers } = await customer.inbox.first(() => true);
  expect(unsigned(event)).toEqual(pushEvent());
  expect(headers['content-type']).toBe('application/json');
  expect(event.t).toBe(Math.floor(clock.wall() / 1000) + 600);
  expect(event.sign).toBe(createHash('md5').update(`${KEY}${event.t}`).digest('hex'));
  await settled(service, 'acknowledged 1 code 0');
  expect(service.waiting).toBe(0);
});

const answers =
  (status: number, body: string): Manner =>
  ({ response }) => {
    response.writeHead(status, { location: '/elsewhere' });
    response.end(body);
  };

test.each([
  ['another status', answers(500, '{"code":0}'), 'HTTP 500'],
  ['no content', answers(204, ''), 'HTTP 204'],
  ['elsewhere', answers(302, '{"code":0}'), 'HTTP 302'],
  ['another code', answers(200, '{"code":1}'), 'HTTP 200 without {"code":0}'],
  ['a code that is a text', answers(200, '{"code":"0"}'), 'HTTP 200 without {"code":0}'],
  ['no JSON', answers(200, 'ok'), 'HTTP 200 without {"code":0}'],
  ['the right word behind too much', answers(200, `${' '.repeat(70_000)}{"code":0}`), 'HTTP 200 without {"code":0}'],
  ['a broken line', (({ response }) => response.destroy()) as Manner, 'UND_ERR_SOCKET'],
])('is sent again a minute later, signed anew, with the same sequence, after %s', async (_what, manner, answer) => {
  const customer = await startCustomer(manner);
  const { service, clock } = await open(customer.url);
  await service.tell(8888, pushEvent());
  const first = await customer.inbox.first(() => true);
  await settled(service, `waiting 1 ${answer}`);
  clock.advance(MINUTE - 1);
  expect(customer.inbox.all.length).toBe(1);
  customer.manner = acknowledge;
  const next = customer.inbox.next(() => true);
  clock.advance(1);
  const second = await next;
  expect(second.event.sequence).toBe(first.event.sequence);
  expect(second.event.t).toBe(first.event.t + 60);
  expect(second.event.sign).not.toBe(first.event.sign);
  await settled(service, 'acknowledged 2 code 0');
});

test('who hangs has not acknowledged after 20 s, and holds up nobody else', async () => {
  const customer = await startCustomer(hang);
  const { service, clock } = await open(customer.url);
  await service.tell(8888, pushEvent());
  const first = await customer.inbox.first(() => true);
  const gone = new Promise((resolve) => first.response.once('close', resolve));
  customer.manner = acknowledge;
  await service.tell(8888, pushEvent({ stream_id: 'other' }));
  await customer.inbox.first(({ event }) => event.stream_id === 'other');
  clock.advance(ANSWER_MS);
  await gone;
  await settled(service, 'waiting 1 no answer in 20 s');
  const next = customer.inbox.next(() => true);
  clock.advance(MINUTE);
  expect((await next).event.sequence).toBe(first.event.sequence);
});

test('a push is given up after its twelfth repetition, a screenshot after its fifth', async () => {
  const customer = await startCustomer(answers(500, ''));
  const { service, clock } = await open(customer.url);
  await service.tell(8888, pushEvent());
  for (let attempt = 1; attempt <= 12; attempt++) {
    await settled(service, `waiting ${attempt} HTTP 500`);
    clock.advance(MINUTE);
  }
  await settled(service, 'given-up 13 HTTP 500');
  await service.tell(8889, screenshotEvent());
  for (let attempt = 1; attempt <= 5; attempt++) {
    await polled(() => service.deliveries(8889)[0]?.attempts).toBe(attempt);
    clock.advance(2 * MINUTE);
  }
  await polled(() => service.deliveries(8889)[0]?.state).toBe('given-up');
  expect(customer.inbox.all.length).toBe(13 + 6);
  expect(service.waiting).toBe(0);
});

test('with ack: status, HTTP 200 is enough', async () => {
  const customer = await startCustomer(answers(200, 'thanks'));
  const { service } = await open(customer.url, { ack: 'status' });
  await service.tell(8888, pushEvent());
  await settled(service, 'acknowledged 1 HTTP 200');
});

test('what was not acknowledged goes out after a restart of the server, with its count', async () => {
  const dir = freshFolder('callbacks');
  const clock = new ManualClock();
  const customer = await startCustomer(answers(500, ''));
  const before = await open(customer.url, { dir, clock });
  await before.service.tell(8888, pushEvent());
  await settled(before.service, 'waiting 1 HTTP 500');
  customer.manner = hang;
  clock.advance(MINUTE);
  await customer.inbox.first(() => customer.inbox.all.length === 2);
  await before.service.close();

  customer.manner = acknowledge;
  const after = await open(customer.url, { dir, clock });
  // Broken off is not failed: it is sent at once.
  await settled(after.service, 'acknowledged 2 code 0');
  await after.service.close();
  const empty = await open(customer.url, { dir, clock });
  expect(empty.service.waiting).toBe(0);
});

test('the cut of a push is told although the server died without telling it, once', async () => {
  const dir = freshFolder('callbacks');
  const clock = new ManualClock();
  const customer = await startCustomer();
  const before = await open(customer.url, { dir, clock });
  const will = pushEvent({ event_type: 0, event_time: Math.floor(clock.wall() / 1000), errcode: 4 });
  await before.service.keepWill(8888, will);
  const revoke = await before.service.keepWill(8888, pushEvent({ event_type: 0, sequence: 'revoked' }));
  await revoke();
  // Nothing is closed in good order.
  clock.advance(5000);
  const after = await open(customer.url, { dir, clock });
  await settled(after.service, 'acknowledged 1 code 0');
  const [{ event } = { event: undefined }] = customer.inbox.all;
  expect(event).toMatchObject({ sequence: will.sequence, errcode: 4, push_duration: 5000 });
  expect(event).toMatchObject({ event_time: will.event_time + 5 });
  await after.service.close();
  const last = await open(customer.url, { dir, clock });
  expect(last.service.waiting).toBe(0);
  expect(customer.inbox.all.length).toBe(1);
});

test('an app without an address is not sent anything, and the log says so', async () => {
  const { service } = await open(undefined);
  await service.tell(8888, pushEvent());
  expect(stateOf(service)).toBe('unwanted 0 no address is configured');
  expect(service.waiting).toBe(0);
});

test('a receiver that restarts and forgets gets the event again; one that remembers handles it once', async () => {
  const handled: string[] = [];
  const clock = new ManualClock();
  const make = () =>
    createCallbackReceiver({
      key: KEY,
      wallMs: () => clock.wall(),
      onEvent: ({ sequence }) => void handled.push(sequence),
    });
  let receiver = make();
  // It handles the event and then fails to say so.
  const customer = await startCustomer(({ text, headers, response }) => {
    void receiver.receive(text, String(headers[BODY_SIGNATURE_HEADER])).then(() => response.destroy());
  });
  const { service } = await open(customer.url, { clock });
  await service.tell(8888, pushEvent());
  await polled(() => service.deliveries(8888)[0]?.attempts).toBe(1);
  clock.advance(MINUTE);
  await polled(() => service.deliveries(8888)[0]?.attempts).toBe(2);
  expect(handled.length).toBe(1);
  receiver = make();
  clock.advance(MINUTE);
  await polled(() => handled.length).toBe(2);
});
