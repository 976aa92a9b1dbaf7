// The clear bytes of a stream as its plain viewers are sent them. A few viewers get each piece as it is cut, which is at
// most 40 ms after its first byte. Where there are many, pieces are put together to at least 16 KiB, or what comes within
// 45 ms, once for all of them: what costs is writes, not bytes.

import type { Clock, Timer } from '../clock.ts';
import type { KeptPiece } from './piece-window.ts';
import type { Stream, Subscriber } from './stream.ts';

/** Several pieces as one buffer, shared by all viewers. */
export interface Batch {
  readonly bytes: Buffer;
  /** The piece it begins with. */
  readonly first: KeptPiece;
}

/** So many viewers are sent every piece by itself: a thousand small writes a second cost a few percent of a core. */
const FEW = 32;
const BATCH_BYTES = 16 * 1024;
/** Pieces of a slow stream are cut every 40 ms: the next one is waited for, and a little for its timer. */
const BATCH_MS = 45;
/** A piece that comes when the oldest has waited for so long is the one it waited for. */
const ENOUGH_MS = 35;

const batchesOf = new WeakMap<Stream, PlainBatches>();

/** See above. It taps its stream while anybody takes batches. */
export class PlainBatches implements Subscriber {
  readonly inside = true;
  readonly #stream: Stream;
  readonly #clock: Clock;
  readonly #takers = new Set<(batch: Batch) => void>();
  /** With their bytes, which a window forgets when the next group begins. */
  #waiting: { readonly piece: KeptPiece; readonly clear: Buffer }[] = [];
  #bytes = 0;
  #oldestAt = 0;
  #timer: Timer | undefined;

  private constructor(stream: Stream, clock: Clock) {
    this.#stream = stream;
    this.#clock = clock;
  }

  /** The batches of a stream. */
  static of(stream: Stream, clock: Clock): PlainBatches {
    const known = batchesOf.get(stream);
    if (known !== undefined) return known;
    const batches = new PlainBatches(stream, clock);
    batchesOf.set(stream, batches);
    return batches;
  }

  /** Sequence of the first piece that waits for the next batch; undefined when none does. */
  get waitingFrom(): number | undefined {
    return this.#waiting[0]?.piece.header.sequence;
  }

  /** Takes every batch from now on. Whoever takes batches is to subscribe to the stream only after this. */
  join(taker: (batch: Batch) => void): void {
    this.#takers.add(taker);
    if (this.#takers.size === 1) this.#stream.subscribe(this);
  }

  leave(taker: (batch: Batch) => void): void {
    if (!this.#takers.delete(taker) || this.#takers.size > 0) return;
    this.#drop();
    this.#stream.unsubscribe(this);
  }

  begin(): void {
    this.#flush();
  }

  piece(piece: KeptPiece): void {
    const { clear } = piece;
    if (clear === undefined) return;
    // A batch begins with a keyframe or holds none: newcomers start with a batch.
    if (piece.header.keyframe) this.#flush();
    this.#waiting.push({ piece, clear });
    this.#bytes += clear.length;
    const now = this.#clock.now();
    if (this.#waiting.length === 1) this.#oldestAt = now;
    const few = this.#takers.size <= FEW;
    if (few || this.#bytes >= BATCH_BYTES || now - this.#oldestAt >= ENOUGH_MS) this.#flush();
    else this.#timer ??= this.#clock.after(BATCH_MS, () => this.#flush());
  }

  generation(): void {
    // Plain bytes are not encrypted.
  }

  paused(): void {
    this.#flush();
  }

  refused(): void {
    // Each viewer is told by the stream itself.
  }

  #flush(): void {
    const first = this.#waiting[0]?.piece;
    const parts = this.#waiting.map(({ clear }) => clear);
    this.#drop();
    if (first === undefined) return;
    const [only] = parts;
    const bytes = parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
    for (const taker of [...this.#takers]) taker({ bytes, first });
  }

  #drop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#waiting = [];
    this.#bytes = 0;
  }
}
