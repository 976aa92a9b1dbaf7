/**
 * Sums over all honest viewers.
 */
export interface Totals {
  /** Piece bytes that arrived, and those of them that were verified and new. */
  arrivedBytes: number;
  usefulBytes: number;
  /** Bytes that were not the origin's and got past a viewer all the same. */
  badPlayed: number;
  badForwarded: number;
}
