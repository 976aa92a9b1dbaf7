// Where everything that is pushed comes in, whatever it came by: who may publish is asked here, a stream has one publisher
// at a time, and what a publisher may send is limited. A way in (RTMP, WebSocket, an agent) calls `open` once and then
// hands over FLV bytes; the origin takes them as the source of the stream; whoever wants to know of publishers watches.

import { Bucket } from '../../../src/core/kit/bucket.ts';
import type { ErrorCode } from '../../../src/errors.ts';
import type { Clock, Timer } from '../clock.ts';
import { isStreamPath } from '../http/stream-path.ts';
import type { Log } from '../log.ts';
import type { StartSource } from '../sources/source.ts';
import { Attempts } from './attempts.ts';
import { type PublishEnd, PublishEvents, type PublishFacts, type PublishObserver } from './publish-events.ts';
import { PublishedBytes } from './published-source.ts';

/** What a way in says of somebody who wants to publish. */
export interface PublishRequest {
  /** Path of the stream, such as `/live/door`. */
  readonly path: string;
  /** The query the publisher gave, with its `key`. */
  readonly credentials: string;
  readonly ip: string;
  /** How it came: `rtmp`, `websocket`, `agent`, ... */
  readonly via: string;
  /** The publisher has to go: it is told why, and its connection is closed. Called at most once, never after `end`. */
  dismissed(cause: PublishRefusal): void;
}

/** Why somebody may not publish, or not any longer. */
export type PublishRefusal = Extract<ErrorCode, `publish/${string}` | 'origin/overloaded'>;

/** Somebody who publishes. */
export interface Publishing extends PublishFacts {
  /** FLV bytes, beginning with a file header; they may end anywhere. They are kept: never reuse the buffer. */
  bytes(chunk: Uint8Array): void;
  /** The publisher has said that it is done, or its connection broke. Harmless when it has been dismissed. */
  end(how: 'finished' | 'lost'): void;
}

/** Says whether a key, or whoever decides, lets a publisher in. */
export type MayPublish = (request: PublishRequest) => Promise<boolean>;

/** What the desk works with. */
export interface PublishDeskParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly mayPublish: MayPublish;
  /** Whether one more stream fits, or this one runs already. */
  readonly room: (path: string) => boolean;
  /** Whether the path has a source that is not a publisher's to replace. */
  readonly hasOwnSource: (path: string) => boolean;
  /** What becomes of a second publisher of a stream. */
  readonly second: 'refuse' | 'take-over';
  /** Most a publisher may send, bytes a second, averaged over a few seconds. */
  readonly byteRateMax: number;
  /** A publisher that sends nothing for so long is dismissed. */
  readonly silenceMs: number;
}

/** Publishers may send this many seconds of their limit at once: keyframes, and what a phone held back in a tunnel. */
const BURST_SECONDS = 8;

/** See above. */
export class PublishDesk {
  readonly #parts: PublishDeskParts;
  readonly #events: PublishEvents;
  readonly #publishers = new Map<string, Publisher>();
  readonly #attempts: Attempts;
  #next = 1;

  constructor(parts: PublishDeskParts) {
    this.#parts = parts;
    this.#events = new PublishEvents(parts.log);
    this.#attempts = new Attempts(parts.clock);
  }

  /** Tells an observer of every publisher that begins and ends from now on; the answer stops that. */
  watch(observer: PublishObserver): () => void {
    return this.#events.watch(observer);
  }

