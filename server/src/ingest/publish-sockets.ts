// Publishers that come by WebSocket, as pages do: FLV comes in, what has arrived is acknowledged so that a publisher sees
// how far it is behind, and whoever is refused is told why before the connection closes.

import type { IncomingMessage } from 'node:http';
import { Bucket } from '../../../src/core/kit/bucket.ts';
import type { ErrorCode } from '../../../src/errors.ts';
import { PUBLISH_BURST, PUBLISH_RATE, PUBLISHERS_PER_ADDRESS_MAX } from '../../../src/wire/limits.ts';
import { decodePublishRequest, encodePublish, isSession, SESSION_QUERY } from '../../../src/wire/publish.ts';
import type { Clock, Timer } from '../clock.ts';
import { addressOf } from '../http/respond.ts';
import type { ServerSocket, SocketEvents } from '../sockets.ts';
import type { PublishDesk, Publishing } from './publish-desk.ts';

/** What a publisher asked for with its upgrade. */
export interface PublishAsk {
  /** Path of the stream. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly request: IncomingMessage;
}

/** What they work with. */
export interface PublishSocketsParts {
  readonly clock: Clock;
  readonly desk: Pick<PublishDesk, 'open' | 'dismiss'>;
  /** Publishers of one address; the limit of the protocol unless given. */
  readonly perAddressMax?: number;
}

/** How often what has arrived is acknowledged, ms. */
const ACKNOWLEDGE_MS = 100;

/** See above. */
export class PublishSockets {
  readonly #parts: PublishSocketsParts;
  readonly #perAddress = new Map<string, number>();
  /** The session of whoever publishes a path by WebSocket. */
  readonly #sessions = new Map<string, { readonly session: string; readonly line: PublishLine }>();

  constructor(parts: PublishSocketsParts) {
    this.#parts = parts;
  }

  /** Serves one socket. */
  accept(socket: ServerSocket, ask: PublishAsk): SocketEvents {
    const address = addressOf(ask.request);
    const there = this.#perAddress.get(address) ?? 0;
    const line = new PublishLine(socket, this.#parts.clock);
    this.#perAddress.set(address, there + 1);
    if (there >= (this.#parts.perAddressMax ?? PUBLISHERS_PER_ADDRESS_MAX)) line.refuse('publish/too-many');
    else void this.#open(line, ask, address);
    return {
      text: (text) => line.text(text),
      binary: (bytes) => line.binary(bytes),
      closed: () => {
        this.#leave(address);
        line.closed();
      },
    };
  }

  async #open(line: PublishLine, { path, query }: PublishAsk, ip: string): Promise<void> {
    const session = query.get(SESSION_QUERY) ?? '';
    const known = this.#sessions.get(path);
    // Who was cut off may be back before its old connection is known to be dead.
    if (isSession(session) && known?.session === session) this.#parts.desk.dismiss(path, 'publish/taken-over');
    const credentials = new URLSearchParams(query);
    credentials.delete(SESSION_QUERY);
    const answer = await this.#parts.desk.open({
      path,
      credentials: credentials.toString(),
      ip,
      via: 'websocket',
      dismissed: (cause) => line.refuse(cause),
    });
    if (typeof answer === 'string') return line.refuse(answer);
    const entry = { session, line };
    this.#sessions.set(path, entry);
    line.begin(answer, () => {
      if (this.#sessions.get(path) === entry) this.#sessions.delete(path);
    });
  }

  #leave(address: string): void {
    const left = (this.#perAddress.get(address) ?? 1) - 1;
    if (left === 0) this.#perAddress.delete(address);
    else this.#perAddress.set(address, left);
  }
}

type State =
  | { readonly name: 'asking' }
  | { readonly name: 'publishing'; readonly publishing: Publishing; readonly over: () => void }
  | { readonly name: 'over' };

/** One publisher's connection. */
class PublishLine {
  readonly #socket: ServerSocket;
  readonly #clock: Clock;
  readonly #rate = new Bucket(PUBLISH_RATE, PUBLISH_BURST);
  #state: State = { name: 'asking' };
  #received = 0;
  #acknowledging: Timer | undefined;

  constructor(socket: ServerSocket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
  }

  /** It is let in; `over` is called when it publishes no longer. */
  begin(publishing: Publishing, over: () => void): void {
    if (this.#state.name !== 'asking') {
      over();
      return publishing.end('lost');
    }
    this.#state = { name: 'publishing', publishing, over };
    this.#socket.sendText(encodePublish({ kind: 'accepted' }));
  }

  /** Says why and closes. */
  refuse(code: ErrorCode): void {
    if (this.#state.name === 'over') return;
    this.#finish('lost');
    this.#socket.sendText(encodePublish({ kind: 'refused', code }));
    this.#socket.close(undefined, 0);
  }

  text(text: string): void {
    if (!this.#mayGoOn()) return;
    if (decodePublishRequest(text).kind !== 'finish') return this.refuse('publish/bad-message');
    this.#finish('finished');
    this.#socket.close(undefined, 0);
  }

  binary(bytes: Buffer): void {
    if (!this.#mayGoOn()) return;
    if (this.#state.name !== 'publishing') return this.refuse('publish/bad-message');
    this.#received += bytes.length;
    this.#state.publishing.bytes(bytes);
    this.#acknowledging ??= this.#clock.after(ACKNOWLEDGE_MS, () => this.#acknowledge());
  }

  closed(): void {
    this.#finish('lost');
  }

  #mayGoOn(): boolean {
    if (this.#state.name === 'over') return false;
    if (this.#rate.take(this.#clock.now())) return true;
    this.refuse('publish/too-fast');
    return false;
  }

  #acknowledge(): void {
    this.#acknowledging = undefined;
    if (this.#state.name === 'publishing') {
      this.#socket.sendText(encodePublish({ kind: 'received', bytes: this.#received }));
    }
  }

  #finish(how: 'finished' | 'lost'): void {
    const before = this.#state;
    this.#state = { name: 'over' };
    this.#acknowledging?.cancel();
    if (before.name !== 'publishing') return;
    before.over();
    before.publishing.end(how);
  }
}
