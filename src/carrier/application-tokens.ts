/**
 * Turns an application's id, key and secret into a short-lived token. The secret never leaves the page: it only signs
 * what is sent. Safer still is a `tokenProvider`, with which the page has no secret at all.
 */

import { ShoalError } from '../errors.ts';
import { asRecord, asText, asWhole } from '../wire/json.ts';
import { asShoalError } from './calls.ts';

/** Who asks. */
export interface Application {
  readonly id: string;
  readonly key: string;
  readonly secret: string;
  readonly package: string;
}

/** Gives the query a viewer is admitted by, without `?`. */
export type TokenProvider = (reason: 'start' | 'renew') => Promise<string>;

const WITHIN_MS = 8000;
const QUERY_CHARS_MAX = 2000;
/** A token without a term is asked for anew after this. */
const USUAL_LIFE_MS = 60_000;

/** The desk of one surface. */
export class TokenDesk {
  readonly #exchange: TokenProvider | undefined;
  #held: { readonly query: string; readonly untilMs: number } | undefined;
  #lifeMs = USUAL_LIFE_MS;

  constructor(how: {
    readonly tokenUrl: string | undefined;
    readonly tokenProvider: TokenProvider | undefined;
    readonly application: () => Application;
    readonly fetch: typeof fetch;
  }) {
    const { tokenUrl, tokenProvider, application } = how;
    if (tokenProvider !== undefined) this.#exchange = (reason) => askProvider(tokenProvider, reason);
    else if (tokenUrl !== undefined) {
      this.#exchange = async () => {
        const { query, lifeMs } = await exchange(tokenUrl, application(), how.fetch);
        this.#lifeMs = lifeMs ?? USUAL_LIFE_MS;
        return query;
      };
    }
  }

  /** Asks anew for streams that play and whose token runs out; undefined where there is nobody to ask. */
  get provider(): TokenProvider | undefined {
    return this.#exchange;
  }

  /** The query to add to an address; rejects with `token/...`. */
  async query(): Promise<string> {
    if (this.#exchange === undefined) return '';
    if (this.#held === undefined || Date.now() >= this.#held.untilMs) {
      const query = await this.#exchange('start');
      this.#held = { query, untilMs: Date.now() + this.#lifeMs / 2 };
    }
    return this.#held.query;
  }
}

const askProvider = async (provider: TokenProvider, reason: 'start' | 'renew'): Promise<string> => {
  try {
    return checked(await provider(reason));
  } catch (cause) {
    throw asShoalError(cause, 'token/refused');
  }
};

const checked = (query: unknown): string => {
  const text = asText(query, QUERY_CHARS_MAX);
  if (text === undefined) throw new ShoalError('token/malformed', { detail: 'query' });
  return text.replace(/^\?/, '');
};

const exchange = async (
  tokenUrl: string,
  application: Application,
  get: typeof fetch,
): Promise<{ readonly query: string; readonly lifeMs: number | undefined }> => {
  const { id, key, secret, package: name } = application;
  const t = Math.floor(Date.now() / 1000);
  const sign = await signature(secret, [id, key, name, t].join('\n'));
  const body = JSON.stringify({ appId: id, appKey: key, package: name, t, sign });
  const response = await post(tokenUrl, body, get);
  if (response.status === 400) throw new ShoalError('token/bad-request', { detail: await reasonOf(response) });
  if (response.status === 401 || response.status === 403) {
    throw new ShoalError('token/refused', { detail: `status ${response.status}` });
  }
  if (!response.ok) throw new ShoalError('token/unreachable', { detail: `status ${response.status}` });
  const answer = asRecord(await response.json().catch(() => undefined));
  const lifeMs = answer?.expiresInMs === undefined ? undefined : asWhole(answer.expiresInMs, 1000, 0x7fff_ffff);
  return { query: checked(answer?.query), lifeMs };
};

/** What the service calls it. */
const reasonOf = async (response: Response): Promise<string> =>
  asText(asRecord(await response.json().catch(() => undefined))?.code, 100) ?? 'status 400';

const post = async (address: string, body: string, get: typeof fetch): Promise<Response> => {
  try {
    const headers = { 'content-type': 'application/json' };
    return await get(address, { method: 'POST', body, headers, signal: AbortSignal.timeout(WITHIN_MS) });
  } catch (cause) {
    throw new ShoalError('token/unreachable', { cause });
  }
};

/** HMAC-SHA256, hexadecimal; empty where there is no secret to sign with. */
const signature = async (secret: string, text: string): Promise<string> => {
  if (secret === '') return '';
  const encode = (words: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(words);
  const hash = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', encode(secret), hash, false, ['sign']);
  const signed = new Uint8Array(await crypto.subtle.sign('HMAC', key, encode(text)));
  return [...signed].map((byte) => byte.toString(16).padStart(2, '0')).join('');
};
