/**
 * The tracker socket: JSON texts over one WebSocket. Its address may become known later than the viewer starts, so it
 * is asked for at each opening.
 */
import type { TrackerEvents, TrackerPort } from '../viewer/ports.ts';
import { causeOfClose } from '../wire/close.ts';
import { type OpenSocket, type WatchedSocket, watchSocket } from './socket-face.ts';

/** Says the tracker's address, or undefined when there is none. */
export type FindTracker = () => Promise<string | undefined>;

/** A tracker's address with the stream in it: by that an access layer finds the node which has the stream. */
export const trackerOfStream = (address: string, path: string): string => {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || url.searchParams.has('stream')) return address;
  // Written as it is, not encoded: nginx compares it with the path of a request.
  url.search = `${url.search === '' ? '?' : `${url.search}&`}stream=${path}`;
  return url.href;
};

/** Makes the tracker port. */
export const createTrackerSocket = (open: OpenSocket, find: FindTracker, events: TrackerEvents): TrackerPort => {
  let socket: WatchedSocket | undefined;
  let attempt = 0;
  const connect = (address: string): void => {
    socket = watchSocket(open, address, {
      opened: () => events.opened(),
      message(data) {
        if (typeof data === 'string') {
          events.said(data);
          return;
        }
        socket?.drop();
        events.closed('tracker/bad-message');
      },
      closed: (code) => events.closed(causeOf(code)),
    });
  };
  const close = (): void => {
    attempt += 1;
    socket?.drop();
    socket = undefined;
  };
  return {
    open() {
      close();
      const mine = attempt;
      find().then(
        (address) => {
          if (mine !== attempt) return;
          if (address === undefined) events.closed('tracker/unreachable');
          else connect(address);
        },
        () => {
          if (mine === attempt) events.closed('tracker/unreachable');
        },
      );
    },
    send(text) {
      socket?.send(text);
    },
    close,
  };
};

const causeOf = (code: number) => causeOfClose(code) ?? 'tracker/unreachable';
