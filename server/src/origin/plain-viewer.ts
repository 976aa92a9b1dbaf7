// A viewer of the plain form: FLV as any player reads it, from the newest keyframe on. It ends with its epoch, because
// timestamps and codec headers of the next one do not continue it.

import type { ErrorCode } from '../../../src/errors.ts';
import type { CloseCause } from '../../../src/wire/close.ts';
import type { Clock } from '../clock.ts';
import type { EgressBudget } from './egress-budget.ts';
import type { Epoch } from './epoch.ts';
import type { Outlet } from './outlet.ts';
import type { KeptPiece } from './piece-window.ts';
import { type Batch, PlainBatches } from './plain-batches.ts';
import { type QueueLimits, SendQueue } from './send-queue.ts';
import type { Stream, Subscriber } from './stream.ts';

/** What a plain viewer is made of. */
export interface PlainViewerParts {
  readonly stream: Stream;
  readonly outlet: Outlet;
  readonly budget: EgressBudget;
  readonly clock: Clock;
  readonly limits: QueueLimits;
}

const NEWCOMER_MS = 3000;

/** See above. */
export class PlainViewer implements Subscriber {
  readonly #parts: PlainViewerParts;
  readonly #queue: SendQueue;
  readonly #bornAt: number;
  readonly #batches: PlainBatches;
  #state: 'waiting' | 'awaiting-keyframe' | 'watching' | 'over' = 'waiting';
  #epoch: Epoch | undefined;

  constructor(parts: PlainViewerParts) {
    const { outlet, budget, clock, limits } = parts;
    this.#parts = parts;
    this.#bornAt = clock.now();
    this.#queue = new SendQueue({ outlet, budget, clock, limits, onSlow: () => this.#tooSlow() });
    this.#batches = PlainBatches.of(parts.stream, clock);
  }

  /** Begins to watch; much may be sent at once. */
  watch(): void {
    this.#batches.join(this.#take);
    this.#parts.stream.subscribe(this);
  }

  /** Bytes it was given to send. */
  get takenBytes(): number {
    return this.#queue.takenBytes;
  }

  begin(epoch: Epoch): void {
    if (this.#state !== 'waiting') return this.end(undefined);
    this.#epoch = epoch;
    this.#state = 'awaiting-keyframe';
    this.#parts.budget.promise(this, epoch.byteRate);
    const { keyframe } = epoch.window;
    const until = this.#batches.waitingFrom ?? epoch.window.next;
    if (keyframe === undefined || keyframe.header.sequence >= until) return;
    this.#start(keyframe);
    for (const { clear, header } of epoch.window.from(keyframe.header.sequence)) {
      if (clear !== undefined && header.sequence < until) this.#queue.putKept(clear);
    }
  }

  piece(): void {
    // Pieces come in batches.
  }

  readonly #take = ({ bytes, first }: Batch): void => {
    if (this.#state === 'awaiting-keyframe' && first.header.keyframe) this.#start(first);
    if (this.#state !== 'watching') return;
    const young = this.#parts.clock.now() - this.#bornAt < NEWCOMER_MS;
    this.#queue.rank = young ? 'newcomer' : 'http';
    this.#queue.put(bytes);
  };

  generation(): void {
    // Plain bytes are not encrypted.
  }

  paused(): void {
    this.end(undefined);
  }

  refused(code: ErrorCode): void {
    this.end(code === 'origin/not-found' ? code : 'source/unreachable');
  }

  /** Ends after what waits has been sent. */
  end(cause: CloseCause | undefined): void {
    if (this.#state === 'over') return;
    this.#over();
    const { outlet, budget } = this.#parts;
    this.#queue.finish(() => outlet.end(cause, cause === undefined ? 0 : budget.retryAfterMs()));
  }

  /** The connection is gone. */
  gone(): void {
    if (this.#state !== 'over') this.#over();
    this.#queue.close();
  }

  #start(keyframe: KeptPiece): void {
    const prelude = this.#epoch?.headAt(keyframe.header.sequence)?.prelude;
    if (prelude === undefined) return;
    this.#state = 'watching';
    this.#queue.putUrgent(prelude);
  }

  #tooSlow(): void {
    this.gone();
    this.#parts.outlet.destroy();
  }

  #over(): void {
    this.#state = 'over';
    this.#parts.budget.promise(this, 0);
    this.#batches.leave(this.#take);
    this.#parts.stream.unsubscribe(this);
  }
}
