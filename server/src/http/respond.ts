// Answers over HTTP that are the same everywhere: headers for pages of other origins, JSON, refusals.

import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { type ErrorCode, sentenceOf } from '../../../src/errors.ts';

export { addressOf, isFromHere } from './address.ts';

/** Any page may read what we answer; that a viewer is admitted is said by its query, never by cookies. */
const OPEN: OutgoingHttpHeaders = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, HEAD, POST, DELETE, OPTIONS',
  'access-control-allow-headers': 'authorization, content-type, range',
  'access-control-expose-headers': 'retry-after, content-length, content-range, accept-ranges, etag',
  'access-control-max-age': '86400',
  'cross-origin-resource-policy': 'cross-origin',
  'timing-allow-origin': '*',
  'x-content-type-options': 'nosniff',
};

/** Headers of answers that must never be kept. */
export const NO_STORE: OutgoingHttpHeaders = { 'cache-control': 'no-store' };

const STATUS: Partial<Record<ErrorCode, number>> = {
  'origin/refused': 403,
  'origin/not-found': 404,
  'origin/overloaded': 503,
  'origin/pieces-only': 501,
  'service/unknown-upstream': 403,
  'source/unreachable': 503,
  'output/no-ffmpeg': 501,
  'output/unsupported-codec': 501,
  'output/failed': 503,
  'key/unknown-code': 403,
  'room/no-such-app': 404,
  'room/no-track': 409,
  'record/no-such-task': 404,
  'record/not-offered': 403,
  'record/no-picture': 409,
  'record/no-ffmpeg': 501,
  'record/disk-full': 507,
  'record/failed': 500,
  'key/denied': 401,
  'token/refused': 403,
  'account/denied': 401,
  'hls/not-watched': 403,
  'hls/unreachable': 502,
};

/** Puts the common headers on an answer. */
export const openToAll = (response: ServerResponse): void => {
  for (const [name, value] of Object.entries(OPEN)) if (value !== undefined) response.setHeader(name, value);
};

/** Answers with bytes. */
export const sendBytes = (response: ServerResponse, bytes: Uint8Array, headers: OutgoingHttpHeaders): void => {
  response.writeHead(200, { 'content-length': bytes.length, ...headers });
  response.end(response.req.method === 'HEAD' ? undefined : bytes);
};

/** Answers with JSON that is not kept. */
export const sendJson = (response: ServerResponse, status: number, value: unknown): void => {
  const text = Buffer.from(`${JSON.stringify(value)}\n`);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': text.length, ...NO_STORE });
  response.end(response.req.method === 'HEAD' ? undefined : text);
};

/** Answers with an error of the table. */
export const refuse = (response: ServerResponse, code: ErrorCode, retryAfterMs = 0): void => {
  const status = STATUS[code] ?? 400;
  if (retryAfterMs > 0) response.setHeader('retry-after', Math.max(1, Math.ceil(retryAfterMs / 1000)));
  sendJson(response, status, { code, message: sentenceOf(code) });
};

/** Refuses a method. */
export const refuseMethod = (response: ServerResponse, allowed: string): void => {
  response.writeHead(405, { allow: allowed, ...NO_STORE });
  response.end();
};
