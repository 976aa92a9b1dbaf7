// One stream that is cut here: its source, pulled once however many watch, its current epoch, and the viewers its pieces go to. A source
// that breaks off is tried again with growing pauses while anybody watches; each new run of bytes is a new epoch.

import type { ErrorCode } from '../../../src/errors.ts';
import type { EndReason } from '../../../src/wire/origin.ts';
import type { Clock, Timer } from '../clock.ts';
import type { Log } from '../log.ts';
import type { Source, StartSource } from '../sources/source.ts';
import type { CutEpoch, EpochEvents } from './cut-epoch.ts';
import type { Epoch } from './epoch.ts';
import type { KeptPiece } from './piece-window.ts';
import type { Stream, Subscriber } from './stream.ts';
import type { StreamState } from './stream-state.ts';

/** What a stream works with. */
export interface StreamParts {
  readonly path: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly start: StartSource;
  readonly lingerMs: number;
  readonly rotateMs: number;
  readonly random: () => number;
  /** Makes an epoch; `lastStartMs` is that of the one before. */
  epoch(events: EpochEvents, before: { readonly lastStartMs: number; readonly byteRate: number | undefined }): CutEpoch;
  /** Nobody watches any more: the stream is closed and forgotten. */
  idle(stream: Stream): void;
}

const BACKOFF_MS = 500;
const BACKOFF_MS_MAX = 15_000;
/** A source that lasted this long starts the pauses anew. */
const HEALTHY_MS = 10_000;
const GENERATION_MAX = 0xffff;

/** See above. */
export class CutStream implements Stream {
  readonly path: string;
  readonly #parts: StreamParts;
  readonly #subscribers = new Set<Subscriber>();
  readonly #timers = new Map<'tick' | 'linger' | 'retry' | 'rotate', Timer>();
  #state: StreamState = 'connecting';
  #source: Source | undefined;
  /** The epoch being cut, and the one viewers are shown: the same as soon as it has a head and a piece. */
  #epoch: CutEpoch | undefined;
  #shown: Epoch | undefined;
  #query: string;
  #failures = 0;
  #lastCause: ErrorCode = 'source/unreachable';
  #liveAt = 0;
  #rotateAt = 0;
  #held = false;

  constructor(parts: StreamParts, query: string) {
    this.#parts = parts;
    this.path = parts.path;
    this.#query = query;
    this.#leaveLater();
    this.#connect();
  }

  get state(): StreamState {
    return this.#state;
  }

  /** The newest epoch that has a head and a piece. */
  get epoch(): Epoch | undefined {
    return this.#shown;
  }

