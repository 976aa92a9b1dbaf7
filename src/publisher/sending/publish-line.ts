/**
 * One connection to the server that takes the stream: what was sent on it, what has arrived, and how it ended.
 */
import { type OpenSocket, type WatchedSocket, watchSocket } from '../../carrier/socket-face.ts';
import type { ErrorCode } from '../../errors.ts';
import { decodePublishAnswer, encodePublish } from '../../wire/publish.ts';

/** What comes along; nothing after `closed`. */
export interface LineEvents {
  /** Bytes may be sent. */
  accepted(): void;
  /** More has arrived. */
  progressed(): void;
  /** `publish/unreachable` for a line that broke, else the server's reason. */
  closed(code: ErrorCode): void;
}

interface Mark {
  /** Bytes sent when this tag was. */
  readonly bytes: number;
  readonly ms: number;
}

/** See above. */
export class PublishLine {
  /** The newest prelude that was sent on it, without its time; undefined before the first. */
  said: Uint8Array | undefined;
  readonly #socket: WatchedSocket;
  #state: 'asking' | 'accepted' = 'asking';
  /** Sent and not known to have arrived. */
  #marks: Mark[] = [];
  #sent = 0;
  #arrived = 0;
  #arrivedMs: number | undefined;

  constructor(open: OpenSocket, address: string, events: LineEvents) {
    let refusal: ErrorCode = 'publish/unreachable';
    this.#socket = watchSocket(open, address, {
      // The server speaks first.
      opened: () => undefined,
      message: (data) => {
        const answer = typeof data === 'string' ? decodePublishAnswer(data) : undefined;
        switch (answer?.kind) {
          case 'accepted':
            this.#state = 'accepted';
            return events.accepted();
          case 'received':
            this.#progress(answer.bytes);
            return events.progressed();
          case 'refused':
            refusal = answer.code;
            return;
          default:
            this.#socket.drop();
            events.closed('publish/bad-message');
        }
      },
      closed: () => events.closed(refusal),
    });
  }

  /** Whether bytes may be sent. */
  get isAccepted(): boolean {
    return this.#state === 'accepted';
  }

  /** Bytes that have arrived. */
  get arrived(): number {
    return this.#arrived;
  }

  /** Bytes that were sent and are not known to have arrived. */
  get underWay(): number {
    return this.#sent - this.#arrived;
  }

  /** Time of the last tag that has arrived, ms; undefined before the first. */
  get arrivedMs(): number | undefined {
    return this.#arrivedMs;
  }

  /** Time of the oldest tag that is not known to have arrived, ms. */
  get oldestMs(): number | undefined {
    return this.#marks[0]?.ms;
  }

  send(bytes: Uint8Array<ArrayBuffer>, ms: number): void {
    if (!this.#socket.send(bytes)) return;
    this.#sent += bytes.length;
    this.#marks.push({ bytes: this.#sent, ms });
  }

  /** Ends the stream in good order; the server closes. */
  finish(): void {
    this.#socket.send(encodePublish({ kind: 'finish' }));
  }

  /** Closes without an event. */
  drop(): void {
    this.#socket.drop();
  }

  #progress(arrived: number): void {
    // A server cannot have more than was sent.
    this.#arrived = Math.min(this.#sent, Math.max(this.#arrived, arrived));
    const waiting = this.#marks.findIndex((mark) => mark.bytes > this.#arrived);
    const there = this.#marks.splice(0, waiting < 0 ? this.#marks.length : waiting);
    this.#arrivedMs = there.at(-1)?.ms ?? this.#arrivedMs;
  }
}
