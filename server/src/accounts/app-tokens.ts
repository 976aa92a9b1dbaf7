// App tokens: the word of a customer's server, or of ours on its behalf, that one viewer may watch for a while. Whoever
// knows an app's secret can make them, without asking anybody.

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { asRecord, asText, asWhole, parseJson } from '../../../src/wire/json.ts';

/** The name under which a token stands in the query of a stream's address. */
export const TOKEN_NAME = 'shoal_token';

/** What a token says. */
export interface AppToken {
  readonly appId: string;
  /** One of its own for each viewer, so that many cannot pass for one. */
  readonly viewerId: string;
  /** Unix time, ms. */
  readonly expiresMs: number;
  /** The stream it is for, as in the list of an app; absent: all of the app's. */
  readonly stream: string | undefined;
}

/** What a customer's server says when it makes a token. */
export interface ViewerTokenOptions {
  readonly appId: string;
  readonly secret: string;
  /** How long it is good for; default 900. */
  readonly seconds?: number;
  /** Path of the one stream it is for, such as `/live/demo`, or the beginning of paths and `*`. */
  readonly stream?: string;
  /** Who watches: the same text for the same viewer, at most 64 characters. Default: one made by chance. */
  readonly viewer?: string;
  /** Unix time, ms; default now. */
  readonly nowMs?: number;
}

const CONTEXT = 'shoal app token v1\n';
const SECONDS = 900;
const VIEWER_CHARS_MAX = 64;
const TOKEN_CHARS_MAX = 1000;
/** No token is good for longer. */
const LIFE_MS_MAX = 7 * 86_400_000;

const sign = (secret: string, body: string): Buffer =>
  createHmac('sha256', secret).update(CONTEXT).update(body).digest();

/** Makes the query that admits one viewer: put it behind the `?` of its stream's address. For a customer's own server. */
export const makeViewerToken = (options: ViewerTokenOptions): string => {
  const { appId, secret, seconds = SECONDS, stream, viewer, nowMs = Date.now() } = options;
  const said = {
    a: appId,
    v: (viewer ?? randomBytes(12).toString('base64url')).slice(0, VIEWER_CHARS_MAX),
    e: Math.floor(nowMs / 1000) + seconds,
    ...(stream === undefined ? {} : { s: stream }),
  };
  const body = Buffer.from(JSON.stringify(said)).toString('base64url');
  return `${TOKEN_NAME}=${body}.${sign(secret, body).toString('base64url')}`;
};

/** The token in a query, or undefined. */
export const tokenIn = (credentials: string): string | undefined =>
  credentials.includes(TOKEN_NAME) ? (new URLSearchParams(credentials).get(TOKEN_NAME) ?? undefined) : undefined;

/** A query without the token: what hooks and sources are asked with. */
export const withoutToken = (credentials: string): string => {
  if (!credentials.includes(TOKEN_NAME)) return credentials;
  const rest = new URLSearchParams(credentials);
  rest.delete(TOKEN_NAME);
  return rest.toString();
};

/** What a token says, before anybody has looked at its signature. */
export const readToken = (text: string): AppToken | undefined => {
  const [body = '', seal] = text.length > TOKEN_CHARS_MAX ? [] : text.split('.');
  const fields = asRecord(parseJson(Buffer.from(body, 'base64url').toString('utf8')));
  const appId = asText(fields?.a, 64);
  const viewerId = asText(fields?.v, VIEWER_CHARS_MAX);
  const seconds = asWhole(fields?.e, 0, 0xffff_ffff);
  const stream = asText(fields?.s, 300);
  if (seal === undefined || appId === undefined || viewerId === undefined || seconds === undefined) return undefined;
  if (fields?.s !== undefined && stream === undefined) return undefined;
  return { appId, viewerId, expiresMs: seconds * 1000, stream };
};

/** Whether a token is signed with a secret and good now. */
export const isGood = (text: string, secret: string, nowMs: number): boolean => {
  const token = readToken(text);
  if (token === undefined || token.expiresMs <= nowMs || token.expiresMs > nowMs + LIFE_MS_MAX) return false;
  return isSignedWith(text, secret);
};

/** Whether a token was made by who knows a secret, at whatever time. */
export const isSignedWith = (text: string, secret: string): boolean => {
  const [body = '', seal = ''] = text.split('.');
  const given = Buffer.from(seal, 'base64url');
  const wanted = sign(secret, body);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
};
