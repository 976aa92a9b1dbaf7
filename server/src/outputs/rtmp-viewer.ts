// A player that came by RTMP: what was kept since the newest keyframe, then messages as they are made. It ends with the
// run of its stream, as a plain viewer does.

import type { ErrorCode } from '../../../src/errors.ts';
import type { Clock } from '../clock.ts';
import type { EgressBudget } from '../origin/egress-budget.ts';
import type { Outlet } from '../origin/outlet.ts';
import { type QueueLimits, SendQueue } from '../origin/send-queue.ts';

/** What an RTMP viewer is made of. */
export interface RtmpViewerParts {
  readonly outlet: Outlet;
  readonly budget: EgressBudget;
  readonly clock: Clock;
  readonly limits: QueueLimits;
  /** It has ended, with an error or without; nothing is sent any more. */
  readonly over: (cause: ErrorCode | undefined) => void;
}

const NEWCOMER_MS = 3000;

/** See above. */
export class RtmpViewer {
  readonly #parts: RtmpViewerParts;
  readonly #queue: SendQueue;
  readonly #bornAt: number;
  #state: 'watching' | 'over' = 'watching';

  constructor(parts: RtmpViewerParts) {
    const { outlet, budget, clock, limits } = parts;
    this.#parts = parts;
    this.#bornAt = clock.now();
    this.#queue = new SendQueue({ outlet, budget, clock, limits, onSlow: () => this.#tooSlow() });
  }

  /** Messages from before it came. */
  kept(messages: readonly Buffer[]): void {
    for (const message of messages) this.#queue.putKept(message);
  }

  /** A message, shared by all viewers of the stream. */
  message(bytes: Buffer): void {
    if (this.#state === 'over') return;
    this.#queue.rank = this.#parts.clock.now() - this.#bornAt < NEWCOMER_MS ? 'newcomer' : 'http';
    this.#queue.put(bytes);
  }

  /** Promised to the budget from here on. */
  promise(byteRate: number): void {
    if (this.#state === 'watching') this.#parts.budget.promise(this, byteRate);
  }

  /** Ends after what waits has been sent. */
  end(cause: ErrorCode | undefined): void {
    if (this.#state === 'over') return;
    this.#leave();
    this.#queue.finish(() => this.#parts.over(cause));
  }

  /** The connection is gone. */
  gone(): void {
    this.#leave();
    this.#queue.close();
  }

  #tooSlow(): void {
    this.gone();
    this.#parts.outlet.destroy();
  }

  #leave(): void {
    this.#state = 'over';
    this.#parts.budget.promise(this, 0);
  }
}
