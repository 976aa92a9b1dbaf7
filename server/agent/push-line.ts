// Carries a live feed to an origin: one WebSocket, FLV from a keyframe on. What the origin has not received yet is bounded:
// on a line that is too slow the feed goes on at a later keyframe instead of falling behind.

import { type OpenSocket, type WatchedSocket, watchSocket } from '../../src/carrier/socket-face.ts';
import type { ErrorCode } from '../../src/errors.ts';
import { PUBLISH_MESSAGE_BYTES_MAX } from '../../src/wire/limits.ts';
import { decodePublishAnswer, encodePublish } from '../../src/wire/publish.ts';
import type { LiveFeed, LiveViewer } from './live-feed.ts';

/** What becomes of it; nothing after `ended`. */
export interface PushEvents {
  /** The origin takes the stream. */
  accepted(): void;
  /** It does not, or not any longer. `source/outage`: the camera itself has no picture. */
  ended(code: ErrorCode): void;
}

/** What it is made of. */
export interface PushParts {
  readonly openSocket: OpenSocket;
  /** `ws(s)://<origin>/publish/<path>?key=...` */
  readonly address: string;
  readonly feed: LiveFeed;
}

/** No more than one message can hold, so that whatever waits can be sent at once. */
const UNDER_WAY_BYTES_MAX = PUBLISH_MESSAGE_BYTES_MAX;
/** Length of an FLV file header and the empty tag size after it. */
const FILE_HEADER_BYTES = 13;

/** A push as its owner knows it. */
export interface Push {
  /** Ends the stream in good order, without an event. */
  finish(): void;
}

/** One push, over one connection. */
export class PushLine implements Push {
  readonly #parts: PushParts;
  readonly #events: PushEvents;
  readonly #socket: WatchedSocket;
  readonly #viewer: LiveViewer;
  #state: 'opening' | 'pushing' | 'over' = 'opening';
  #leave: () => void = () => undefined;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #sent = 0;
  #received = 0;

  constructor(parts: PushParts, events: PushEvents) {
    this.#parts = parts;
    this.#events = events;
    this.#viewer = {
      tags: (flv) => this.#take(flv),
      ended: (why) => {
        if (why === 'ended') this.#socket.send(encodePublish({ kind: 'finish' }));
        this.#end(why === 'ended' ? 'publish/stopped' : 'source/outage');
      },
    };
    this.#socket = watchSocket(parts.openSocket, parts.address, {
      opened: () => undefined,
      message: (data) => this.#hear(data),
      closed: () => this.#end('publish/unreachable'),
    });
  }

  /** Ends the stream in good order, without an event. */
  finish(): void {
    if (this.#state === 'over') return;
    if (this.#state === 'pushing') {
      this.#flush();
      this.#socket.send(encodePublish({ kind: 'finish' }));
    }
    this.#stop();
  }

  #hear(data: unknown): void {
    const answer = typeof data === 'string' ? decodePublishAnswer(data) : undefined;
    switch (answer?.kind) {
      case 'accepted':
        if (this.#state !== 'opening') return;
        this.#state = 'pushing';
        this.#leave = this.#parts.feed.join(this.#viewer);
        this.#events.accepted();
        return;
      case 'received':
        this.#received = Math.min(this.#sent, answer.bytes);
        return;
      case 'refused':
        return this.#end(answer.code);
      default:
        return this.#end('publish/bad-message');
    }
  }

  #take(flv: Uint8Array): void {
    if (this.#state === 'over') return;
    // A publisher sends one file: what a viewer is told by another header, the origin finds out from the keyframe.
    if (flv.length === FILE_HEADER_BYTES && this.#sent > 0) return;
    if (this.#sent - this.#received + this.#waitingBytes + flv.length > UNDER_WAY_BYTES_MAX) {
      this.#waiting = [];
      this.#waitingBytes = 0;
      this.#parts.feed.skip(this.#viewer);
      return;
    }
    this.#waiting.push(flv);
    this.#waitingBytes += flv.length;
    if (this.#waiting.length === 1) queueMicrotask(() => this.#flush());
  }

  /** All tags of one read of the source go up together. */
  #flush(): void {
    if (this.#state !== 'pushing' || this.#waiting.length === 0) return;
    const batch = new Uint8Array(Buffer.concat(this.#waiting));
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (this.#socket.send(batch)) this.#sent += batch.length;
  }

  #end(code: ErrorCode): void {
    if (this.#state === 'over') return;
    this.#stop();
    this.#events.ended(code);
  }

  #stop(): void {
    this.#state = 'over';
    this.#leave();
    this.#socket.drop();
  }
}
