// Bodies of requests, within a limit.

import type { IncomingMessage } from 'node:http';

/** The text of a body; undefined for a longer one, or one that broke off. */
export const bodyOf = (request: IncomingMessage, bytesMax: number): Promise<string | undefined> =>
  new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= bytesMax) chunks.push(chunk);
    });
    request.on('end', () => resolve(length <= bytesMax ? Buffer.concat(chunks).toString('utf8') : undefined));
    request.on('error', () => resolve(undefined));
  });
