/**
 * The way to a room: one WebSocket, asks and their answers by number, and what is told unasked.
 */
import { type OpenSocket, type WatchedSocket, watchSocket } from '../carrier/socket-face.ts';
import { type ErrorCode, ShoalError } from '../errors.ts';
import { decodeRoomAnswer, encodeRoom, type RoomAnswer, type RoomRequest } from '../wire/room.ts';
import type { Timing } from './sending/timing.ts';

type Reply = Extract<RoomAnswer, { readonly ask: number }>;
/** What is told without having been asked. */
export type RoomNews = Exclude<RoomAnswer, Reply>;

/** Which answer an ask has. */
interface ReplyKinds {
  enter: 'entered';
  leave: 'left';
  open: 'opened';
  close: 'closed';
  'start-push': 'pushed';
  'stop-push': 'push-stopped';
  'start-record': 'record-started';
  'stop-record': 'record-stopped';
  'take-screenshot': 'screenshot';
}

/** An ask without its number. */
export type Ask<Kind extends keyof ReplyKinds> = Omit<Extract<RoomRequest, { readonly kind: Kind }>, 'ask'>;
/** The answer to an ask. */
export type ReplyTo<Kind extends keyof ReplyKinds> = Extract<Reply, { readonly kind: ReplyKinds[Kind] }>;

const KINDS: Readonly<{ [Kind in keyof ReplyKinds]: ReplyKinds[Kind] }> = {
  enter: 'entered',
  leave: 'left',
  open: 'opened',
  close: 'closed',
  'start-push': 'pushed',
  'stop-push': 'push-stopped',
  'start-record': 'record-started',
  'stop-record': 'record-stopped',
  'take-screenshot': 'screenshot',
};

/** What happens to a line; nothing after `closed`. */
export interface RoomLineEvents {
  news(news: RoomNews): void;
  closed(code: ErrorCode): void;
}

interface Waiting {
  readonly kind: ReplyKinds[keyof ReplyKinds];
  readonly timer: { cancel(): void };
  settle(reply: Reply | ShoalError): void;
}

/** A recording is finished before it is answered. */
const ANSWER_WITHIN_MS = 30_000;

/** See above. */
export class RoomLine {
  readonly #socket: WatchedSocket;
  readonly #timing: Timing;
  readonly #events: RoomLineEvents;
  readonly #waiting = new Map<number, Waiting>();
  /** Resolves when it is open; rejects with `publish/unreachable`. */
  readonly opened: Promise<void>;
  #next = 1;
  #state: 'open' | 'closed' = 'open';

  constructor(open: OpenSocket, address: string, timing: Timing, events: RoomLineEvents) {
    this.#timing = timing;
    this.#events = events;
    let settle: { resolve(): void; reject(error: ShoalError): void } | undefined;
    this.opened = new Promise((resolve, reject) => {
      settle = { resolve, reject };
    });
    // Whoever does not wait for it hears of the end by `closed`.
    this.opened.catch(() => undefined);
    this.#socket = watchSocket(open, address, {
      opened: () => settle?.resolve(),
      message: (data) => this.#hear(data),
      closed: () => {
        settle?.reject(new ShoalError('publish/unreachable'));
        this.#end('publish/unreachable');
      },
    });
  }

  /** Asks, and resolves with the answer; rejects with the server's reason. */
  ask<Kind extends keyof ReplyKinds>(request: Ask<Kind> & { readonly kind: Kind }): Promise<ReplyTo<Kind>> {
    return new Promise((resolve, reject) => {
      if (this.#state === 'closed') return reject(new ShoalError('publish/unreachable', { detail: request.kind }));
      const ask = this.#next++;
      const settle = (reply: Reply | ShoalError): void => {
        timer.cancel();
        this.#waiting.delete(ask);
        if (reply instanceof ShoalError) reject(reply);
        else resolve(reply as ReplyTo<Kind>);
      };
      const late = (): void => settle(new ShoalError('publish/unreachable', { detail: `${request.kind}: no answer` }));
      const timer = this.#timing.after(ANSWER_WITHIN_MS, late);
      this.#waiting.set(ask, { kind: KINDS[request.kind], timer, settle });
      this.#socket.send(encodeRoom({ ...request, ask } as unknown as RoomRequest));
    });
  }

  /** Closes without an event; what waits for an answer gets none. */
  drop(): void {
    this.#socket.drop();
    this.#bury(new ShoalError('room/not-entered'));
  }

  #hear(data: unknown): void {
    const answer = typeof data === 'string' ? decodeRoomAnswer(data) : undefined;
    if (answer === undefined || answer.kind === 'fault') {
      this.#socket.drop();
      return this.#end('room/bad-message');
    }
    if (!('ask' in answer)) return this.#events.news(answer);
    const waiting = this.#waiting.get(answer.ask);
    if (answer.kind === 'failed') {
      const { code, detail } = answer;
      waiting?.settle(new ShoalError(code, detail === '' ? {} : { detail }));
    } else {
      waiting?.settle(
        answer.kind === waiting.kind ? answer : new ShoalError('room/bad-message', { detail: answer.kind }),
      );
    }
  }

  #end(code: ErrorCode): void {
    if (this.#state === 'closed') return;
    this.#bury(new ShoalError(code));
    this.#events.closed(code);
  }

  #bury(error: ShoalError): void {
    this.#state = 'closed';
    for (const { settle } of [...this.#waiting.values()]) settle(error);
  }
}
