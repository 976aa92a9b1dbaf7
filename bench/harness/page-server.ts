/**
 * Serves a handful of files from memory to a browser, over loopback, which counts as a secure context.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A file to serve. */
export interface PageFile {
  readonly type: string;
  readonly body: string | Uint8Array;
}

/** A running server. */
export interface PageServer {
  readonly url: string;
  close(): void;
}

/** Starts serving; the keys are paths such as `/index.html`. */
export const servePages = (files: Readonly<Record<string, PageFile>>): Promise<PageServer> => {
  const server = createServer((request, response) => {
    const file = files[(request.url ?? '').split('?')[0] ?? ''];
    if (file === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': file.type, 'cache-control': 'no-store' }).end(file.body);
  });
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      resolve({
        url: `http://127.0.0.1:${port}`,
        close() {
          server.closeAllConnections();
          server.close();
        },
      });
    });
  });
};
