// For the customer's side: takes the callbacks of a Shoal server, believes only what is signed and has not expired, and
// hands each event on once.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { asRecord, parseJson } from '../../../src/wire/json.ts';
import { bodyOf } from '../http/body.ts';
import { EVENT_CUT, EVENT_PUSHED, EVENT_RECORDED, EVENT_SCREENSHOT, type SignedEvent } from './events.ts';
import { BODY_SIGNATURE_HEADER, bodySignatureOf, CALLBACK_LIFE_SECONDS, sameSign, signOf } from './sign.ts';

/** How a receiver is made. */
export interface CallbackReceiverOptions {
  /** The key the app has with its server. */
  readonly key: string;
  /** Called once for each event. What it throws, or a promise of its that fails, is answered so that the event comes again. */
  readonly onEvent: (event: SignedEvent) => void | Promise<void>;
  /** Also demand that the body is signed as a whole: `sign` alone covers nothing but the expiry. On unless switched off. */
  readonly checkBody?: boolean;
  /** Unix time, ms. */
  readonly wallMs?: () => number;
}

/** What to answer. `event` is there when it was new and was handed on. */
export interface CallbackAnswer {
  readonly status: number;
  readonly body: { readonly code: number; readonly message: string };
  readonly event?: SignedEvent;
}

/** A receiver. */
export interface CallbackReceiver {
  /** Judges one request by its body and, for `checkBody`, the value of the header `x-shoal-signature`. */
  receive(text: string, bodySignature?: string): Promise<CallbackAnswer>;
  /** Answers a request of Node's HTTP server. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

const BODY_BYTES_MAX = 64 * 1024;
/** Events remembered for telling repetitions; the whole documented schedule of a busy server fits. */
const REMEMBERED_MAX = 20_000;
/** Clocks of two servers may differ so much. */
const CLOCK_SECONDS = 60;
const EVENT_TYPES: readonly unknown[] = [EVENT_CUT, EVENT_PUSHED, EVENT_RECORDED, EVENT_SCREENSHOT];

const answer = (status: number, code: number, message: string): CallbackAnswer => ({ status, body: { code, message } });

const isEvent = (fields: Readonly<Record<string, unknown>>): boolean =>
  EVENT_TYPES.includes(fields.event_type) && typeof fields.stream_id === 'string';

/** Makes a receiver. */
export const createCallbackReceiver = (options: CallbackReceiverOptions): CallbackReceiver => {
  const { key, onEvent, checkBody = true, wallMs = Date.now } = options;
  /** Repetitions of an event that is being handled wait for it. */
  const seen = new Map<string, Promise<boolean>>();

  const whyNot = (fields: Readonly<Record<string, unknown>>): CallbackAnswer | undefined => {
    const t = Number(fields.t);
    const isSigned = typeof fields.sign === 'string' && sameSign(fields.sign, signOf(key, t));
    if (!Number.isSafeInteger(t) || !isSigned) return answer(403, 1, 'the sign is wrong');
    const nowSeconds = Math.floor(wallMs() / 1000);
    if (t < nowSeconds) return answer(403, 2, 'the callback has expired');
    if (t > nowSeconds + CALLBACK_LIFE_SECONDS + CLOCK_SECONDS)
      return answer(403, 2, 'the callback is from the future');
    return isEvent(fields) ? undefined : answer(400, 3, 'this is no event');
  };

  const handOn = async (event: SignedEvent): Promise<boolean> => {
    try {
      await onEvent(event);
      return true;
    } catch {
      // Whoever handles events says itself what went wrong; here it only means that the event is wanted again.
      return false;
    }
  };

  const receive = async (text: string, bodySignature = ''): Promise<CallbackAnswer> => {
    if (text.length > BODY_BYTES_MAX) return answer(413, 3, 'the body is too long');
    if (checkBody && !sameSign(bodySignature, bodySignatureOf(key, text))) {
      return answer(403, 1, 'the body is not signed');
    }
    const fields = asRecord(parseJson(text));
    if (fields === undefined) return answer(400, 3, 'this is not JSON');
    const refusal = whyNot(fields);
    if (refusal !== undefined) return refusal;
    const event = fields as unknown as SignedEvent;
    const id = `${event.event_type} ${event.stream_id} ${event.sequence}`;
    const before = seen.get(id);
    if (before !== undefined) {
      return (await before) ? answer(200, 0, 'again') : answer(500, 4, 'the event could not be handled');
    }
    const handled = handOn(event);
    seen.set(id, handled);
    const oldest = seen.keys().next().value;
    if (seen.size > REMEMBERED_MAX && oldest !== undefined) seen.delete(oldest);
    if (await handled) return { ...answer(200, 0, 'ok'), event };
    seen.delete(id);
    return answer(500, 4, 'the event could not be handled');
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const text = request.method === 'POST' ? await bodyOf(request, BODY_BYTES_MAX) : undefined;
    const signature = request.headers[BODY_SIGNATURE_HEADER];
    const { status, body } =
      text === undefined
        ? answer(request.method === 'POST' ? 413 : 405, 3, 'POST one event as JSON')
        : await receive(text, typeof signature === 'string' ? signature : '');
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  return { receive, handle };
};
