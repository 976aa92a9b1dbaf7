/**
 * WebSocket where it works, HTTP where it does not: after two sockets in a row that could not even be opened, the next
 * openings use plain HTTP, until that fails as well.
 */
import type { OriginEvents, OriginPort } from '../viewer/ports.ts';

/** How to make each kind of origin port. */
export interface OriginKinds {
  socket(events: OriginEvents): OriginPort;
  http(events: OriginEvents): OriginPort;
}

const SOCKET_FAILURES = 2;

/** Makes an origin port that picks its transport at each opening. */
export const createOriginChoice = (kinds: OriginKinds, events: OriginEvents): OriginPort => {
  let failures = 0;
  let hasOpened = false;
  const watching = (failed: () => void): OriginEvents => ({
    opened() {
      hasOpened = true;
      events.opened();
    },
    frame: (bytes) => events.frame(bytes),
    closed(code, retryAfterMs) {
      if (!hasOpened && code === 'origin/unreachable') failed();
      events.closed(code, retryAfterMs);
    },
  });
  const socket = kinds.socket(
    watching(() => {
      failures += 1;
    }),
  );
  const http = kinds.http(
    watching(() => {
      failures = 0;
    }),
  );
  let port = socket;
  return {
    open(opening) {
      port.close();
      port = failures < SOCKET_FAILURES ? socket : http;
      hasOpened = false;
      port.open(opening);
    },
    send: (bytes) => port.send(bytes),
    close: () => port.close(),
  };
};
