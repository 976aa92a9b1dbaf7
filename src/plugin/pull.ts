/**
 * One pull of a shared stream: what a data stream of the SDK says, as the notifications of the documents. In this order:
 * request, parsed, data, and exactly one of close, eof, disconnect.
 */
import type { ErrorCode, ShoalError } from '../errors.ts';
import type { DataStream, DataStreamOptions } from '../player/data-stream.ts';
import { asRefusal, type Refusal, type RefusalCode, refusal } from './codes.ts';
import { XP2PNotify_SubType as Notify, type XP2PNotify } from './enums.ts';

/** What a pull reports. */
export interface PullEvents {
  notify(subtype: XP2PNotify, detail?: unknown): void;
  data(flv: ArrayBuffer): void;
  /** Nothing comes after this. */
  over(): void;
}

/** A pull, wherever it comes from. */
export interface RunningPull {
  /** Resolves with the first data; is rejected with a refusal, after which nothing was started. */
  start(): Promise<void>;
  /** The page has had enough. */
  close(): void;
}

/** What a pull is made of. */
export interface PullParts {
  readonly options: Omit<DataStreamOptions, 'onData'>;
  createStream(options: DataStreamOptions): DataStream;
  readonly disconnectAfterMs: number;
}

/** A pull that brought nothing by then was not started. */
const START_WITHIN_MS = 10_000;
/** Counted in ticks, so that a page that slept is not taken for a silent source. */
const TICK_MS = 500;
/** So long a host may turn out to be none of Shoal's, whose plain stream is then asked for. */
const DOUBT_MS = 3000;

const ticksOf = (ms: number): number => Math.ceil(ms / TICK_MS);

type State = 'new' | 'asking' | 'parsed' | 'flowing' | 'over';

const NEXT: Readonly<Record<State, readonly State[]>> = {
  new: ['asking', 'over'],
  asking: ['parsed', 'over'],
  parsed: ['flowing', 'over'],
  flowing: ['over'],
  over: [],
};

/** What an error of the SDK means for a pull that has brought nothing yet; others are worked around or end the stream. */
const START_FAILURES: Readonly<Partial<Record<ErrorCode, RefusalCode>>> = {
  'origin/not-found': -2402,
  'origin/refused': -2402,
  'origin/wrong-key': -2402,
  'key/service-unreachable': -2501,
  'key/denied': -2501,
  'key/unknown-code': -2502,
  'key/wrong': -2502,
};

/** One pull. */
export class Pull implements RunningPull {
  readonly #parts: PullParts;
  readonly #events: PullEvents;
  #state: State = 'new';
  #stream: DataStream | undefined;
  #ticking: ReturnType<typeof setInterval> | undefined;
  #ticksLeft = ticksOf(START_WITHIN_MS);
  #lastFailure: Refusal | undefined;
  #settle: { resolve(): void; reject(refused: Refusal): void } | undefined;

  constructor(parts: PullParts, events: PullEvents) {
    this.#parts = parts;
    this.#events = events;
  }

  start(): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      this.#settle = { resolve, reject };
      if (!this.#enter('asking')) return;
      this.#events.notify(Notify.Request);
      // The page may have stopped everything from within.
      if (this.#state === 'asking') this.#open();
    });
  }

  close(): void {
    const before = this.#state;
    this.#end(refusal(-2402, 'stopped before it began'), before === 'new' ? undefined : Notify.Close);
  }

  #open(): void {
    try {
      this.#stream = this.#parts.createStream({ ...this.#parts.options, onData: (flv) => this.#data(flv) });
    } catch (thrown) {
      this.#end(asRefusal(thrown, -2402), Notify.Disconnect);
      return;
    }
    const stream = this.#stream;
    stream.on('epoch', () => this.#parsed());
    stream.on('error', (error) => this.#failed(error));
    stream.on('ended', () => this.#end(refusal(-2402, 'the source has ended'), Notify.Eof));
    this.#ticking = setInterval(() => this.#tick(), TICK_MS);
  }

  #parsed(): void {
    if (this.#state === 'asking' && this.#enter('parsed')) {
      this.#events.notify(Notify.Parsed, { status: 200, headers: {} });
    }
  }

  #data(flv: ArrayBuffer): void {
    this.#parsed();
    if (this.#state === 'parsed' && this.#enter('flowing')) this.#settle?.resolve();
    if (this.#state !== 'flowing') return;
    this.#ticksLeft = ticksOf(this.#parts.disconnectAfterMs);
    this.#events.data(flv);
  }

  #failed(error: ShoalError): void {
    const code = START_FAILURES[error.code];
    const why = refusal(code ?? -2402, error.detail ?? error.code);
    if (this.#stream?.state === 'failed') return this.#end(why, Notify.Disconnect);
    if (this.#state === 'flowing' || code === undefined) return;
    this.#lastFailure = why;
    const isPlain = this.#stream?.mode === 'plain';
    // Only a Shoal host has keys; but one that is none does not know a stream in pieces, and may have it as it is.
    if (isPlain || error.code.startsWith('key/')) this.#end(why, Notify.Disconnect);
    else this.#ticksLeft = Math.min(this.#ticksLeft, ticksOf(DOUBT_MS));
  }

  #tick(): void {
    this.#ticksLeft -= 1;
    if (this.#ticksLeft > 0) return;
    const why =
      this.#state === 'flowing' ? refusal(-2402, 'no data') : (this.#lastFailure ?? refusal(-2402, 'no answer'));
    this.#end(why, Notify.Disconnect);
  }

  #end(why: Refusal, subtype: XP2PNotify | undefined): void {
    if (!this.#enter('over')) return;
    clearInterval(this.#ticking);
    this.#stream?.destroy();
    if (subtype !== undefined) this.#events.notify(subtype, subtype === Notify.Disconnect ? why : undefined);
    this.#settle?.reject(why);
    this.#events.over();
  }

  #enter(state: State): boolean {
    if (!NEXT[this.#state].includes(state)) return false;
    this.#state = state;
    return true;
  }
}
