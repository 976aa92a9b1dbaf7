/** What viewers of tests join with. */
import type { ViewerReport } from '../../../wire/tracker.ts';

/** Limits that no test reaches which is not about limits. */
export const WIDE_LIMITS = { connections: 100_000, connectionsPerAddress: 100_000, viewersPerStream: 50_000 };

/** What a viewer says of itself that has just come. */
export const FIRST_REPORT: ViewerReport = {
  originBytes: 0,
  neighbourBytes: 0,
  uploadedBytes: 0,
  playedBytes: 0,
  stalls: 0,
  neighbours: 0,
  slots: 3,
};
