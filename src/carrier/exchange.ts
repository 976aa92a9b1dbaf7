/**
 * One request on its data channel: bytes up and down as streams, each held up by whoever does not keep up.
 */
import { RequestFlow, type RequestSide } from '../core/request/request-flow.ts';
import { type ErrorCode, ShoalError } from '../errors.ts';
import { REQUEST_BODY_MAX, REQUEST_SHORT_BODY } from '../wire/limits.ts';
import type { Answer, Ask } from '../wire/request.ts';
import type { ChannelFace } from './lanes.ts';

/** The part of a data channel that requests need beside what links need. */
export interface RequestChannel extends ChannelFace {
  bufferedAmountLowThreshold: number;
  addEventListener(type: 'open' | 'close' | 'error' | 'bufferedamountlow', listener: () => void): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
}

/** What waits in a channel's own queue holds up whatever else is said on the call, so it is so little on a slow line... */
const QUEUED_BYTES_LEAST = 192 * 1024;
/** ... and so many milliseconds' worth on a fast one, which runs dry while a busy process does not look. */
const QUEUED_MS = 50;
const QUEUED_BYTES_MOST = 1024 * 1024;
/** The queue is filled again when it is down to this part of it. */
const REFILL_AT = 1 / 3;
/** Messages of other requests go between those of this one, so on a line where that is felt they are short. */
const FAST_QUEUE_BYTES = 2 * QUEUED_BYTES_LEAST;

/** One side of a request. */
export class Exchange {
  readonly #channel: RequestChannel;
  readonly #flow: RequestFlow;
  readonly #asked = promised<Ask>();
  readonly #answered = promised<Answer>();
  readonly #over = promised<void>();
  #queue: Uint8Array[] = [];
  #reading: ReadableStreamDefaultController<Uint8Array> | undefined;
  #wanted: (() => void) | undefined;
  #writable: (() => void)[] = [];
  #incoming: 'open' | 'ended' = 'open';
  #failure: ShoalError | undefined;
  #queuedMax = QUEUED_BYTES_LEAST;
  #refilledAt = 0;
  /** What the other side sends. Cancelling it breaks the request off. */
  readonly body: ReadableStream<Uint8Array>;

