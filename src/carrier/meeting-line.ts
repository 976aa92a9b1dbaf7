/**
 * The way to a meeting place: one WebSocket with its messages checked. It does not reconnect; that is its owner's decision.
 */
import type { ErrorCode } from '../errors.ts';
import { decodeMeetingAnswer, encodeMeeting, type MeetingAnswer, type MeetingRequest } from '../wire/device.ts';
import { type OpenSocket, type WatchedSocket, watchSocket } from './socket-face.ts';

/** What comes along; nothing after `closed`. */
export interface MeetingEvents {
  answer(answer: MeetingAnswer): void;
  closed(code: ErrorCode): void;
}

/** An opened line. */
export interface MeetingLine {
  say(request: MeetingRequest): void;
  /** Closes without an event. */
  close(): void;
}

/** Opens one. */
export const openMeeting = (open: OpenSocket, address: string, events: MeetingEvents): MeetingLine => {
  const socket: WatchedSocket = watchSocket(open, address, {
    // The meeting place speaks first.
    opened: () => undefined,
    message(data) {
      const answer = typeof data === 'string' ? decodeMeetingAnswer(data) : undefined;
      if (answer !== undefined && answer.kind !== 'fault') return events.answer(answer);
      socket.drop();
      events.closed('device/bad-message');
    },
    closed: () => events.closed('device/meeting-lost'),
  });
  return { say: (request) => void socket.send(encodeMeeting(request)), close: () => socket.drop() };
};
