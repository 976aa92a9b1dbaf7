// Where RTMP comes in: a port of its own.

import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { ShoalError } from '../../../src/errors.ts';
import { RtmpConnection, type RtmpParts } from './rtmp-connection.ts';

/** See above. */
export class RtmpDoor {
  readonly #server: Server;
  readonly #open = new Set<Socket>();

  /** At most so many connections; those beyond are closed as they come. */
  constructor(parts: RtmpParts, connectionsMax: number) {
    this.#server = createServer((socket) => {
      this.#open.add(socket);
      socket.on('close', () => this.#open.delete(socket));
      new RtmpConnection(socket, parts);
    });
    this.#server.maxConnections = connectionsMax;
  }

  /** The port it listens on. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Rejects with `server/listen-failed`. */
  listen(port: number, host: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', (cause) =>
        reject(new ShoalError('server/listen-failed', { detail: `RTMP, ${host}:${port}`, cause })),
      );
      this.#server.listen(port, host, () => resolve());
    });
  }

  /** Closes every connection. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      for (const socket of this.#open) socket.destroy();
    });
  }
}
