// What each way of starting live pushes and recordings brings: the seed system's table, as data.

import { RECORD_ALL, RECORD_MP4, type Starter } from '../../../src/wire/room.ts';

/** One row of the table. */
export interface Capability {
  readonly bypass: Starter;
  readonly record: Starter;
  /** Formats that can be recorded: a sum of bits. */
  readonly formats: number;
  /** Whether the customer's server is told of recorded files. */
  readonly isReported: boolean;
  /** Stars out of four, for whoever chooses. */
  readonly ease: number;
  readonly reliability: number;
  readonly cost: number;
}

/** The table. */
export const CAPABILITIES: readonly Capability[] = [
  { bypass: 'auto', record: 'auto', formats: RECORD_ALL, isReported: true, ease: 4, reliability: 4, cost: 1 },
  { bypass: 'manual', record: 'auto', formats: RECORD_ALL, isReported: true, ease: 3, reliability: 3, cost: 2 },
  { bypass: 'auto', record: 'manual', formats: RECORD_MP4, isReported: false, ease: 2, reliability: 2, cost: 3 },
  { bypass: 'manual', record: 'manual', formats: RECORD_MP4, isReported: false, ease: 1, reliability: 1, cost: 4 },
];

/** The row of an app. */
export const capabilityOf = (bypass: Starter, record: Starter): Capability =>
  CAPABILITIES.find((row) => row.bypass === bypass && row.record === record) as Capability;
