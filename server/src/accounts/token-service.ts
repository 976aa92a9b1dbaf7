// `POST /token`: an app says who it is, signs that with its secret, and gets the query by which one viewer is admitted for
// a short while.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { Bucket } from '../../../src/core/kit/bucket.ts';
import { asRecord, asText, asWhole, parseJson } from '../../../src/wire/json.ts';
import type { Clock } from '../clock.ts';
import { addressOf, refuse, refuseMethod, sendJson } from '../http/respond.ts';
import type { AppGate } from './app-gate.ts';
import { makeViewerToken } from './app-tokens.ts';
import type { App } from './apps.ts';

/** What is asked. */
interface TokenWish {
  readonly appId: string;
  readonly appKey: string;
  readonly package: string;
  readonly t: number;
  readonly sign: string;
}

const BODY_BYTES_MAX = 4096;
/** Tokens for one address: many viewers may be behind it, but hardly as fast as this. */
const RATE = 5;
const BURST = 200;
const ADDRESSES_MAX = 10_000;

/** See above. */
export class TokenService {
  readonly #gate: AppGate;
  readonly #clock: Clock;
  readonly #rates = new Map<string, Bucket>();

  constructor(gate: AppGate, clock: Clock) {
    this.#gate = gate;
    this.#clock = clock;
  }

  /** Answers a request; its body must not have been read. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST') return refuseMethod(response, 'POST');
    const body = await bodyOf(request);
    if (!this.#within(addressOf(request))) return refuse(response, 'origin/overloaded', 1000);
    const wish = readWish(parseJson(body ?? ''));
    if (wish === undefined) return refuse(response, 'token/bad-request');
    const { appId, appKey, t, sign } = wish;
    const app = this.#gate.signer({ appId, appKey, about: wish.package, t }, sign);
    if (app === 'malformed') return refuse(response, 'token/bad-request');
    if (app === 'refused' || !this.#allows(app, wish, request)) return refuse(response, 'token/refused');
    const query = makeViewerToken({
      appId,
      secret: app.secret,
      seconds: app.tokenSeconds,
      nowMs: this.#clock.wall(),
    });
    sendJson(response, 200, { query, expiresInMs: app.tokenSeconds * 1000 });
  }

  #allows(app: App, wish: TokenWish, request: IncomingMessage): boolean {
    const known = app.packages === undefined || app.packages.includes(wish.package);
    return known && this.#gate.allowsPage(app, request.headers.origin);
  }

  #within(address: string): boolean {
    const bucket = this.#rates.get(address) ?? new Bucket(RATE, BURST);
    this.#rates.delete(address);
    this.#rates.set(address, bucket);
    const oldest = this.#rates.keys().next().value;
    if (this.#rates.size > ADDRESSES_MAX && oldest !== undefined) this.#rates.delete(oldest);
    return bucket.take(this.#clock.now());
  }
}

const readWish = (value: unknown): TokenWish | undefined => {
  const fields = asRecord(value);
  const appId = asText(fields?.appId, 64);
  const appKey = asText(fields?.appKey, 200);
  const name = asText(fields?.package ?? '', 300);
  const t = asWhole(fields?.t, 0, 0xffff_ffff);
  const sign = asText(fields?.sign, 64);
  if (appId === undefined || appKey === undefined || name === undefined || t === undefined || sign === undefined) {
    return undefined;
  }
  return appId === '' || appKey === '' ? undefined : { appId, appKey, package: name, t, sign };
};

/** The body of a request; undefined when it is too long or breaks off. */
const bodyOf = (request: IncomingMessage): Promise<string | undefined> =>
  new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= BODY_BYTES_MAX) chunks.push(chunk);
    });
    request.on('end', () => resolve(bytes > BODY_BYTES_MAX ? undefined : Buffer.concat(chunks).toString('utf8')));
    request.on('close', () => resolve(undefined));
  });
