/**
 * What stands before the processes of a cluster, as a load balancer of connections does: each goes to the process the
 * front prefers, and to the next one where that does not answer.
 */

import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** See above. */
export class Front {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(ports: readonly number[]) {
    this.#server = createServer((socket) => this.#lead(socket, ports));
  }

  /** A front before these ports, the preferred one first. */
  static async start(ports: readonly number[]): Promise<Front> {
    const front = new Front(ports);
    await new Promise<void>((resolve) => front.#server.listen(0, '127.0.0.1', resolve));
    return front;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #lead(socket: Socket, ports: readonly number[]): void {
    this.#keep(socket);
    const [first, ...others] = ports;
    if (first === undefined) return void socket.destroy();
    socket.pause();
    const behind = this.#keep(connect(first, '127.0.0.1'));
    let state: 'calling' | 'through' = 'calling';
    behind.once('connect', () => {
      state = 'through';
      socket.pipe(behind).pipe(socket);
    });
    behind.once('close', () => {
      if (state === 'through' || others.length === 0) socket.destroy();
      else this.#lead(socket, others);
    });
    socket.once('close', () => behind.destroy());
  }

  #keep(socket: Socket): Socket {
    this.#sockets.add(socket);
    // Either end may go at any time; the other one follows.
    socket.on('error', () => undefined);
    socket.once('close', () => this.#sockets.delete(socket));
    return socket;
  }
}
