// A file that does not change, in whole or in part: one range of bytes, with what a player and a download manager need to
// go on where they were.

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { refuse, refuseMethod } from './respond.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.flv': 'video/x-flv',
  '.mp4': 'video/mp4',
  '.m4s': 'video/iso.segment',
  '.m3u8': 'application/vnd.apple.mpegurl',
  '.jpg': 'image/jpeg',
};

/** What a `Range` header asks of a file; `none` when it is to be ignored, as several ranges are. */
export const readRange = (
  header: string | undefined,
  size: number,
): { readonly start: number; readonly end: number } | 'none' | 'unsatisfiable' => {
  const [, from = '', to = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? [];
  if (from === '' && to === '') return 'none';
  const start = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const end = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (from !== '' && to !== '' && Number(to) < start) return 'none';
  return start >= size || (from === '' && Number(to) === 0) ? 'unsatisfiable' : { start, end };
};

/** Answers with a file whose path has been checked. */
export const sendRanged = async (path: string, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuseMethod(response, 'GET, HEAD');
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || !found.isFile()) return refuse(response, 'origin/not-found');
  const { size, mtime } = found;
  const tag = `"${size.toString(36)}-${Math.floor(found.mtimeMs).toString(36)}"`;
  response.setHeader('accept-ranges', 'bytes');
  response.setHeader('etag', tag);
  response.setHeader('last-modified', mtime.toUTCString());
  response.setHeader('content-type', TYPES[extname(path)] ?? 'application/octet-stream');
  response.setHeader('cache-control', 'no-cache');
  if (request.headers['if-none-match'] === tag) {
    response.writeHead(304);
    response.end();
    return;
  }
  // Who has the beginning of another version gets all of this one.
  const isOurs = request.headers['if-range'] === undefined || request.headers['if-range'] === tag;
  const range = isOurs ? readRange(request.headers.range, size) : 'none';
  if (range === 'unsatisfiable') {
    response.writeHead(416, { 'content-range': `bytes */${size}` });
    response.end();
    return;
  }
  const { start, end } = range === 'none' ? { start: 0, end: size - 1 } : range;
  if (range !== 'none') response.setHeader('content-range', `bytes ${start}-${end}/${size}`);
  response.writeHead(range === 'none' ? 200 : 206, { 'content-length': end - start + 1 });
  if (request.method === 'HEAD' || size === 0) {
    response.end();
    return;
  }
  // A reader that goes away in the middle is no fault of ours.
  await pipeline(createReadStream(path, { start, end }), response).catch(() => response.destroy());
};
