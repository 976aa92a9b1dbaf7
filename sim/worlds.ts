/**
 * The worlds the figures are said of. `real` is the world of the issue; `ideal` is the same people with nothing in their
 * way. Both are fixed: a figure means nothing without them.
 */
import type { WorldOptions } from './world.ts';

/** A world without its seed. */
export type Weather = Omit<WorldOptions, 'seed'>;

export type WorldName = 'ideal' | 'real';

/** Sessions last so long on average, ms; exponentially distributed. */
export const SESSION_MS = 600_000;
/** The bitrate unless another one is asked for. */
export const BITS_PER_SEC = 1_000_000;
/** One delay for everybody, for delays and stalls alike, ms. */
export const PLAYOUT_MS = 1_500;

const REAL: Weather = {
  bitsPerSec: BITS_PER_SEC,
  gopMs: 2_000,
  pieceBytes: 8_192,
  uplinkMean: 1.25,
  withoutUplink: 0.25,
  capBytesPerSec: Number.POSITIVE_INFINITY,
  unreachable: 0.2,
  rttMedianMs: 60,
  rttSpread: 1,
  loss: 0.002,
  playout: 'clock',
  delayMs: PLAYOUT_MS,
};

/** By name. */
export const worlds: Readonly<Record<WorldName, Weather>> = {
  ideal: { ...REAL, unreachable: 0, loss: 0 },
  real: REAL,
};

/** What most be true of a world whatever it is called, for the bound: see docs/simulator.md. */
export const isWorldName = (name: string): name is WorldName => Object.hasOwn(worlds, name);
