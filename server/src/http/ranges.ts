// Bytes of something that is in memory, whole or the one range that is asked for.

import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { sendBytes } from './respond.ts';

/** The range of a header, ends included; undefined for none, or for one that is not understood (and so not obeyed). */
export const readRange = (
  header: string | undefined,
  length: number,
): { readonly first: number; readonly last: number } | 'unsatisfiable' | undefined => {
  const [, from = '', to = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? [];
  if (from === '' && to === '') return undefined;
  const first = from === '' ? Math.max(0, length - Number(to)) : Number(from);
  const last = from === '' || to === '' ? length - 1 : Math.min(Number(to), length - 1);
  if (from !== '' && to !== '' && Number(to) < Number(from)) return undefined;
  return first >= length || first > last ? 'unsatisfiable' : { first, last };
};

/** Answers with the bytes, or with the range of them. */
export const sendRange = (
  request: IncomingMessage,
  response: ServerResponse,
  bytes: Buffer,
  headers: OutgoingHttpHeaders,
): void => {
  const range = readRange(request.headers.range, bytes.length);
  const open = { ...headers, 'accept-ranges': 'bytes' };
  if (range === undefined) return sendBytes(response, bytes, open);
  if (range === 'unsatisfiable') {
    response.writeHead(416, { 'content-range': `bytes */${bytes.length}`, 'content-length': 0 });
    response.end();
    return;
  }
  const { first, last } = range;
  response.writeHead(206, {
    ...open,
    'content-range': `bytes ${first}-${last}/${bytes.length}`,
    'content-length': last - first + 1,
  });
  response.end(request.method === 'HEAD' ? undefined : bytes.subarray(first, last + 1));
};
