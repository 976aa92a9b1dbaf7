/**
 * Which of the newest pieces each row holds and since when, and what those pieces are.
 */
import type { PieceSlot } from './model-world.ts';

/** How long a piece is remembered: longer than anything about it can be under way. */
const KEPT_SECONDS = 4;

/** A piece that has been cut. */
export interface CutPiece {
  readonly sequence: number;
  readonly cutAt: number;
  readonly substream: number;
  readonly slot: PieceSlot;
}

export class Held {
  readonly #ring: number;
  readonly #since: Float64Array;
  readonly #pieces: CutPiece[] = [];

  constructor(capacity: number, piecesPerSec: number) {
    this.#ring = 2 ** Math.ceil(Math.log2(piecesPerSec * KEPT_SECONDS));
    this.#since = new Float64Array(capacity * this.#ring).fill(-1);
  }

  get bytes(): number {
    return this.#since.byteLength;
  }

  cut(piece: CutPiece): void {
    this.#pieces[piece.sequence & (this.#ring - 1)] = piece;
  }

  piece(sequence: number): CutPiece {
    return this.#pieces[sequence & (this.#ring - 1)]!;
  }

  /** Since when a row holds a piece; Infinity when it does not. */
  since(row: number, piece: CutPiece): number {
    const since = this.#since[row * this.#ring + (piece.sequence & (this.#ring - 1))]!;
    return since >= piece.cutAt ? since : Number.POSITIVE_INFINITY;
  }

  add(row: number, piece: CutPiece, at: number): void {
    this.#since[row * this.#ring + (piece.sequence & (this.#ring - 1))] = at;
  }
}
