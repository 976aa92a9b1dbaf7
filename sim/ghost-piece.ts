/**
 * A piece without bytes: the real header, and what the simulator knows of it besides.
 */
import type { PieceHeader } from '../src/wire/piece.ts';

export interface GhostPiece extends PieceHeader {
  /** When it was closed, virtual ms. */
  readonly cutAt: number;
  /** Its group of pictures. */
  readonly group: Group;
}

/** A group of pictures, which ends where the next one begins. */
export interface Group {
  readonly stream: number;
  readonly epochTag: number;
  readonly firstSequence: number;
  /** When its keyframe was cut, virtual ms. */
  readonly cutAt: number;
  /** When its last piece has been cut; the next keyframe is due then. */
  readonly endsAt: number;
  /** When each of its pieces is cut after the keyframe, ms. */
  readonly offsetsMs: readonly number[];
  /** Pieces of its keyframe. */
  readonly keyPieces: number;
}
