// A receiver for trying callbacks out: it checks them as a customer's server should, and shows what came.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../clock.ts';
import { bodyOf } from '../http/body.ts';
import { createCallbackReceiver } from './callback-receiver.ts';
import { BODY_SIGNATURE_HEADER } from './sign.ts';

/** One callback as it came. */
export interface ReceivedCallback {
  /** Unix time, ms. */
  readonly atMs: number;
  /** The body, as far as it is short. */
  readonly text: string;
  /** What was answered. */
  readonly status: number;
  readonly message: string;
}

const KEPT_MAX = 200;
const TEXT_MAX = 4000;
const BODY_BYTES_MAX = 64 * 1024;

/** See above; one for each app. */
export class TestReceiver {
  readonly #clock: Clock;
  readonly #receive: (
    text: string,
    signature: string,
  ) => ReturnType<ReturnType<typeof createCallbackReceiver>['receive']>;
  #received: ReceivedCallback[] = [];

  constructor(key: string, clock: Clock) {
    this.#clock = clock;
    const receiver = createCallbackReceiver({ key, onEvent: () => undefined, wallMs: () => clock.wall() });
    this.#receive = (text, signature) => receiver.receive(text, signature);
  }

  /** What came, oldest first. */
  get received(): readonly ReceivedCallback[] {
    return this.#received;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await bodyOf(request, BODY_BYTES_MAX);
    const { status, body } =
      text === undefined
        ? { status: 413, body: { code: 3, message: 'the body is too long' } }
        : await this.#receive(text, String(request.headers[BODY_SIGNATURE_HEADER] ?? ''));
    const { message } = body;
    this.#received.push({ atMs: this.#clock.wall(), text: (text ?? '').slice(0, TEXT_MAX), status, message });
    this.#received = this.#received.slice(-KEPT_MAX);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  }
}