  /** Who publishes now. */
  all(): readonly PublishFacts[] {
    return [...this.#publishers.values()];
  }

  /** Whether a stream has a publisher. */
  has(path: string): boolean {
    return this.#publishers.has(path);
  }

  /** The bytes of a stream's publisher as a source, or undefined when nobody publishes it. */
  sourceOf(path: string): StartSource | undefined {
    const publisher = this.#publishers.get(path);
    return publisher === undefined ? undefined : (events, query) => publisher.source(events, query);
  }

  /** Lets somebody publish, or says why not. */
  async open(request: PublishRequest): Promise<Publishing | PublishRefusal> {
    const { mayPublish, hasOwnSource, room, second } = this.#parts;
    if (!isStreamPath(request.path)) return 'publish/bad-path';
    if (!this.#attempts.take(request.ip)) return 'origin/overloaded';
    if (!(await mayPublish(request))) return 'publish/refused';
    if (hasOwnSource(request.path)) return 'publish/taken';
    const before = this.#publishers.get(request.path);
    if (before !== undefined && second === 'refuse') return 'publish/taken';
    if (!room(request.path)) return 'origin/overloaded';
    before?.dismiss('publish/taken-over');
    return this.#begin(request);
  }

  /** Makes the publisher of a stream go; false when there is none. */
  dismiss(path: string, cause: PublishRefusal): boolean {
    const publisher = this.#publishers.get(path);
    publisher?.dismiss(cause);
    return publisher !== undefined;
  }

  /** Makes all of them go: the server closes. */
  close(): void {
    for (const publisher of [...this.#publishers.values()]) publisher.dismiss('publish/server-closing');
  }

  #begin(request: PublishRequest): Publishing {
    const publisher = new Publisher(this.#next++, request, this.#parts, {
      over: () => this.#publishers.delete(request.path),
      told: (how) => this.#events.ended({ publisher, how, durationMs: this.#parts.clock.wall() - publisher.beganMs }),
    });
    this.#publishers.set(request.path, publisher);
    this.#events.began(publisher);
    return publisher;
  }
}

type How = PublishEnd['how'];

/** The end of a publisher for its desk: at once, and when its stream has had the last bytes. */
interface PublisherEnds {
  over(): void;
  told(how: How): void;
}

class Publisher implements Publishing {
  readonly path: string;
  readonly via: string;
  readonly ip: string;
  readonly credentials: string;
  readonly beganMs: number;
  readonly #request: PublishRequest;
  readonly #parts: PublishDeskParts;
  readonly #ends: PublisherEnds;
  readonly #rate: Bucket;
  readonly #bytes: PublishedBytes;
  #received = 0;
  #heardAt: number;
  #silence: Timer;
  #state: 'publishing' | 'over' = 'publishing';

  constructor(
    readonly id: number,
    request: PublishRequest,
    parts: PublishDeskParts,
    ends: PublisherEnds,
  ) {
    this.#request = request;
    this.#parts = parts;
    this.#ends = ends;
    this.path = request.path;
    this.via = request.via;
    this.ip = request.ip;
    this.credentials = request.credentials;
    this.beganMs = parts.clock.wall();
    this.#rate = new Bucket(parts.byteRateMax, parts.byteRateMax * BURST_SECONDS);
    this.#bytes = new PublishedBytes(() => this.dismiss('publish/bad-stream'));
    this.#heardAt = parts.clock.now();
    this.#silence = this.#listen(parts.silenceMs);
  }

  get receivedBytes(): number {
    return this.#received;
  }

  source: StartSource = (events) => this.#bytes.start(events);

  bytes(chunk: Uint8Array): void {
    if (this.#state === 'over' || chunk.length === 0) return;
    const now = this.#parts.clock.now();
    this.#heardAt = now;
    this.#received += chunk.length;
    if (!this.#rate.take(now, chunk.length)) return this.dismiss('publish/too-fast');
    this.#bytes.push(chunk);
  }

  end(how: 'finished' | 'lost'): void {
    this.#finish(how);
  }

  dismiss(cause: PublishRefusal): void {
    if (this.#finish(cause)) this.#request.dismissed(cause);
  }

  #finish(how: How): boolean {
    if (this.#state === 'over') return false;
    this.#state = 'over';
    this.#silence.cancel();
    this.#ends.over();
    this.#bytes.over(how === 'finished');
    this.#ends.told(how);
    return true;
  }

  /** One timer, armed anew when it rings, instead of one per packet. */
  #listen(ms: number): Timer {
    return this.#parts.clock.after(ms, () => {
      const left = this.#heardAt + this.#parts.silenceMs - this.#parts.clock.now();
      if (left > 0) this.#silence = this.#listen(left);
      else this.dismiss('publish/silent');
    });
  }
}
