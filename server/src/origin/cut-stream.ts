// One stream that is cut here: its source, pulled once however many watch, its current epoch, and the viewers its pieces go to. A source
// that breaks off is tried again with growing pauses while anybody watches; each new run of bytes is a new epoch.

import type { ErrorCode } from '../../../src/errors.ts';
import type { EndReason } from '../../../src/wire/origin.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import { NamedTimers } from '../named-timers.ts';
import type { Source, StartSource } from '../sources/source.ts';
import { Audience } from './audience.ts';
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
  readonly #audience: Audience;
  readonly #timers: NamedTimers<'tick' | 'retry' | 'rotate'>;
  #state: StreamState = 'connecting';
  #source: Source | undefined;
  /** The epoch being cut; viewers are shown it as soon as it has a head and a piece. */
  #epoch: CutEpoch | undefined;
  #query: string;
  #failures = 0;
  #lastCause: ErrorCode = 'source/unreachable';
  #liveAt = 0;
  #rotateAt = 0;

  constructor(parts: StreamParts, query: string) {
    this.#parts = parts;
    this.path = parts.path;
    this.#query = query;
    this.#timers = new NamedTimers(parts.clock);
    this.#audience = new Audience(parts.clock, parts.lingerMs, () => parts.idle(this));
    this.#connect();
  }

  get state(): StreamState {
    return this.#state;
  }

  /** The newest epoch that has a head and a piece. */
  get epoch(): Epoch | undefined {
    return this.#audience.shown;
  }

  get viewers(): number {
    return this.#audience.viewers;
  }

  /** Runs without viewers too. */
  hold(): void {
    this.#audience.hold();
  }

  /** Takes its source anew at once: a publisher has come. */
  restart(): void {
    this.#timers.cancel('retry');
    this.#source?.stop();
    this.#failures = 0;
    this.#connect();
  }

  /** Viewers from outside have to go: the stream is not for them any longer. */
  sendAway(): void {
    this.#audience.sendAway();
  }

  /** Runs for its viewers only. */
  release(): void {
    this.#audience.release();
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
    this.#audience.add(subscriber);
    const { epoch } = this;
    if (epoch !== undefined && this.#state !== 'live') subscriber.paused('source-outage');
    if (epoch === undefined && this.#state === 'waiting') subscriber.refused(this.#lastCause);
  }

  unsubscribe(subscriber: Subscriber): void {
    this.#audience.delete(subscriber);
  }

  /** Stops everything; viewers have been told or are gone. */
  close(): void {
    this.#state = 'closed';
    this.#timers.clear();
    this.#source?.stop();
    this.#epoch?.free();
    this.#audience.close();
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
    if (this.epoch === epoch) this.#audience.tell((each) => each.piece(piece));
    else if (epoch.head !== undefined) this.#audience.begin(epoch);
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
    this.#timers.cancel('rotate');
    this.#timers.set('retry', waitMs, () => this.#connect());
    this.#audience.tell((each) => {
      if (this.epoch === undefined) each.refused(code);
      else if (wasLive) each.paused(reason);
    });
  }

  /** Ticks go on through an outage, until the last bytes are cut. */
  #arm(): void {
    const due = this.#epoch?.dueMs;
    if (due === undefined) return this.#timers.cancel('tick');
    this.#timers.set('tick', due - this.#parts.clock.wall(), () => {
      this.#epoch?.tick();
      this.#arm();
    });
  }

  #planRotation(): void {
    const epoch = this.#epoch;
    if (epoch === undefined || !epoch.encrypted || epoch.generation >= GENERATION_MAX)
      return this.#timers.cancel('rotate');
    this.#rotateAt = this.#parts.clock.now() + this.#parts.rotateMs;
    this.#timers.set('rotate', this.#parts.rotateMs, () => {
      epoch.nextGeneration();
      this.#planRotation();
      this.#audience.tell((each) => each.generation(epoch.generation));
    });
  }
}
