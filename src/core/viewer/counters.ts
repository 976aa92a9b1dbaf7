/**
 * What one viewer counts over its life. Every missed deadline has a named cause.
 */
import type { ErrorCode } from '../../errors.ts';
import { Quantiles } from '../kit/quantiles.ts';

/** Why a piece was not there when the playhead needed it. */
export type MissCause = 'no-parent' | 'parent-late' | 'origin-late' | 'not-connected';

export class Counters {
  originBytes = 0;
  neighbourBytes = 0;
  uploadedBytes = 0;
  piecesFromOrigin = 0;
  piecesFromNeighbours = 0;
  piecesDuplicate = 0;
  piecesRejected = 0;
  repairsFromNeighbours = 0;
  repairsFromOrigin = 0;
  stalls = 0;
  meshStalls = 0;
  runs = 0;
  refusedUploads = 0;
  reparented = 0;
  readonly missed: Record<MissCause, number> = {
    'no-parent': 0,
    'parent-late': 0,
    'origin-late': 0,
    'not-connected': 0,
  };
  readonly faults = new Map<ErrorCode, number>();
  /** Lag behind the cut of the newest pieces, ms. */
  readonly lags = new Quantiles(256);

  fault(code: ErrorCode): void {
    this.faults.set(code, (this.faults.get(code) ?? 0) + 1);
  }

  get missedDeadlines(): number {
    const { missed } = this;
    return missed['no-parent'] + missed['parent-late'] + missed['origin-late'] + missed['not-connected'];
  }
}
