// Files beside the streams: what `--static` names, read anew each time, never outside that directory.

import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { refuse, refuseMethod } from './respond.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.txt': 'text/plain; charset=utf-8',
  '.flv': 'video/x-flv',
};

/** Answers with a file below `root`, or 404. */
export const sendFile = async (
  root: string,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuseMethod(response, 'GET, HEAD');
  const file = await findFile(root, path);
  if (file === undefined) return refuse(response, 'origin/not-found');
  const type = TYPES[extname(file.path)] ?? 'application/octet-stream';
  response.writeHead(200, { 'content-type': type, 'content-length': file.size, 'cache-control': 'no-cache' });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  // A reader that goes away in the middle is no fault of ours.
  await pipeline(createReadStream(file.path), response).catch(() => response.destroy());
};

const findFile = async (
  root: string,
  path: string,
): Promise<{ readonly path: string; readonly size: number } | undefined> => {
  try {
    const base = await realpath(root);
    const asked = await realpath(join(base, decodeURIComponent(path)));
    const found = (await stat(asked)).isDirectory() ? await realpath(join(asked, 'index.html')) : asked;
    const inside = found.startsWith(`${base}${sep}`) && !found.slice(base.length).includes(`${sep}.`);
    const { size } = await stat(found);
    return inside ? { path: found, size } : undefined;
  } catch {
    return undefined;
  }
};
