// The key service: `POST /code` makes a code and its key, `GET /code/<code>` tells the key. A viewer keeps the key and
// shows only the code; whoever may read codes is therefore told apart from whoever may make them.

import { randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Bucket } from '../../../src/core/kit/bucket.ts';
import { toBase64Url } from '../../../src/wire/bytes.ts';
import { CODE_KEY_BYTES, type CodeGrant, type CodeKey, isCode } from '../../../src/wire/service.ts';
import type { Clock } from '../clock.ts';
import type { CodeStore } from '../keys/code-store.ts';
import type { ServerConfig } from '../options.ts';
import { addressOf, isFromHere, refuse, refuseMethod, sendJson } from './respond.ts';

/** What the key service works with. */
export interface CodeServiceParts {
  readonly store: CodeStore;
  readonly clock: Clock;
  readonly config: ServerConfig;
}

const RATE = 5;
const BURST = 100;
const ADDRESSES_MAX = 10_000;

const bearerOf = (request: IncomingMessage): string =>
  /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';

const sameSecret = (given: string, wanted: string): boolean => {
  const a = Buffer.from(given);
  const b = Buffer.from(wanted);
  return a.length === b.length && timingSafeEqual(a, b);
};

/** See above. */
export class CodeService {
  readonly #parts: CodeServiceParts;
  readonly #rates = new Map<string, Bucket>();

  constructor(parts: CodeServiceParts) {
    this.#parts = parts;
  }

  /** Answers a request for `/code` or `/code/<code>`; `rest` is what follows `/code`. */
  async answer(request: IncomingMessage, response: ServerResponse, rest: string): Promise<void> {
    if (rest === '') {
      if (request.method === 'POST') return this.#make(request, response);
      return refuseMethod(response, 'POST');
    }
    if (request.method === 'GET') return this.#tell(request, response, rest.slice(1));
    refuseMethod(response, 'GET');
  }

  async #make(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { codePostSecret, codeLife } = this.#parts.config;
    if (codePostSecret !== undefined && !sameSecret(bearerOf(request), codePostSecret))
      return refuse(response, 'key/denied');
    if (!this.#within(addressOf(request))) return refuse(response, 'origin/overloaded', 1000);
    const grant: CodeGrant = { code: randomUUID(), expire: codeLife, key: toBase64Url(randomBytes(CODE_KEY_BYTES)) };
    const kept = await this.#parts.store.put(grant.code, grant.key, codeLife * 1000);
    if (!kept) return refuse(response, 'origin/overloaded', 60_000);
    sendJson(response, 200, grant);
  }

  async #tell(request: IncomingMessage, response: ServerResponse, code: string): Promise<void> {
    if (!this.#mayRead(request)) return refuse(response, 'key/denied');
    const key = isCode(code) ? await this.#parts.store.get(code) : undefined;
    if (key === undefined) return sendJson(response, 404, { code: 'key/unknown-code' });
    sendJson(response, 200, { key } satisfies CodeKey);
  }

  /** By secret; without one only from this machine, and not through a proxy on it. */
  #mayRead(request: IncomingMessage): boolean {
    const { codeGetSecret } = this.#parts.config;
    if (codeGetSecret !== undefined) return sameSecret(bearerOf(request), codeGetSecret);
    return isFromHere(request);
  }

  #within(address: string): boolean {
    const bucket = this.#rates.get(address) ?? new Bucket(RATE, BURST);
    this.#rates.delete(address);
    this.#rates.set(address, bucket);
    const oldest = this.#rates.keys().next().value;
    if (this.#rates.size > ADDRESSES_MAX && oldest !== undefined) this.#rates.delete(oldest);
    return bucket.take(this.#parts.clock.now());
  }
}
