// What is told of publishers: that one began, and that it ended, each exactly once and in this order for one `id`.

import type { Log } from '../log.ts';

/** What is known of a publisher. */
export interface PublishFacts {
  /** Counts up from 1 within a process. */
  readonly id: number;
  readonly path: string;
  /** How it came: `rtmp`, `websocket`, `agent`, ... */
  readonly via: string;
  readonly ip: string;
  /** The query it published with; it may hold its key. */
  readonly credentials: string;
  /** Unix time, ms. */
  readonly beganMs: number;
  /** Bytes it has sent so far. */
  readonly receivedBytes: number;
}

/** The end of a publisher. */
export interface PublishEnd {
  readonly publisher: PublishFacts;
  /** `finished` as it said itself, `lost` with its connection, or the code it was dismissed with. */
  readonly how: 'finished' | 'lost' | `publish/${string}` | 'origin/overloaded';
  readonly durationMs: number;
}

/** Somebody who wants to know. It is called at once, so that a stream that has begun can be tapped from its first tag. */
export interface PublishObserver {
  began(publisher: PublishFacts): void;
  ended(end: PublishEnd): void;
}

/** Observers in the order in which they came; one that throws harms nobody. */
export class PublishEvents {
  readonly #log: Log;
  readonly #observers = new Set<PublishObserver>();

  constructor(log: Log) {
    this.#log = log;
  }

  watch(observer: PublishObserver): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  began(publisher: PublishFacts): void {
    const { id, path, via, ip } = publisher;
    this.#log.write('info', 'publish-began', { id, stream: path, via, ip });
    this.#tell((observer) => observer.began(publisher));
  }

  ended(end: PublishEnd): void {
    const { id, path, receivedBytes } = end.publisher;
    const { how, durationMs } = end;
    this.#log.write('info', 'publish-ended', { id, stream: path, how, durationMs, receivedBytes });
    this.#tell((observer) => observer.ended(end));
  }

  #tell(say: (observer: PublishObserver) => void): void {
    for (const observer of [...this.#observers]) {
      try {
        say(observer);
      } catch (cause) {
        this.#log.write('error', 'observer-failed', { cause: String(cause) });
      }
    }
  }
}
