/**
 * One side of one request, without I/O: what may be said when, how much the other side has room for, and when it is
 * over. Both directions are independent, so a body may flow up and down at once and either may end first.
 */
import type { ErrorCode } from '../../errors.ts';
import { REQUEST_BODY_MAX, REQUEST_SHORT_BODY, REQUEST_WINDOW_BYTES } from '../../wire/limits.ts';
import {
  type Answer,
  type Ask,
  decodeRequestFrame,
  encodeBodyInto,
  encodeRequestFrame,
  type RequestFrame,
} from '../../wire/request.ts';

/** Who asks begins, who answers waits for it. */
export type RequestSide = 'asks' | 'answers';

/** What a flow tells its owner, in order; nothing after `failed`. */
export interface FlowEvents {
  /** To be sent as it is, at once: the memory is used again. */
  send(message: Uint8Array<ArrayBuffer>): void;
  asked(ask: Ask): void;
  answered(answer: Answer): void;
  /** Bytes of the other side, a view of the message; `taken` is owed for them. */
  body(bytes: Uint8Array): void;
  /** The other side has said all it has to say. */
  ended(): void;
  /** There is room to write again. */
  writable(): void;
  failed(code: ErrorCode): void;
}

/** A direction begins with a head, goes on with a body and ends. */
type Stage = 'head' | 'body' | 'ended';

/** Room is given back in steps, each of which costs both sides as much as a message with bytes: in few where bytes come in bulk. */
const SHORT_STEP_BYTES = REQUEST_WINDOW_BYTES / 32;
const LONG_STEP_BYTES = REQUEST_WINDOW_BYTES / 4;
const NONE = new Uint8Array(0);

/** One side. */
export class RequestFlow {
  readonly #side: RequestSide;
  readonly #events: FlowEvents;
  #outgoing: Stage = 'head';
  #incoming: Stage = 'head';
  #state: 'open' | 'failed' = 'open';
  /** Bytes the other side still takes. */
  #room = REQUEST_WINDOW_BYTES;
  /** Bytes we still take, and those taken for which no room has been given back yet. */
  #granted = REQUEST_WINDOW_BYTES;
  #taken = 0;
  /** Where messages with bytes are put together. */
  #memory: Uint8Array<ArrayBuffer> = NONE;

  constructor(side: RequestSide, events: FlowEvents) {
    this.#side = side;
    this.#events = events;
  }

  /** Bytes that can be written now. */
  get room(): number {
    return this.#outgoing === 'body' && this.#state === 'open' ? this.#room : 0;
  }

  /** Bytes sent for which no room has been given back yet. */
  get underWay(): number {
    return REQUEST_WINDOW_BYTES - this.#room;
  }

  /** Both directions have ended, or it failed. */
  get isOver(): boolean {
    return this.#state === 'failed' || (this.#outgoing === 'ended' && this.#incoming === 'ended');
  }

  ask(ask: Ask): void {
    this.#head({ kind: 'ask', ask });
  }

  answer(answer: Answer): void {
    this.#head({ kind: 'answer', answer });
  }

  /** Sends as much as there is room for, in messages of at most so many bytes; returns how many bytes that was. */
  write(bytes: Uint8Array, messageMax = REQUEST_BODY_MAX): number {
    const most = Math.min(bytes.length, this.room);
    for (let at = 0; at < most; at += messageMax) {
      const part = bytes.subarray(at, Math.min(most, at + messageMax));
      if (this.#memory.length <= part.length) this.#memory = new Uint8Array(part.length + 1);
      // The other side may give room back before this returns.
      this.#room -= part.length;
      this.#events.send(encodeBodyInto(this.#memory, part));
    }
    return most;
  }

  /** Says that nothing follows. */
  end(): void {
    if (this.#state === 'failed' || this.#outgoing !== 'body') return;
    this.#outgoing = 'ended';
    this.#send({ kind: 'end' });
  }

  /** Breaks it off; nothing is reported. */
  cancel(): void {
    if (this.isOver) return;
    this.#state = 'failed';
    this.#send({ kind: 'reset' });
  }

  /** The bytes of a `body` have been used: as many more may come. */
  taken(bytes: number): void {
    if (this.#state === 'failed' || this.#incoming === 'ended') return;
    this.#taken += bytes;
    if (this.#taken < (bytes > REQUEST_SHORT_BODY ? LONG_STEP_BYTES : SHORT_STEP_BYTES)) return;
    const owed = this.#taken;
    this.#taken = 0;
    this.#granted += owed;
    this.#send({ kind: 'room', bytes: owed });
  }

  /** The channel is gone. */
  lost(): void {
    if (!this.isOver) this.#fail('request/lost');
  }

  handle(message: Uint8Array): void {
    if (this.#state === 'failed') return;
    const frame = decodeRequestFrame(message);
    if (frame.kind === 'fault') this.#cut(frame.code);
    else this.#hear(frame);
  }

  #hear(frame: RequestFrame): void {
    switch (frame.kind) {
      case 'ask':
        if (this.#mayHear('answers', 'head')) this.#events.asked(this.#begin(frame.ask));
        return;
      case 'answer':
        if (this.#mayHear('asks', 'head')) this.#events.answered(this.#begin(frame.answer));
        return;
      case 'body':
        if (!this.#mayHear(this.#side, 'body')) return;
        this.#granted -= frame.bytes.length;
        if (this.#granted < 0) this.#cut('request/overrun');
        else this.#events.body(frame.bytes);
        return;
      case 'end':
        if (!this.#mayHear(this.#side, 'body')) return;
        this.#incoming = 'ended';
        this.#events.ended();
        return;
      case 'reset':
        // An answerer may have ended already and still be told that nobody wants the rest.
        if (!this.isOver) this.#fail('request/cancelled');
        return;
      case 'room':
        return this.#widen(frame.bytes);
    }
  }

  #widen(bytes: number): void {
    this.#room += bytes;
    if (this.#room > REQUEST_WINDOW_BYTES) this.#cut('request/overrun');
    else if (this.#outgoing === 'body') this.#events.writable();
  }

  #begin<Head>(head: Head): Head {
    this.#incoming = 'body';
    return head;
  }

  #mayHear(side: RequestSide, stage: Stage): boolean {
    if (this.#side === side && this.#incoming === stage) return true;
    this.#cut('request/malformed');
    return false;
  }

  #head(frame: RequestFrame & { readonly kind: 'ask' | 'answer' }): void {
    if (this.#state === 'failed' || this.#outgoing !== 'head') return;
    this.#outgoing = 'body';
    this.#send(frame);
  }

  #cut(code: ErrorCode): void {
    this.#send({ kind: 'reset' });
    this.#fail(code);
  }

  #fail(code: ErrorCode): void {
    this.#state = 'failed';
    this.#events.failed(code);
  }

  #send(frame: RequestFrame): void {
    this.#events.send(encodeRequestFrame(frame));
  }
}
