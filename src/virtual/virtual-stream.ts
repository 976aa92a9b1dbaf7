/**
 * One stream behind virtual addresses: its source, what newcomers need first, and its readers.
 */
import { ShoalError } from '../errors.ts';
import type { Sharing } from '../player/options.ts';
import { type Flow, type FlvSource, type FlvSourceEvents, NO_FLOW, type OpenSource } from './flv-source.ts';
import { FlvTail } from './flv-tail.ts';
import { Reader, type ReaderPort } from './reader.ts';

/** What a stream says. */
export interface VirtualStreamEvents {
  /** Bytes are there: a reader gets its first picture at once. */
  ready(): void;
  /** It came to nothing before there was a picture; the stream is closed. */
  failed(error: ShoalError): void;
  /** It goes on from the origin alone: for a while, or for good when sharing has come to nothing. */
  stuckToOrigin(forMs: number | undefined): void;
  error(error: ShoalError): void;
  /** The source is over; every response has ended. */
  ended(): void;
  /** The last reader has gone. */
  idle(): void;
}

/** What a stream is made of. */
export interface VirtualStreamParts {
  /** Address on a Shoal server, ending in `.flv`. */
  readonly url: string;
  readonly open: OpenSource;
  readonly sharing: Sharing;
  /** Without a picture by then the start has failed. */
  readonly startWithinMs: number;
}

type State = 'starting' | 'shared' | 'plain' | 'ended' | 'failed' | 'closed';

const NEXT: Readonly<Record<State, readonly State[]>> = {
  starting: ['shared', 'ended', 'failed', 'closed'],
  shared: ['plain', 'ended', 'closed'],
  plain: ['ended', 'closed'],
  ended: ['closed'],
  failed: ['closed'],
  closed: [],
};

const OPEN: readonly State[] = ['starting', 'shared', 'plain'];

/** See above. */
export class VirtualStream {
  readonly #events: VirtualStreamEvents;
  readonly #source: FlvSource;
  readonly #timer: ReturnType<typeof setTimeout>;
  readonly #readers = new Set<Reader>();
  readonly #tail = new FlvTail((chunk) => {
    for (const reader of [...this.#readers]) reader.push(chunk);
  });
  #state: State = 'starting';
  #lastError: ShoalError | undefined;
  #skips = 0;
  /** What workers that are gone had moved when last asked, and what the present one has. */
  #before: Flow = NO_FLOW;
  #seen: Flow = NO_FLOW;

  /** Throws `options/invalid`. */
  constructor(parts: VirtualStreamParts, events: VirtualStreamEvents) {
    this.#events = events;
    this.#source = parts.open(parts.url, parts.sharing, this.#sourceEvents());
    this.#timer = setTimeout(() => {
      this.#fail(this.#lastError ?? new ShoalError('origin/unreachable', { detail: 'no picture in time' }));
    }, parts.startWithinMs);
  }

  get state(): State {
    return this.#state;
  }

  get readers(): number {
    return this.#readers.size;
  }

  /** How often readers fell behind and went on at a key picture. */
  get skips(): number {
    return [...this.#readers].reduce((sum, reader) => sum + reader.skips, this.#skips);
  }

  /** What waits for readers that are slower than the stream. */
  get waitingBytes(): number {
    return [...this.#readers].reduce((sum, reader) => sum + reader.waitingBytes, 0);
  }

  /** Configuration of the pictures, once known. */
  get videoConfig(): Uint8Array | undefined {
    return this.#tail.videoConfig;
  }

  /** Answers a request with the stream. */
  read(port: ReaderPort, instance: string): void {
    const closed = (gone: Reader): void => {
      this.#skips += gone.skips;
      this.#readers.delete(gone);
      if (this.#readers.size === 0 && this.#isOpen()) this.#events.idle();
    };
    const reader = new Reader({ port, instance, tail: this.#tail, closed });
    this.#readers.add(reader);
    if (!this.#isOpen()) reader.end();
  }

  /** Drops readers of Service Workers that are no more. */
  keepOnly(instance: string): void {
    for (const reader of [...this.#readers]) if (reader.instance !== instance) reader.drop();
  }

  setSharing(sharing: Sharing): void {
    this.#source.setSharing(sharing);
  }

  async flow(): Promise<Flow> {
    // A worker that is being replaced does not answer, and the next one counts from zero.
    const now = this.#isOpen() ? await this.#source.flow().catch(() => undefined) : undefined;
    if (now !== undefined) {
      if (now.cdnBytes < this.#seen.cdnBytes) this.#before = add(this.#before, this.#seen);
      this.#seen = now;
    }
    return add(this.#before, this.#seen);
  }

  /** Ends every response and the source. */
  close(): void {
    this.#finish('closed');
  }

  #isOpen(): boolean {
    return OPEN.includes(this.#state);
  }

  #enter(state: State): boolean {
    if (!NEXT[this.#state].includes(state)) return false;
    this.#state = state;
    return true;
  }

  #finish(state: 'ended' | 'failed' | 'closed'): boolean {
    if (!this.#enter(state)) return false;
    clearTimeout(this.#timer);
    this.#source.stop();
    for (const reader of [...this.#readers]) reader.end();
    return true;
  }

  #fail(error: ShoalError): void {
    if (this.#finish('failed')) this.#events.failed(error);
  }

  #sourceEvents(): FlvSourceEvents {
    return {
      bytes: (flv) => this.#bytes(flv),
      ended: () => {
        if (this.#finish('ended')) this.#events.ended();
      },
      fellBack: (forMs) => {
        if (this.#isOpen()) this.#events.stuckToOrigin(forMs);
      },
      unshared: (error) => {
        if (this.#state === 'starting') this.#fail(error);
        else if (this.#enter('plain')) this.#events.stuckToOrigin(undefined);
      },
      error: (error) => {
        if (KEEPS_BYTES_AWAY.test(error.code)) this.#lastError = error;
        if (this.#isOpen()) this.#events.error(error);
      },
      lost: (error) => {
        if (this.#state === 'starting') return this.#fail(error);
        if (!this.#finish('ended')) return;
        this.#events.error(error);
        this.#events.ended();
      },
    };
  }

  #bytes(flv: Uint8Array<ArrayBuffer>): void {
    if (!this.#isOpen()) return;
    this.#tail.push(flv);
    if (!this.#tail.isReady || !this.#enter('shared')) return;
    clearTimeout(this.#timer);
    this.#events.ready();
  }
}

/** Of what goes wrong on the way, only this says why no picture came; a silent tracker does not. */
const KEEPS_BYTES_AWAY = /^(origin|source|key|flv|core|worker)\//;

const add = (a: Flow, b: Flow): Flow => ({
  p2pBytes: a.p2pBytes + b.p2pBytes,
  cdnBytes: a.cdnBytes + b.cdnBytes,
  uploadedBytes: a.uploadedBytes + b.uploadedBytes,
});