  constructor(side: RequestSide, channel: RequestChannel) {
    this.#channel = channel;
    this.#flow = new RequestFlow(side, {
      send: (message) => this.#send(message),
      asked: (ask) => this.#asked.resolve(ask),
      answered: (answer) => this.#answered.resolve(answer),
      body: (bytes) => {
        this.#queue.push(bytes);
        this.#wake();
      },
      ended: () => {
        this.#incoming = 'ended';
        this.#wake();
        this.#closeWhenOver();
      },
      writable: () => this.#wakeWriters(),
      failed: (code) => this.#fail(code),
    });
    this.body = new ReadableStream(
      {
        start: (controller) => {
          this.#reading = controller;
        },
        pull: () => this.#deliver(),
        cancel: () => this.cancel(),
      },
      { highWaterMark: 0 },
    );
    this.#listen();
  }

  /** What was asked; rejects when it fails before. */
  get asked(): Promise<Ask> {
    return this.#asked.promise;
  }

  /** What was answered; rejects when it fails before. */
  get answered(): Promise<Answer> {
    return this.#answered.promise;
  }

  /** Resolves when both directions have ended or it was cancelled here; rejects with why it failed. */
  get over(): Promise<void> {
    return this.#over.promise;
  }

  /** Asks; `sends` says that bytes follow, so that this side is not at its end yet. */
  async ask(target: string, sends: boolean): Promise<Answer> {
    await this.#opened();
    this.#flow.ask({ target });
    if (!sends) this.end();
    return this.answered;
  }

  answer(answer: Answer): void {
    this.#flow.answer(answer);
  }

  /**
   * Resolves when the bytes are on their way; rejects when the request has failed or was cancelled. `underWayMax` keeps
   * what the other side has not taken yet below the window, for bytes that are worth nothing when they come late.
   */
  async write(bytes: Uint8Array, underWayMax = Number.POSITIVE_INFINITY): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      if (this.#failure !== undefined) throw this.#failure;
      const isFull = this.#channel.bufferedAmount > this.#queuedMax || this.#flow.underWay > underWayMax;
      if (isFull) await this.#writableAgain();
      else {
        const isBulk = underWayMax === Number.POSITIVE_INFINITY && this.#queuedMax > FAST_QUEUE_BYTES;
        const messageMax = isBulk ? REQUEST_BODY_MAX : REQUEST_SHORT_BODY;
        const sent = this.#flow.write(bytes.subarray(at, at + messageMax), messageMax);
        at += sent;
        if (sent === 0) await this.#writableAgain();
      }
    }
  }

  /** Nothing follows from this side. */
  end(): void {
    this.#flow.end();
    this.#closeWhenOver();
  }

  /** Breaks the request off; the other side is told. */
  cancel(): void {
    if (this.#failure !== undefined || this.#flow.isOver) return;
    this.#flow.cancel();
    this.#settle(new ShoalError('request/cancelled'));
    this.#over.resolve();
  }

  /** The connection under it has ended. */
  lose(): void {
    if (this.#failure !== undefined || this.#flow.isOver) return;
    this.#flow.cancel();
    this.#fail('request/lost');
  }

  #listen(): void {
    const channel = this.#channel;
    channel.binaryType = 'arraybuffer';
    channel.bufferedAmountLowThreshold = Math.floor(this.#queuedMax * REFILL_AT);
    channel.addEventListener('message', ({ data }) => {
      // A text is as much nonsense as a message that is too long; the flow refuses both alike.
      this.#flow.handle(data instanceof ArrayBuffer ? new Uint8Array(data) : new Uint8Array(0));
    });
    channel.addEventListener('bufferedamountlow', () => this.#refill());
    channel.addEventListener('close', () => this.#flow.lost());
    // `close` follows and is what counts.
    channel.addEventListener('error', () => undefined);
  }

  #opened(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#channel.readyState === 'open') return Promise.resolve();
    return Promise.race([
      new Promise<void>((resolve) => this.#channel.addEventListener('open', () => resolve())),
      this.#over.promise,
    ]);
  }

  #send(message: Uint8Array<ArrayBuffer>): void {
    try {
      this.#channel.send(message);
    } catch {
      // The channel is closing: its `close` is what is reported.
    }
  }

  #deliver(): Promise<void> | undefined {
    const next = this.#queue.shift();
    if (next !== undefined) {
      this.#reading?.enqueue(next);
      this.#flow.taken(next.length);
      return undefined;
    }
    if (this.#incoming === 'ended') {
      this.#reading?.close();
      return undefined;
    }
    return new Promise((resolve) => {
      this.#wanted = () => resolve(this.#deliver());
    });
  }

  #wake(): void {
    const wanted = this.#wanted;
    this.#wanted = undefined;
    wanted?.();
  }

  #writableAgain(): Promise<void> {
    return new Promise((resolve) => this.#writable.push(resolve));
  }

  /** The queue has been drained to its mark; how fast says how large it should be. */
  #refill(): void {
    const now = performance.now();
    const perMs = (this.#queuedMax * (1 - REFILL_AT)) / Math.max(1, now - this.#refilledAt);
    this.#refilledAt = now;
    this.#queuedMax = Math.min(QUEUED_BYTES_MOST, Math.max(QUEUED_BYTES_LEAST, perMs * QUEUED_MS));
    this.#channel.bufferedAmountLowThreshold = Math.floor(this.#queuedMax * REFILL_AT);
    this.#wakeWriters();
  }

  #wakeWriters(): void {
    for (const resolve of this.#writable.splice(0)) resolve();
  }

  #fail(code: ErrorCode): void {
    const failure = new ShoalError(code);
    this.#settle(failure);
    this.#over.reject(failure);
  }

  #settle(failure: ShoalError): void {
    this.#failure = failure;
    this.#asked.reject(failure);
    this.#answered.reject(failure);
    this.#reading?.error(failure);
    this.#wanted = undefined;
    this.#queue = [];
    this.#wakeWriters();
    this.#closeSoon();
  }

  #closeWhenOver(): void {
    if (!this.#flow.isOver) return;
    this.#failure ??= new ShoalError('request/cancelled', { detail: 'the request is over' });
    this.#over.resolve();
    // Whoever hears the other's end last closes: a channel closed too early loses what is still in it.
    if (this.#incoming === 'ended') this.#closeSoon();
  }

  #closeSoon(): void {
    if (this.#channel.readyState !== 'closed') this.#channel.close();
  }
}

interface Promised<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: ShoalError): void;
}

/** A promise decided from outside. That it fails is no accident when nobody waits for it. */
const promised = <T>(): Promised<T> => {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: ShoalError) => void = () => undefined;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  promise.catch(() => undefined);
  return { promise, resolve, reject };
};
