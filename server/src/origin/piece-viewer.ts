// A viewer of the piece form, by WebSocket or HTTP: head, key, clock, the substreams of its mask, repairs.

import { Bucket } from '../../../src/core/kit/bucket.ts';
import type { ErrorCode } from '../../../src/errors.ts';
import type { CloseCause } from '../../../src/wire/close.ts';
import { SUBSTREAMS_MAX } from '../../../src/wire/limits.ts';
import {
  type EndReason,
  encodeOriginFrame,
  FROM_KEYFRAME,
  FROM_LIVE,
  type OriginFrame,
} from '../../../src/wire/origin.ts';
import type { Clock } from '../clock.ts';
import type { KeyFrames } from './content-keys.ts';
import type { EgressBudget } from './egress-budget.ts';
import type { Epoch } from './epoch.ts';
import type { Holder, Holders } from './holders.ts';
import type { Outlet } from './outlet.ts';
import type { KeptPiece } from './piece-window.ts';
import { type QueueLimits, SendQueue } from './send-queue.ts';
import type { Stream, Subscriber } from './stream.ts';
import { bitCount, hasBit, shareOut, wholeMask } from './substreams.ts';

/** What a viewer of pieces is made of. */
export interface PieceViewerParts {
  readonly stream: Stream;
  readonly outlet: Outlet;
  readonly budget: EgressBudget;
  readonly clock: Clock;
  readonly limits: QueueLimits;
  readonly keys: KeyFrames;
  /** An HTTP response cannot be asked: it gets coming keys unasked, and ends with the source. */
  readonly form: 'socket' | 'response';
  readonly mask: number;
  readonly from: number;
  /** A relay is served before all others, for as long as it stays. */
  readonly isRelay?: boolean;
}

const NEWCOMER_MS = 3000;
/** How long a reader that was cut off may take to read why. */
export const GRACE_MS = 1000;
/** Repairs of one viewer: as much as the stream itself, and four seconds of it at once. */
const REPAIR_BURST_SECONDS = 4;
const ALL = 0xffff_ffff;

/** See above. */
export class PieceViewer implements Subscriber, Holder {
  readonly #parts: PieceViewerParts;
  readonly #holders: Holders;
  readonly #queue: SendQueue;
  readonly #bornAt: number;
  /** Per substream: no piece below this sequence is sent. */
  readonly #floors = new Uint32Array(SUBSTREAMS_MAX);
  #state: 'waiting' | 'watching' | 'over' = 'waiting';
  #epoch: Epoch | undefined;
  #wanted: number;
  #from: number;
  #mask = 0;
  #repairs: Bucket | undefined;
  #inMesh = false;

  constructor(parts: PieceViewerParts, holders: Holders) {
    const { outlet, budget, clock, limits } = parts;
    this.#parts = parts;
    this.#holders = holders;
    this.#wanted = parts.mask >>> 0;
    this.#from = parts.from;
    this.#bornAt = clock.now();
    this.#queue = new SendQueue({ outlet, budget, clock, limits, onSlow: () => this.#tooSlow() });
    holders.add(this);
  }

  get stream(): Stream {
    return this.#parts.stream;
  }

  /** The substreams it is sent. */
  get mask(): number {
    return this.#mask;
  }

  /** Bytes it was given to send. */
  get takenBytes(): number {
    return this.#queue.takenBytes;
  }

