/**
 * What no scheduler can beat: somebody must get a first copy, nobody can be sent more than everybody's uplinks carry, and
 * who joins is fed by the origin until neighbours take over.
 */

/** What the bound depends on. */
export interface BoundTerms {
  readonly viewers: number;
  /** Mean uplink over all viewers, wire bytes, in units of the bitrate. */
  readonly uplinkMean: number;
  readonly gopMs: number;
  /** Mean session; Infinity when nobody leaves. */
  readonly sessionMs: number;
}

/** Copies the trees are seeded with. */
const SEED_COPIES = 1;
/** From the first request until neighbours have taken over: signalling, connecting, two pieces on time. */
const HAND_OVER_MS = 1_200;

/** Highest offload. */
export const boundOf = (terms: BoundTerms): number => {
  const { viewers, uplinkMean, gopMs, sessionMs } = terms;
  const joining = (gopMs / 2 + HAND_OVER_MS) / sessionMs;
  return Math.max(0, Math.min(uplinkMean, 1 - SEED_COPIES / viewers - joining));
};
