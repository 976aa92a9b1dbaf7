// What waits to be sent to one viewer. Small frames and repairs overtake pieces. Little is handed to the outlet at a
// time, so that a slow reader costs references to shared buffers, and one that stays slow is cut off.

import type { Clock } from '../clock.ts';
import type { EgressBudget, Rank } from './egress-budget.ts';
import type { Outlet } from './outlet.ts';

/** How far behind a reader may be. */
export interface QueueLimits {
  readonly bytes: number;
  readonly ms: number;
}

/** What a queue works with. */
export interface QueueParts {
  readonly outlet: Outlet;
  readonly budget: EgressBudget;
  readonly clock: Clock;
  readonly limits: QueueLimits;
  /** The reader is too slow; nothing is sent any more. */
  readonly onSlow: () => void;
}

interface Waiting {
  readonly bytes: Buffer;
  readonly at: number;
}

const OUTLET_BYTES_MAX = 256 * 1024;

/** See above. */
export class SendQueue {
  readonly #parts: QueueParts;
  readonly #urgent: Waiting[] = [];
  #pieces: Waiting[] = [];
  #first = 0;
  #bytes = 0;
  /** Bytes of a catch-up, which nobody can take at once; forgiven until the queue has been empty. */
  #catchUp = 0;
  #progressAt: number;
  #state: 'open' | 'finishing' | 'closed' = 'open';
  #finished: () => void = () => undefined;
  rank: Rank = 'newcomer';
  /** Bytes that were put in so far. */
  takenBytes = 0;

  constructor(parts: QueueParts) {
    this.#parts = parts;
    this.#progressAt = parts.clock.now();
  }

  /** Nothing waits here. */
  get idle(): boolean {
    return this.#urgent.length === 0 && this.#first === this.#pieces.length;
  }

  /** A frame or a repair: before all pieces. */
  putUrgent(bytes: Buffer): void {
    this.#put(this.#urgent, bytes);
  }

  /** A piece, in its order. */
  put(bytes: Buffer): void {
    this.#put(this.#pieces, bytes);
  }

  /** A piece that was made before the viewer came. */
  putKept(bytes: Buffer): void {
    this.#catchUp += bytes.length;
    this.#put(this.#pieces, bytes);
  }

  /** Forgets the pieces that have not been handed over. */
  dropPieces(): void {
    for (let at = this.#first; at < this.#pieces.length; at++) this.#bytes -= this.#pieces[at]?.bytes.length ?? 0;
    this.#pieces = [];
    this.#first = 0;
  }

  /** Takes nothing more, sends what waits, and then calls. */
  finish(finished: () => void): void {
    if (this.#state !== 'open') return;
    this.#state = 'finishing';
    this.#finished = finished;
    this.#pump();
  }

  /** Sends nothing more. */
  close(): void {
    const finishing = this.#state === 'finishing';
    this.#state = 'closed';
    this.#urgent.length = 0;
    this.dropPieces();
    if (finishing) this.#finished();
  }

  readonly #pump = (): void => {
    const { outlet, budget } = this.#parts;
    while (this.#state !== 'closed' && outlet.backlog < OUTLET_BYTES_MAX) {
      const urgent = this.#urgent[0];
      const next = urgent ?? this.#pieces[this.#first];
      if (next === undefined) {
        this.#catchUp = 0;
        if (this.#state === 'finishing') this.close();
        return;
      }
      const rank = urgent === undefined ? this.rank : 'newcomer';
      if (!budget.take(next.bytes.length, rank)) {
        budget.wait(this.#pump, rank);
        return;
      }
      this.#bytes -= next.bytes.length;
      if (urgent === undefined) this.#takePiece();
      else this.#urgent.shift();
      outlet.send(next.bytes, this.#gone);
    }
  };

  readonly #gone = (): void => {
    this.#progressAt = this.#parts.clock.now();
    if (this.#state === 'finishing' || !this.idle) this.#pump();
  };

  #put(lane: Waiting[], bytes: Buffer): void {
    if (this.#state !== 'open') return;
    const now = this.#parts.clock.now();
    const { outlet, budget } = this.#parts;
    const free = outlet.backlog === 0;
    if (free) this.#progressAt = now;
    this.takenBytes += bytes.length;
    // Nearly every reader keeps up, and has nothing waiting anywhere.
    if (free && this.idle && budget.take(bytes.length, lane === this.#urgent ? 'newcomer' : this.rank)) {
      this.#catchUp = 0;
      // What follows is told when it has gone, or finds nothing waiting; only what fills the outlet alone has to say so.
      if (bytes.length < OUTLET_BYTES_MAX) outlet.send(bytes);
      else outlet.send(bytes, this.#gone);
      return;
    }
    lane.push({ bytes, at: now });
    this.#bytes += bytes.length;
    this.#pump();
    if (this.#tooSlow(now)) this.#parts.onSlow();
  }

  #tooSlow(now: number): boolean {
    if (this.#state !== 'open') return false;
    const { outlet, limits } = this.#parts;
    const oldest = this.#pieces[this.#first]?.at ?? now;
    const stuck = outlet.backlog > 0 && now - this.#progressAt > limits.ms;
    const waiting = this.#bytes + outlet.backlog - this.#catchUp;
    return waiting > limits.bytes || now - oldest > limits.ms || stuck;
  }

  #takePiece(): void {
    this.#first++;
    if (this.#first < 256) return;
    this.#pieces = this.#pieces.slice(this.#first);
    this.#first = 0;
  }
}
