// One attempt: a signed event goes out by POST, and what comes back is judged.

import { asRecord, parseJson } from '../../../src/wire/json.ts';
import type { Clock } from '../clock.ts';
import type { CallbackEvent, SignedEvent } from './events.ts';
import { BODY_SIGNATURE_HEADER, bodySignatureOf, CALLBACK_LIFE_SECONDS, signOf } from './sign.ts';

/** Where an app wants its callbacks. */
export interface CallbackTarget {
  readonly url: string;
  readonly key: string;
  /** What acknowledges: HTTP 200 and `{"code":0}`, or HTTP 200 alone. */
  readonly ack: 'code' | 'status';
}

/** What came of an attempt; `answer` is for people. */
export interface Attempt {
  readonly isAcknowledged: boolean;
  readonly answer: string;
}

/** Who does not answer in this time has not. */
export const ANSWER_MS = 20_000;
const ANSWER_BYTES_MAX = 64 * 1024;

/** An event with a fresh expiry and its signature. */
export const signEvent = (event: CallbackEvent, key: string, wallMs: number): SignedEvent => {
  const t = Math.floor(wallMs / 1000) + CALLBACK_LIFE_SECONDS;
  return { ...event, t, sign: signOf(key, t) };
};

/** Sends one; never rejects. `left` is what ends it early: the server closes. */
export const postEvent = async (
  event: CallbackEvent,
  target: CallbackTarget,
  { clock, left }: { readonly clock: Clock; readonly left: AbortSignal },
): Promise<Attempt> => {
  const body = JSON.stringify(signEvent(event, target.key, clock.wall()));
  const late = new AbortController();
  const timer = clock.after(ANSWER_MS, () => late.abort());
  try {
    const response = await fetch(target.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', [BODY_SIGNATURE_HEADER]: bodySignatureOf(target.key, body) },
      body,
      // Elsewhere is not the address the customer gave.
      redirect: 'manual',
      signal: AbortSignal.any([late.signal, left]),
    });
    const text = await readText(response);
    if (response.status !== 200) return { isAcknowledged: false, answer: `HTTP ${response.status}` };
    if (target.ack === 'status') return { isAcknowledged: true, answer: 'HTTP 200' };
    const isZero = text !== undefined && asRecord(parseJson(text))?.code === 0;
    return { isAcknowledged: isZero, answer: isZero ? 'code 0' : 'HTTP 200 without {"code":0}' };
  } catch (cause) {
    const answer = late.signal.aborted ? `no answer in ${ANSWER_MS / 1000} s` : reasonOf(cause);
    return { isAcknowledged: false, answer };
  } finally {
    timer.cancel();
  }
};

/** The text of an answer; undefined when it is longer than any acknowledgement. */
const readText = async (response: Response): Promise<string | undefined> => {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    // Leaving the loop early cancels the body.
    if (length > ANSWER_BYTES_MAX) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};

const reasonOf = (cause: unknown): string => {
  const under = cause instanceof Error && cause.cause !== undefined ? cause.cause : cause;
  const code = (under as { readonly code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : 'no connection';
};
