// The pieces of one epoch that can still be asked for, newest last, bounded in age and bytes. The clear form is kept
// only from the newest keyframe on, where a plain viewer starts.

import type { PieceHeader } from '../../../src/wire/piece.ts';

/** A piece as it is kept and sent; both buffers are shared by all viewers. */
export interface KeptPiece {
  readonly header: PieceHeader;
  /** Header, signature and body. */
  readonly wire: Buffer;
  /** The body before encryption; gone once a newer group has begun. */
  clear: Buffer | undefined;
  /** A head that is in force from this piece on, and the prelude it holds. */
  readonly head: PublishedHead | undefined;
  readonly atMs: number;
}

/** A signed head. */
export interface PublishedHead {
  readonly fromSequence: number;
  readonly bytes: Buffer;
  readonly prelude: Buffer;
}

/** How much is kept: at least two groups while `ms` have not passed, never more than `bytes`. */
export interface WindowLimits {
  readonly ms: number;
  readonly bytes: number;
}

/** See above. */
export class PieceWindow {
  readonly #limits: WindowLimits;
  #pieces: KeptPiece[] = [];
  #first = 0;
  #bytes = 0;
  #keyframe: KeptPiece | undefined;
  #keyframeBefore: KeptPiece | undefined;
  #clearFrom = 0;

  constructor(limits: WindowLimits) {
    this.#limits = limits;
  }

  /** Bytes kept. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Sequence of the oldest kept piece; that of the next one when none is kept. */
  get oldest(): number {
    return this.#pieces[this.#first]?.header.sequence ?? this.next;
  }

  /** Sequence of the piece that will be cut next. */
  get next(): number {
    const newest = this.#pieces[this.#pieces.length - 1];
    return newest === undefined ? 0 : newest.header.sequence + 1;
  }

  /** The newest piece that starts a group, while it is kept. */
  get keyframe(): KeptPiece | undefined {
    return this.#keyframe !== undefined && this.#keyframe.header.sequence >= this.oldest ? this.#keyframe : undefined;
  }

  /** Adds the next piece and lets go of the oldest. */
  add(piece: KeptPiece): void {
    // A relay may have lost some: what lies before them is of no use to anybody who goes on from here.
    if (piece.header.sequence !== this.next) this.#startAnew();
    if (piece.header.keyframe) {
      for (const older of this.from(this.#clearFrom)) older.clear = undefined;
      this.#clearFrom = piece.header.sequence;
      this.#keyframeBefore = this.#keyframe;
      this.#keyframe = piece;
    }
    this.#pieces.push(piece);
    this.#bytes += piece.wire.length;
    while (this.#tooMuch(piece.atMs)) this.#dropOldest();
  }

  /** A piece, if it is kept. */
  get(sequence: number): KeptPiece | undefined {
    const piece = this.#pieces[this.#first + sequence - this.oldest];
    return piece !== undefined && piece.header.sequence === sequence && sequence >= this.oldest ? piece : undefined;
  }

  /** Kept pieces from a sequence on. */
  *from(sequence: number): Generator<KeptPiece> {
    for (let at = Math.max(sequence, this.oldest); ; at++) {
      const piece = this.get(at);
      if (piece === undefined) return;
      yield piece;
    }
  }

  #tooMuch(now: number): boolean {
    const oldest = this.#pieces[this.#first];
    if (oldest === undefined || this.#first === this.#pieces.length - 1) return false;
    if (this.#bytes > this.#limits.bytes) return true;
    const needed = this.#keyframeBefore ?? this.#keyframe;
    const inGroups = needed !== undefined && oldest.header.sequence >= needed.header.sequence;
    return now - oldest.atMs > this.#limits.ms && !inGroups;
  }

  #startAnew(): void {
    this.#pieces = [];
    this.#first = 0;
    this.#bytes = 0;
  }

  #dropOldest(): void {
    this.#bytes -= this.#pieces[this.#first]?.wire.length ?? 0;
    this.#first++;
    if (this.#first < 1024) return;
    this.#pieces = this.#pieces.slice(this.#first);
    this.#first = 0;
  }
}