  begin(epoch: Epoch): void {
    if (this.#state === 'over') return;
    const first = this.#epoch === undefined;
    const { substreams = 0, byteRate } = epoch;
    this.#repairs = new Bucket(byteRate, byteRate * REPAIR_BURST_SECONDS);
    if (!first) this.#wanted = this.#carryOver();
    this.#epoch = epoch;
    this.#state = 'watching';
    this.#queue.dropPieces();
    this.#mask = 0;
    const from = first ? this.#startAt(epoch, this.#from) : 0;
    const head = epoch.headAt(from);
    if (head !== undefined) this.#queue.putUrgent(head.bytes);
    this.#tellKey(epoch.generation);
    if (first) this.#tellClock(0);
    this.#give(this.#wanted & wholeMask(substreams), from);
  }

  piece(piece: KeptPiece): void {
    if (this.#state !== 'watching') return;
    if (piece.head !== undefined) this.#queue.putUrgent(piece.head.bytes);
    const { sequence } = piece.header;
    const bit = sequence % (this.#epoch?.substreams ?? 1);
    if (!hasBit(this.#mask, bit) || sequence < (this.#floors[bit] ?? 0)) return;
    const rank = this.#rank();
    this.#queue.rank = rank;
    const sheds = this.#parts.form === 'socket' && rank !== 'newcomer' && this.#parts.budget.overcommitted;
    if (sheds && !this.#parts.budget.may(piece.wire.length, rank)) return this.#shed(bit);
    this.#queue.put(piece.wire);
  }

  generation(generation: number): void {
    if (this.#parts.form === 'response' && this.#state === 'watching') this.#tellKey(generation);
  }

  paused(reason: EndReason): void {
    if (this.#state === 'over') return;
    this.#say({ kind: 'ended', reason });
    if (this.#parts.form === 'response' && reason === 'source-ended') this.end(undefined);
  }

  refused(code: ErrorCode): void {
    this.#say({ kind: 'ended', reason: 'source-outage' });
    this.end(code === 'origin/not-found' ? code : 'source/unreachable');
  }

  /** The viewer asks for other substreams. */
  askMask(mask: number, from: number): void {
    this.#wanted = mask >>> 0;
    if (this.#epoch === undefined) {
      this.#from = from;
      return;
    }
    const wanted = this.#wanted & wholeMask(this.#epoch.substreams ?? 0);
    this.#give(wanted, this.#startAt(this.#epoch, from));
  }

  /** The viewer asks for single pieces. */
  askPieces(sequences: readonly number[]): void {
    for (const sequence of sequences) {
      const kept = this.#epoch?.window.get(sequence);
      const had = kept !== undefined && this.#mayRepair(kept.wire.length);
      if (had) this.#queue.putUrgent(kept.wire);
      else this.#say({ kind: 'absent', sequence });
    }
  }

  /**
   * Repairs overtake pieces, so near the limit they are refused: sent, they would make the pieces of everybody late, and
   * late pieces are asked for as repairs.
   */
  #mayRepair(bytes: number): boolean {
    const { budget, clock } = this.#parts;
    return budget.may(bytes, 'whole') && this.#repairs?.take(clock.now(), bytes) === true;
  }

  /** The viewer asks for a content key; only the current one and its two neighbours can be had. */
  askKey(generation: number): void {
    if (this.#epoch !== undefined) this.#tellKey(generation);
  }

  /** The viewer asks for the time. */
  askClock(stampMs: number): void {
    this.#tellClock(stampMs);
  }

  /** It holds a join token, so what it gets is passed on. */
  joinedMesh(): void {
    this.#inMesh = true;
  }

  /** States the load, if there is any to speak of. */
  tellLoad(): void {
    const { budget } = this.#parts;
    if (budget.busy) this.#say({ kind: 'load', percent: budget.percent, retryAfterMs: budget.retryAfterMs() });
  }

  /** Ends with an `ended` frame. */
  finish(reason: EndReason, cause: CloseCause | undefined): void {
    if (this.#state === 'over') return;
    this.#say({ kind: 'ended', reason });
    this.end(cause);
  }

  /** Ends, after what was handed over. */
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

  #over(): void {
    this.#state = 'over';
    this.#holders.delete(this);
    this.#parts.budget.promise(this, 0);
    this.#parts.stream.unsubscribe(this);
  }

  #tooSlow(): void {
    if (this.#state === 'over') return;
    const { outlet, clock } = this.#parts;
    this.#over();
    this.#queue.close();
    outlet.send(Buffer.from(encodeOriginFrame({ kind: 'ended', reason: 'slow-reader' })), () => undefined);
    outlet.end('origin/overloaded', 0);
    clock.after(GRACE_MS, () => outlet.destroy());
  }

  /** A mask of everything stays one when the next epoch has more substreams. */
  #carryOver(): number {
    const whole = wholeMask(this.#epoch?.substreams ?? 0);
    return (this.#wanted & whole) >>> 0 === whole ? ALL : this.#wanted;
  }

  #startAt(epoch: Epoch, from: number): number {
    const { window } = epoch;
    if (from === FROM_LIVE) return window.next;
    const keyframe = window.keyframe?.header.sequence ?? window.next;
    // A sequence that is not kept, or that no cut is near to, is most likely one of another epoch.
    const kept = from !== FROM_KEYFRAME && from >= window.oldest && from <= window.next;
    if (!kept) return keyframe;
    // At the limit nobody gets the past at the cost of everybody's present.
    return this.#parts.budget.busy ? Math.max(from, keyframe) : from;
  }

  /** Gives what can be given of a mask, and the kept pieces of what is new in it. */
  #give(wanted: number, from: number): void {
    const epoch = this.#epoch;
    const substreams = epoch?.substreams;
    if (epoch === undefined || substreams === undefined) return;
    const { budget } = this.#parts;
    const share = epoch.byteRate / substreams;
    const newcomer = this.#rank() === 'newcomer';
    const room = budget.limit === Number.POSITIVE_INFINITY ? substreams : Math.floor(budget.room(newcomer) / share);
    const holders = room >= substreams ? [] : this.#holders.of(this.#parts.stream, this);
    const given = shareOut({ held: this.#mask, wanted, substreams, room, holders });
    const fresh = (given & ~this.#mask) >>> 0;
    this.#mask = given;
    budget.promise(this, share * bitCount(given));
    for (let bit = 0; bit < substreams; bit++) if (hasBit(fresh, bit)) this.#floors[bit] = from;
    this.#say({ kind: 'applied', mask: given, sequence: from });
    if (given !== wanted >>> 0) this.#sayLoad();
    if (fresh !== 0) this.#catchUp(epoch, fresh, from);
  }

  #catchUp(epoch: Epoch, fresh: number, from: number): void {
    this.#queue.rank = this.#rank();
    for (const kept of epoch.window.from(from)) {
      if (kept.head !== undefined && kept.header.sequence > from) this.#queue.putUrgent(kept.head.bytes);
      if (hasBit(fresh, kept.header.sequence % (epoch.substreams ?? 1))) this.#queue.putKept(kept.wire);
      if (this.#state === 'over') return;
    }
  }

  /** Newcomers come first, then those who take only a part: they feed others. */
  #rank(): 'newcomer' | 'seeding' | 'whole' | 'http' {
    if (this.#parts.isRelay === true || this.#parts.clock.now() - this.#bornAt < NEWCOMER_MS) return 'newcomer';
    if (this.#parts.form === 'response') return 'http';
    if (this.#inMesh) return 'seeding';
    return this.#mask === wholeMask(this.#epoch?.substreams ?? 0) ? 'whole' : 'seeding';
  }

  /** Above the limit: a substream less, said so that the viewer finds it elsewhere. */
  #shed(bit: number): void {
    const epoch = this.#epoch;
    this.#mask = (this.#mask & ~(1 << bit)) >>> 0;
    const share = (epoch?.byteRate ?? 0) / (epoch?.substreams ?? 1);
    this.#parts.budget.promise(this, share * bitCount(this.#mask));
    this.#say({ kind: 'applied', mask: this.#mask, sequence: Math.max(0, (epoch?.window.next ?? 1) - 1) });
    this.#sayLoad();
  }

  #sayLoad(): void {
    const { budget } = this.#parts;
    this.#say({ kind: 'load', percent: Math.max(91, budget.percent), retryAfterMs: budget.retryAfterMs() });
  }

  #tellKey(generation: number): void {
    const { keys, stream } = this.#parts;
    const epoch = this.#epoch;
    if (epoch === undefined) return;
    const frame = keys(epoch, generation, stream.nextInMs(generation));
    if (!(frame instanceof Promise)) return this.#putKey(epoch, frame);
    void frame.then((late) => this.#putKey(epoch, late));
  }

  #putKey(epoch: Epoch, frame: Buffer | undefined): void {
    if (frame !== undefined && this.#epoch === epoch && this.#state !== 'over') this.#queue.putUrgent(frame);
  }

  #tellClock(stampMs: number): void {
    this.#say({ kind: 'clock', stampMs, wallMs: Math.round(this.#parts.stream.wallMs()) });
  }

  #say(frame: OriginFrame): void {
    if (this.#state !== 'over') this.#queue.putUrgent(Buffer.from(encodeOriginFrame(frame)));
  }
}