  get viewers(): number {
    let count = 0;
    for (const { inside } of this.#subscribers) if (inside !== true) count++;
    return count;
  }

  /** Runs without viewers too. */
  hold(): void {
    this.#held = true;
    this.#clear('linger');
  }

  /** Takes its source anew at once: a publisher has come. */
  restart(): void {
    this.#clear('retry');
    this.#source?.stop();
    this.#failures = 0;
    this.#connect();
  }

  /** Viewers from outside have to go: the stream is not for them any longer. */
  sendAway(): void {
    for (const subscriber of [...this.#subscribers]) {
      if (subscriber.inside !== true) subscriber.refused('origin/not-found');
    }
  }

  /** Runs for its viewers only. */
  release(): void {
    this.#held = false;
    if (this.#subscribers.size === 0 && this.#state !== 'closed') this.#leaveLater();
  }

  wallMs(): number {
    return this.#parts.clock.wall();
  }

  /** Ms until the key after this generation's is used; 0 when keys do not change. */
  nextInMs(generation: number): number {
    if (!this.#timers.has('rotate')) return 0;
    const ahead = Math.max(0, generation - (this.#epoch?.generation ?? 0));
    return Math.max(1, Math.round(this.#rotateAt - this.#parts.clock.now() + ahead * this.#parts.rotateMs));
  }

  subscribe(subscriber: Subscriber): void {
    this.#clear('linger');
    this.#subscribers.add(subscriber);
    const { epoch } = this;
    if (epoch !== undefined) subscriber.begin(epoch);
    if (epoch !== undefined && this.#state !== 'live') subscriber.paused('source-outage');
    if (epoch === undefined && this.#state === 'waiting') subscriber.refused(this.#lastCause);
  }

  unsubscribe(subscriber: Subscriber): void {
    const last = this.#subscribers.delete(subscriber) && this.#subscribers.size === 0;
    if (last && !this.#held && this.#state !== 'closed') this.#leaveLater();
  }

  /** Stops everything; viewers have been told or are gone. */
  close(): void {
    this.#state = 'closed';
    for (const name of [...this.#timers.keys()]) this.#clear(name);
    this.#source?.stop();
    this.#epoch?.free();
    this.#subscribers.clear();
  }

  /** Unless somebody comes. */
  #leaveLater(): void {
    this.#set('linger', this.#parts.lingerMs, () => this.#parts.idle(this));
  }

  #connect(): void {
    this.#state = 'connecting';
    this.#source = this.#parts.start(
      {
        bytes: (chunk) => this.#received(chunk),
        ended: () => this.#over('source-ended', 'source/ended', ''),
        failed: (code, detail) => this.#over('source-outage', code, detail),
      },
      this.#query,
    );
  }

  #received(chunk: Uint8Array): void {
    if (this.#state === 'closed' || this.#state === 'waiting') return;
    if (this.#state === 'connecting') this.#startEpoch();
    this.#epoch?.push(chunk);
    this.#arm();
  }

  #startEpoch(): void {
    const old = this.#epoch;
    const lastStartMs = old === undefined ? 0 : Number.parseInt(old.hex.slice(0, 12), 16);
    old?.free();
    this.#state = 'live';
    this.#liveAt = this.#parts.clock.now();
    this.#epoch = this.#parts.epoch(
      {
        piece: (piece) => this.#pass(piece),
        fault: (code, skippedBytes) => this.#faulty(code, skippedBytes),
      },
      { lastStartMs, byteRate: old?.byteRate },
    );
    this.#planRotation();
    this.#parts.log.write('info', 'epoch', { stream: this.path, epoch: this.#epoch.hex });
  }

  #pass(piece: KeptPiece): void {
    const epoch = this.#epoch;
    if (epoch === undefined) return;
    if (this.#shown === epoch) {
      for (const subscriber of this.#subscribers) subscriber.piece(piece);
    } else if (epoch.head !== undefined) {
      this.#shown = epoch;
      for (const subscriber of this.#subscribers) subscriber.begin(epoch);
    }
  }

  #faulty(code: ErrorCode, skippedBytes: number): void {
    this.#parts.log.write('warn', 'source-fault', { stream: this.path, code, skippedBytes });
    if (code === 'flv/bad-signature') {
      this.#source?.stop();
      this.#over('source-outage', 'source/bad-answer', 'not FLV');
    }
  }

  #over(reason: EndReason, code: ErrorCode, detail: string): void {
    if (this.#state === 'closed' || this.#state === 'waiting') return;
    if (this.#state === 'live' && reason === 'source-ended') this.#epoch?.finish();
    const { clock, log } = this.#parts;
    const wasLive = this.#state === 'live';
    const lasted = wasLive ? clock.now() - this.#liveAt : 0;
    this.#failures = lasted > HEALTHY_MS ? 0 : this.#failures + 1;
    this.#state = 'waiting';
    const pause = Math.min(BACKOFF_MS_MAX, BACKOFF_MS * 2 ** Math.max(0, this.#failures - 1));
    const waitMs = Math.round(pause * (0.5 + this.#parts.random()));
    this.#lastCause = code;
    log.write('warn', 'source-lost', { stream: this.path, code, detail, waitMs });
    this.#clear('rotate');
    this.#set('retry', waitMs, () => this.#connect());
    for (const subscriber of [...this.#subscribers]) {
      if (this.#shown === undefined) subscriber.refused(code);
      else if (wasLive) subscriber.paused(reason);
    }
  }

  /** Ticks go on through an outage, until the last bytes are cut. */
  #arm(): void {
    const due = this.#epoch?.dueMs;
    if (due === undefined) return this.#clear('tick');
    this.#set('tick', due - this.#parts.clock.wall(), () => {
      this.#epoch?.tick();
      this.#arm();
    });
  }

  #planRotation(): void {
    const epoch = this.#epoch;
    if (epoch === undefined || !epoch.encrypted || epoch.generation >= GENERATION_MAX) return this.#clear('rotate');
    this.#rotateAt = this.#parts.clock.now() + this.#parts.rotateMs;
    this.#set('rotate', this.#parts.rotateMs, () => {
      epoch.nextGeneration();
      this.#planRotation();
      for (const subscriber of this.#subscribers) subscriber.generation(epoch.generation);
    });
  }

  #set(name: 'tick' | 'linger' | 'retry' | 'rotate', ms: number, call: () => void): void {
    this.#timers.get(name)?.cancel();
    this.#timers.set(
      name,
      this.#parts.clock.after(ms, () => {
        this.#timers.delete(name);
        call();
      }),
    );
  }

  #clear(name: 'tick' | 'linger' | 'retry' | 'rotate'): void {
    this.#timers.get(name)?.cancel();
    this.#timers.delete(name);
  }
}
