// Where bytes for one viewer go: an HTTP response or a WebSocket, the same to whoever sends.

import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { CloseCause } from '../../../src/wire/close.ts';
import { refuse } from '../http/respond.ts';
import type { Meter } from './egress.ts';

/** See above. */
export interface Outlet {
  readonly meter: Meter;
  /** Bytes handed over that have not left the process. */
  readonly backlog: number;
  /**
   * Hands bytes over without copying them; `gone` is called when they have left, or the outlet has closed. Being told costs
   * a third of a write, so whoever only looks at `backlog` asks for nothing.
   */
  send(bytes: Buffer, gone?: () => void): void;
  /** Says goodbye after what was sent. */
  end(cause: CloseCause | undefined, retryAfterMs: number): void;
  /** Cuts the line at once. */
  destroy(): void;
}

/** A response; its status and headers are written with the first bytes, or with the refusal. */
export const responseOutlet = (response: ServerResponse, meter: Meter, headers: OutgoingHttpHeaders): Outlet =>
  new ResponseOutlet(response, meter, headers);

class ResponseOutlet implements Outlet {
  readonly meter: Meter;
  readonly #response: ServerResponse;
  readonly #headers: OutgoingHttpHeaders;
  /** The connection once the headers are on it: thousands of viewers are looked at and written to many times a second. */
  #line: Socket | undefined;
  #isChunked = false;

  constructor(response: ServerResponse, meter: Meter, headers: OutgoingHttpHeaders) {
    this.meter = meter;
    this.#response = response;
    this.#headers = headers;
  }

  get backlog(): number {
    return this.#line?.writableLength ?? 0;
  }

  send(bytes: Buffer, gone?: () => void): void {
    const line = this.#line ?? this.#begin();
    // Node would frame the chunk anew for every reader; framed once it is one write of a buffer that all share. An empty
    // chunk would be the last one.
    if (this.#isChunked && bytes.length > 0 && line?.writable === true) line.write(chunkOf(bytes), gone);
    else this.#response.write(bytes, gone);
  }

  end(cause: CloseCause | undefined, retryAfterMs: number): void {
    if (!this.#response.headersSent && cause !== undefined) refuse(this.#response, cause, retryAfterMs);
    else this.#response.end();
  }

  destroy(): void {
    this.#response.destroy();
  }

  #begin(): Socket | undefined {
    const response = this.#response;
    if (!response.headersSent) {
      response.writeHead(200, this.#headers);
      response.flushHeaders();
    }
    this.#isChunked = response.chunkedEncoding;
    this.#line = response.socket ?? undefined;
    return this.#line;
  }
}

const chunks = new WeakMap<Buffer, Buffer>();
const LINE_END = Buffer.from('\r\n');

/** Bytes as a chunk of HTTP/1.1. */
const chunkOf = (bytes: Buffer): Buffer => {
  const known = chunks.get(bytes);
  if (known !== undefined) return known;
  const chunk = Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, LINE_END]);
  chunks.set(bytes, chunk);
  return chunk;
};
