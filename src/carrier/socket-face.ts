/**
 * The part of a WebSocket that origin and tracker use. The browser's class and the one of `ws` both have it, so the
 * constructor is handed in and the same code runs in both.
 */

/** One WebSocket. */
export interface SocketFace {
  binaryType: string;
  send(data: Uint8Array<ArrayBuffer> | string): void;
  close(code?: number): void;
  addEventListener(type: 'open', listener: () => void): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { readonly code: number; readonly reason: string }) => void): void;
  addEventListener(type: 'error', listener: () => void): void;
}

/** Starts opening a socket; throws when the address is unusable. */
export type OpenSocket = (address: string) => SocketFace;

/** What happened to a socket; each of `opened` and `closed` at most once, nothing after `closed`. */
export interface SocketEvents {
  opened(): void;
  message(data: unknown): void;
  closed(code: number, reason: string): void;
}

/** A socket that opens or closes within bounded time and says nothing more once it was dropped. */
export interface WatchedSocket {
  /** False when it is not open. */
  send(data: Uint8Array<ArrayBuffer> | string): boolean;
  /** Closes without an event. */
  drop(): void;
}

/** A browser may try for minutes; a viewer has something better to do. */
const OPEN_WITHIN_MS = 8000;
/** What a socket reports that never opened or was cut: the code a browser gives. */
const ABNORMAL = 1006;

type State = 'opening' | 'open' | 'closed';

/** Opens a socket and watches over it. */
export const watchSocket = (open: OpenSocket, address: string, events: SocketEvents): WatchedSocket => {
  let state: State = 'opening';
  let socket: SocketFace | undefined;
  const end = (code: number, reason: string): void => {
    if (state === 'closed') return;
    state = 'closed';
    clearTimeout(timer);
    events.closed(code, reason);
  };
  const timer = setTimeout(() => {
    socket?.close();
    end(ABNORMAL, '');
  }, OPEN_WITHIN_MS);
  try {
    socket = open(address);
  } catch {
    // An unusable address ends like any other failed opening, but never inside the caller's call.
    queueMicrotask(() => end(ABNORMAL, ''));
  }
  if (socket !== undefined) listen(socket);
  function listen(live: SocketFace): void {
    live.binaryType = 'arraybuffer';
    live.addEventListener('open', () => {
      if (state !== 'opening') return;
      state = 'open';
      clearTimeout(timer);
      events.opened();
    });
    live.addEventListener('message', (event) => {
      if (state === 'open') events.message(event.data);
    });
    // `close` follows every `error` and carries the facts; a listener must exist or `ws` throws.
    live.addEventListener('error', () => undefined);
    live.addEventListener('close', (event) => end(event.code, event.reason));
  }
  return {
    send(data) {
      if (state !== 'open') return false;
      socket?.send(data);
      return true;
    },
    drop() {
      if (state === 'closed') return;
      state = 'closed';
      clearTimeout(timer);
      socket?.close();
    },
  };
};
