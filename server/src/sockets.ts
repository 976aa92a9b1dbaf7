// WebSockets of the server: the one file that knows the library. Messages are bounded by the library, nothing is
// compressed, and what is sent is not copied.

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, WebSocket, WebSocketServer } from 'ws';
import { type CloseCause, closeCodeOf } from '../../src/wire/close.ts';
import type { Clock, Timer } from './clock.ts';

/** What happens on a socket. */
export interface SocketEvents {
  text(text: string): void;
  binary(bytes: Buffer): void;
  closed(): void;
}

/** An open socket. */
export interface ServerSocket {
  /** Bytes handed over that have not left the process. */
  readonly backlog: number;
  sendText(text: string): void;
  sendBinary(bytes: Buffer, gone?: () => void): void;
  /** Says goodbye with a cause, or without one. */
  close(cause: CloseCause | undefined, retryAfterMs: number): void;
  destroy(): void;
}

const HEARTBEAT_MS = 30_000;

/** Takes upgrades whose messages are at most so long; a socket that misses a heartbeat is closed. */
export class SocketDoor {
  readonly #server: WebSocketServer;
  readonly #clock: Clock;
  /** Open sockets, and whether they have been heard since the last heartbeat. */
  readonly #heard = new Map<WebSocket, boolean>();
  #timer: Timer | undefined;

  constructor(maxPayload: number, clock: Clock) {
    this.#clock = clock;
    this.#server = new WebSocketServer({ noServer: true, maxPayload, perMessageDeflate: false, clientTracking: false });
  }

  /** Answers an upgrade; `opened` returns what happens from then on. */
  take(request: IncomingMessage, socket: Duplex, rest: Buffer, opened: (socket: ServerSocket) => SocketEvents): void {
    this.#server.handleUpgrade(request, socket, rest, (webSocket) => {
      this.#heard.set(webSocket, true);
      this.#timer ??= this.#clock.after(HEARTBEAT_MS, () => this.#beat());
      this.#connect(webSocket, opened(faceOf(webSocket)));
    });
  }

  /** Closes every socket. */
  close(): void {
    this.#timer?.cancel();
    for (const webSocket of this.#heard.keys()) webSocket.terminate();
  }

  #connect(webSocket: WebSocket, events: SocketEvents): void {
    webSocket.on('message', (data: RawData, isBinary: boolean) => {
      this.#heard.set(webSocket, true);
      const bytes = Buffer.isBuffer(data) ? data : Buffer.concat(Array.isArray(data) ? data : [Buffer.from(data)]);
      if (isBinary) events.binary(bytes);
      else events.text(bytes.toString('utf8'));
    });
    webSocket.on('pong', () => this.#heard.set(webSocket, true));
    // What went wrong is said by the close that follows; without a listener it would end the process.
    webSocket.on('error', () => webSocket.terminate());
    webSocket.on('close', () => {
      this.#heard.delete(webSocket);
      events.closed();
    });
  }

  #beat(): void {
    this.#timer = this.#heard.size === 0 ? undefined : this.#clock.after(HEARTBEAT_MS, () => this.#beat());
    for (const [webSocket, heard] of this.#heard) {
      if (!heard) webSocket.terminate();
      else {
        this.#heard.set(webSocket, false);
        webSocket.ping();
      }
    }
  }
}

/** A socket that we opened. */
export interface DialledSocket {
  /** What is sent before it is open is lost. */
  send(bytes: Uint8Array): void;
  destroy(): void;
}

/** What happens on it; a text is as good as an error. */
export interface DialledEvents {
  opened(): void;
  binary(bytes: Buffer): void;
  /** Once, whether it ever opened or not. */
  closed(code: number, reason: string): void;
}

const HANDSHAKE_MS = 5000;

/** Opens a socket to another server. */
export const dialSocket = (
  url: string,
  options: { readonly maxPayload: number; readonly headers: Readonly<Record<string, string>> },
  events: DialledEvents,
): DialledSocket => {
  const webSocket = new WebSocket(url, { ...options, perMessageDeflate: false, handshakeTimeout: HANDSHAKE_MS });
  webSocket.on('open', () => events.opened());
  webSocket.on('message', (data: RawData, isBinary: boolean) => {
    if (isBinary && Buffer.isBuffer(data)) events.binary(data);
    else webSocket.terminate();
  });
  // What went wrong is said by the close that follows.
  webSocket.on('error', () => webSocket.terminate());
  webSocket.on('close', (code: number, reason: Buffer) => events.closed(code, reason.toString()));
  return {
    send: (bytes) => {
      if (webSocket.readyState === WebSocket.OPEN) webSocket.send(bytes, { binary: true });
    },
    destroy: () => webSocket.terminate(),
  };
};

const GOING_AWAY = 1001;

const faceOf = (webSocket: WebSocket): ServerSocket => ({
  get backlog() {
    return webSocket.bufferedAmount;
  },
  sendText: (text) => webSocket.send(text),
  sendBinary: (bytes, gone) => webSocket.send(bytes, { binary: true }, gone),
  close: (cause, retryAfterMs) => {
    if (cause === undefined) webSocket.close(GOING_AWAY);
    else webSocket.close(closeCodeOf(cause), String(Math.round(retryAfterMs)));
  },
  destroy: () => webSocket.terminate(),
});
