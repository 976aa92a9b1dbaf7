/**
 * The piece socket: one WebSocket to the origin for a viewer's whole life, used from the first frame. One binary
 * message is one frame.
 */
import type { OriginEvents, OriginPort } from '../viewer/ports.ts';
import { causeOfClose, waitOfClose } from '../wire/close.ts';
import type { FindMoved } from './moved-origin.ts';
import { piecesAddress, type StreamPlace, socketAddress } from './origin-address.ts';
import { type OpenSocket, type WatchedSocket, watchSocket } from './socket-face.ts';

/** Makes the origin port of a stream over WebSockets; with `moved`, an address that sends callers elsewhere is followed. */
export const createOriginSocket = (
  open: OpenSocket,
  place: StreamPlace,
  events: OriginEvents,
  moved?: FindMoved,
): OriginPort => {
  let socket: WatchedSocket | undefined;
  let attempt = 0;
  const connect = (address: string, ended: (hasOpened: boolean, code: number, reason: string) => void): void => {
    let hasOpened = false;
    socket = watchSocket(open, socketAddress(address), {
      opened: () => {
        hasOpened = true;
        events.opened();
      },
      message(data) {
        if (data instanceof ArrayBuffer) {
          events.frame(new Uint8Array(data));
          return;
        }
        socket?.drop();
        events.closed('origin/bad-frame', 0);
      },
      closed: (code, reason) => ended(hasOpened, code, reason),
    });
  };
  const close = (): void => {
    attempt += 1;
    socket?.drop();
    socket = undefined;
  };
  const tellClosed = (code: number, reason: string): void =>
    events.closed(causeOfClose(code) ?? 'origin/unreachable', waitOfClose(reason));
  return {
    open(opening) {
      close();
      const mine = attempt;
      const address = piecesAddress(place, opening);
      connect(address, (hasOpened, code, reason) => {
        if (hasOpened || moved === undefined || causeOfClose(code) !== undefined) return tellClosed(code, reason);
        void moved(address).then((elsewhere) => {
          if (mine !== attempt) return;
          if (elsewhere === undefined) tellClosed(code, reason);
          else connect(elsewhere, (_, later, why) => tellClosed(later, why));
        });
      });
    },
    send(bytes) {
      socket?.send(bytes);
    },
    close,
  };
};
