// Events for tests, and a customer's server that answers as it is told.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { Inbox } from '../../testing/piece-client.ts';
import { startHttp } from '../../testing/servers.ts';
import type { CallbackEvent, PushEvent, ScreenshotEvent, SignedEvent } from '../events.ts';

const code = '8888_81265058829fd2e50c8ec2ac78d55127';

/** A push that has begun. */
export const pushEvent = (over: Partial<PushEvent> = {}): PushEvent => ({
  event_type: 1,
  stream_id: code,
  channel_id: code,
  app: 'live.example',
  appname: 'live',
  appid: 1251659802,
  sequence: '2480768755672606517',
  stream_param: '',
  event_time: 1_700_000_000,
  update_time: 1_700_000_000,
  node: '192.0.2.1',
  user_ip: '192.0.2.2',
  errcode: 0,
  errorcode: 0,
  errmsg: '',
  push_duration: 0,
  ...over,
});

/** A screenshot that is there. */
export const screenshotEvent = (over: Partial<ScreenshotEvent> = {}): ScreenshotEvent => ({
  event_type: 200,
  stream_id: code,
  channel_id: code,
  app: 'live.example',
  appname: 'live',
  appid: 1251659802,
  sequence: '7',
  stream_param: '',
  create_time: 1_700_000_000,
  pic_url: '/a.jpg',
  pic_full_url: 'http://live.example/a.jpg',
  file_size: 10,
  width: 320,
  height: 180,
  ...over,
});

/** One delivery as the customer's server got it. */
export interface Received {
  readonly event: SignedEvent;
  readonly text: string;
  readonly headers: IncomingMessage['headers'];
  /** The request is still open. */
  readonly response: ServerResponse;
}

/** How the customer's server answers. */
export type Manner = (received: Received) => void;

/** Acknowledges. */
export const acknowledge: Manner = ({ response }) => {
  response.end('{"code":0}');
};

/** Says nothing at all. */
export const hang: Manner = () => undefined;

/** A customer's server; `manner` may be changed at any time. */
export const startCustomer = async (manner: Manner = acknowledge) => {
  const inbox = new Inbox<Received>();
  const customer = { url: '', inbox, manner };
  const { url } = await startHttp((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const received = { event: JSON.parse(text) as SignedEvent, text, headers: request.headers, response };
      customer.manner(received);
      inbox.put(received);
    });
  });
  customer.url = url;
  return customer;
};

/** What an event is without its signature. */
export const unsigned = ({ t: _t, sign: _sign, ...event }: SignedEvent): CallbackEvent => event as CallbackEvent;
