/**
 * WebSockets in memory: the same face as real ones, everything copied and delivered later, the other side in the
 * test's hands.
 */
import type { SocketFace } from '../socket-face.ts';
import { Queue } from './queue.ts';

type Listener = (event: { readonly data: unknown; readonly code: number; readonly reason: string }) => void;

/** The server's side of one socket. */
export interface SocketSide {
  readonly address: string;
  send(data: Uint8Array | string): void;
  heard(): Promise<Uint8Array | string>;
  close(code: number, reason: string): void;
}

/** A server of sockets in memory. */
export class MemorySockets {
  readonly #accepted = new Queue<SocketSide>();

  readonly open = (address: string): SocketFace => {
    const socket = new MemorySocket(address);
    setTimeout(() => {
      if (socket.state === 'closed') return;
      this.#accepted.put(socket.side);
      socket.tell('open');
    });
    return socket;
  };

  accepted(): Promise<SocketSide> {
    return this.#accepted.take();
  }
}

class MemorySocket implements SocketFace {
  binaryType = 'blob';
  state: 'alive' | 'closed' = 'alive';
  readonly side: SocketSide;
  readonly #listeners = new Map<string, Listener[]>();
  readonly #sent = new Queue<Uint8Array | string>();

  constructor(address: string) {
    this.side = {
      address,
      send: (data) => {
        const copy = typeof data === 'string' ? data : data.slice().buffer;
        setTimeout(() => this.tell('message', { data: copy }));
      },
      heard: () => this.#sent.take(),
      close: (code, reason) => {
        setTimeout(() => {
          if (this.state === 'closed') return;
          this.tell('close', { code, reason });
          this.state = 'closed';
        });
      },
    };
  }

  send(data: Uint8Array<ArrayBuffer> | string): void {
    this.#sent.put(typeof data === 'string' ? data : data.slice());
  }

  close(): void {
    this.state = 'closed';
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }

  tell(type: string, event: { data?: unknown; code?: number; reason?: string } = {}): void {
    if (this.state === 'closed') return;
    const whole = { data: event.data, code: event.code ?? 0, reason: event.reason ?? '' };
    for (const listener of this.#listeners.get(type) ?? []) listener(whole);
  }
}
