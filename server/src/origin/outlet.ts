// Where bytes for one viewer go: an HTTP response or a WebSocket, the same to whoever sends.

import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
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
export const responseOutlet = (response: ServerResponse, meter: Meter, headers: OutgoingHttpHeaders): Outlet => ({
  meter,
  get backlog() {
    return response.headersSent ? (response.socket?.writableLength ?? 0) : 0;
  },
  send: (bytes, gone) => {
    if (!response.headersSent) {
      response.writeHead(200, headers);
      response.flushHeaders();
    }
    // Node would frame the chunk anew for every reader; framed once it is one write of a buffer that all share. An empty
    // chunk would be the last one.
    const { socket } = response;
    if (response.chunkedEncoding && bytes.length > 0 && socket?.writable === true) socket.write(chunkOf(bytes), gone);
    else response.write(bytes, gone);
  },
  end: (cause, retryAfterMs) => {
    if (!response.headersSent && cause !== undefined) refuse(response, cause, retryAfterMs);
    else response.end();
  },
  destroy: () => {
    response.destroy();
  },
});

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
