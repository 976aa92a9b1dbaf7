/**
 * Which substreams the origin has been asked for, and whether it can be asked for more. Requests are answered in order;
 * only the answer to the newest one counts.
 */
import { FROM_LIVE } from '../../wire/origin.ts';
import type { Millis } from '../engine.ts';
import type { Outbox } from './io.ts';

export class OriginMask {
  readonly #out: Outbox;
  #state: 'closed' | 'open' = 'closed';
  /** The origin asks not to be asked for more before this. */
  #from: Millis = 0;
  #sent: number | undefined;
  #unanswered = 0;

  constructor(out: Outbox) {
    this.#out = out;
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** Whether something can be asked for now. */
  canAsk(now: Millis): boolean {
    return this.#state === 'open' && now >= this.#from;
  }

  opened(now: Millis): void {
    this.#state = 'open';
    this.#from = now;
  }

  closed(): void {
    this.#state = 'closed';
  }

  /** Nothing more is asked for this long. */
  rest(until: Millis): void {
    this.#from = Math.max(this.#from, until);
  }

  /** The opening of the connection has asked for these. */
  askedAtOpening(mask: number): void {
    this.#sent = mask;
    this.#unanswered = 1;
  }

  /** There are so many substreams: to have asked for all was to ask for these. */
  narrow(substreams: number): void {
    if (this.#sent !== undefined) this.#sent = (this.#sent & (2 ** substreams - 1)) >>> 0;
  }

  /** An answer came; true when it answers the newest request. */
  answered(): boolean {
    this.#unanswered = Math.max(0, this.#unanswered - 1);
    return this.#unanswered === 0;
  }

  /** Asks when what is wanted has changed; `firstMissing` says from where, for the substreams that are new. */
  flush(wanted: number, firstMissing: (added: number) => number): void {
    if (this.#state !== 'open' || wanted === this.#sent) return;
    const added = (wanted & ~(this.#sent ?? 0)) >>> 0;
    const from = this.#sent === undefined || added === 0 ? FROM_LIVE : firstMissing(added);
    this.#sent = wanted;
    this.#unanswered++;
    this.#out.put({ kind: 'ask-origin', request: { kind: 'mask', mask: wanted, from } });
  }
}
