/**
 * Opens the origin's connection before the viewer that will use it exists: the byte core takes as long to start as the
 * first pieces take to arrive, and both can happen at once. What arrives meanwhile is kept, up to a limit.
 */
import type { OriginEvents, OriginOpening, OriginPort } from '../viewer/ports.ts';

/** Makes an origin port. */
export type MakeOrigin = (events: OriginEvents) => OriginPort;

const KEPT_BYTES_MAX = 4 * 1024 * 1024;

type State = 'early' | 'adopted';

/** A connection that waits for its viewer. */
export class EarlyOrigin {
  readonly #port: OriginPort;
  readonly #opening: OriginOpening;
  #state: State = 'early';
  #kept: ((events: OriginEvents) => void)[] = [];
  #keptBytes = 0;
  #events: OriginEvents | undefined;

  constructor(make: MakeOrigin, opening: OriginOpening) {
    this.#opening = opening;
    this.#port = make({
      opened: () => this.#pass((events) => events.opened(), 0),
      frame: (bytes) => this.#pass((events) => events.frame(bytes), bytes.length),
      closed: (code, retryAfterMs) => this.#pass((events) => events.closed(code, retryAfterMs), 0),
    });
    this.#port.open(opening);
  }

  /** The viewer's port. Its first `open` takes over what is there, if it asks for the same. */
  adopt(events: OriginEvents): OriginPort {
    this.#events = events;
    return {
      open: (opening) => this.#open(opening),
      send: (bytes) => this.#port.send(bytes),
      close: () => this.close(),
    };
  }

  /** Lets go without an event. */
  close(): void {
    this.#state = 'adopted';
    this.#kept = [];
    this.#port.close();
  }

  #open(opening: OriginOpening): void {
    const isOurs = this.#state === 'early' && sameOpening(opening, this.#opening);
    this.#state = 'adopted';
    if (!isOurs) {
      this.#kept = [];
      this.#port.open(opening);
      return;
    }
    // Events never come inside a call of the viewer's own.
    queueMicrotask(() => {
      for (const tell of this.#kept.splice(0)) if (this.#events !== undefined) tell(this.#events);
    });
  }

  #pass(tell: (events: OriginEvents) => void, bytes: number): void {
    if (this.#state === 'adopted' && this.#events !== undefined && this.#kept.length === 0) {
      tell(this.#events);
      return;
    }
    this.#kept.push(tell);
    this.#keptBytes += bytes;
    if (this.#keptBytes <= KEPT_BYTES_MAX) return;
    // A core that takes this long starts over at the keyframe of its own time.
    this.close();
  }
}

const sameOpening = (a: OriginOpening, b: OriginOpening): boolean =>
  a.mask >>> 0 === b.mask >>> 0 && a.from === b.from && a.credentials === b.credentials && a.code === b.code;
