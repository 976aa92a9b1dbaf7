// Somebody else's web server: files, ranges, open to pages of other origins, and a count of what it was asked for.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A file. */
export interface CdnFile {
  readonly body: Uint8Array;
  readonly type?: string;
}

/** See above. */
export class Cdn {
  readonly #files = new Map<string, CdnFile>();
  readonly #asked = new Map<string, number>();
  /** Of those, by servers: pages say where they are from. */
  readonly #byServers = new Map<string, number>();
  readonly #server: Server = createServer((request, response) => this.#answer(request, response));
  /** Body bytes sent, by the `user-agent` that asked or the query's tag. */
  sentBytes = 0;
  /** Whoever wants to answer by itself. */
  special: ((path: string, request: IncomingMessage, response: ServerResponse) => boolean) | undefined;

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  put(path: string, body: Uint8Array | string, type?: string): void {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    this.#files.set(path, { body: bytes, ...(type === undefined ? {} : { type }) });
  }

  get(path: string): Uint8Array | undefined {
    return this.#files.get(path)?.body;
  }

  delete(path: string): void {
    this.#files.delete(path);
  }

  /** How often a file was asked for. */
  asked(path: string): number {
    return this.#asked.get(path) ?? 0;
  }

  /** How often files of these names were asked for by servers. */
  askedByServers(pattern: RegExp): number {
    return [...this.#byServers].reduce((sum, [path, count]) => (pattern.test(path) ? sum + count : sum), 0);
  }

  /** How often files of these names were asked for, all together. */
  askedLike(pattern: RegExp): number {
    return [...this.#asked].reduce((sum, [path, count]) => (pattern.test(path) ? sum + count : sum), 0);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = (request.url ?? '').split('?')[0] ?? '';
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('access-control-allow-headers', 'range');
    response.setHeader('cache-control', 'no-store');
    if (request.method === 'OPTIONS') {
      response.writeHead(204).end();
      return;
    }
    this.#asked.set(path, (this.#asked.get(path) ?? 0) + 1);
    if (request.headers.origin === undefined) this.#byServers.set(path, (this.#byServers.get(path) ?? 0) + 1);
    if (this.special?.(path, request, response) === true) return;
    const file = this.#files.get(path);
    if (file === undefined) {
      response.writeHead(404).end();
      return;
    }
    this.#send(file, request.headers.range, response);
  }

  #send({ body, type }: CdnFile, range: string | undefined, response: ServerResponse): void {
    response.setHeader('content-type', type ?? 'application/octet-stream');
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
    const part = first === undefined ? body : body.subarray(Number(first), Number(last) + 1);
    this.sentBytes += part.length;
    response.writeHead(first === undefined ? 200 : 206, { 'content-length': part.length }).end(part);
  }
}
