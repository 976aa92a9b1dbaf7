/**
 * The piece socket: one WebSocket to the origin for a viewer's whole life, used from the first frame. One binary
 * message is one frame.
 */
import type { OriginEvents, OriginPort } from '../viewer/ports.ts';
import { causeOfClose, waitOfClose } from '../wire/close.ts';
import { piecesAddress, type StreamPlace, socketAddress } from './origin-address.ts';
import { type OpenSocket, type WatchedSocket, watchSocket } from './socket-face.ts';

/** Makes the origin port of a stream over WebSockets. */
export const createOriginSocket = (open: OpenSocket, place: StreamPlace, events: OriginEvents): OriginPort => {
  let socket: WatchedSocket | undefined;
  return {
    open(opening) {
      socket?.drop();
      socket = watchSocket(open, socketAddress(piecesAddress(place, opening)), {
        opened: () => events.opened(),
        message(data) {
          if (data instanceof ArrayBuffer) {
            events.frame(new Uint8Array(data));
            return;
          }
          socket?.drop();
          events.closed('origin/bad-frame', 0);
        },
        closed: (code, reason) => events.closed(causeOfClose(code) ?? 'origin/unreachable', waitOfClose(reason)),
      });
    },
    send(bytes) {
      socket?.send(bytes);
    },
    close() {
      socket?.drop();
      socket = undefined;
    },
  };
};
