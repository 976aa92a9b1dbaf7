/**
 * The worlds the figures are said of. `real` is the world of the issue; `ideal` is the same people with nothing in their
 * way. Both are fixed: a figure means nothing without them.
 */

import { ROUTER_MS } from './calibration/real-links.ts';
import { EQUAL_LINES, HOME_LINES } from './lines.ts';
import { LIFETIME_MS } from './network.ts';
import { BUSY_PROCESSORS, type ProcessorOptions } from './processor.ts';
import { shipped } from './shipped.ts';
import type { WorldOptions } from './world.ts';

/** A world without its seed. */
export type Weather = Omit<WorldOptions, 'seed'>;

export type WorldName = 'ideal' | 'real';

export type ProcessorsName = 'free' | 'busy';

/** Sessions last so long on average, ms; exponentially distributed. */
export const SESSION_MS = 600_000;
/** The bitrate unless another one is asked for. */
export const BITS_PER_SEC = 1_000_000;
/** One delay for everybody, for delays and stalls alike, ms. */
export const PLAYOUT_MS = 1_500;
/** What an origin may send, of what it would send without neighbours; and a floor for small swarms, in copies. */
export const ORIGIN_SHARE = 0.75;
export const ORIGIN_COPIES_MIN = 40;

const REAL: Weather = {
  bitsPerSec: BITS_PER_SEC,
  otherBitsPerSec: [],
  gopMs: 2_000,
  pieceBytes: 8_192,
  lines: HOME_LINES,
  uplinkMean: 1.25,
  withoutUplink: 0.25,
  capBytesPerSec: Number.POSITIVE_INFINITY,
  unreachable: 0.2,
  rttMedianMs: 60,
  rttSpread: 1,
  loss: 0,
  lineLoss: 1,
  jitterMs: 4,
  routerMs: ROUTER_MS,
  playout: 'clock',
  delayMs: PLAYOUT_MS,
  originBytesPerSec: Number.POSITIVE_INFINITY,
  httpRtts: 3,
  hidden: 0.1,
  clockPpm: 50,
  processors: undefined,
  decider: shipped,
};

/** By name. */
export const worlds: Readonly<Record<WorldName, Weather>> = {
  ideal: { ...REAL, unreachable: 0, lineLoss: 0, jitterMs: 0, routerMs: LIFETIME_MS, hidden: 0 },
  real: REAL,
};

/** What pages run on, by name. */
export const processors: Readonly<Record<ProcessorsName, ProcessorOptions | undefined>> = {
  free: undefined,
  busy: BUSY_PROCESSORS,
};

export const isProcessorsName = (name: string): name is ProcessorsName => Object.hasOwn(processors, name);

export const isWorldName = (name: string): name is WorldName => Object.hasOwn(worlds, name);

/** The bench of a hundred viewers: a delay of 25 ms each way, everybody can upload; pieces as the real cutter makes them. */
export const BENCH: Weather = {
  ...worlds.ideal,
  lines: EQUAL_LINES,
  pieceBytes: 5_250,
  uplinkMean: 3,
  withoutUplink: 0,
  rttMedianMs: 50,
  rttSpread: 0,
  routerMs: ROUTER_MS,
  delayMs: 1_000,
};

/** Browser tabs on one machine, with pictures. */
export const TABS: Weather = { ...BENCH, uplinkMean: 100, rttMedianMs: 1, playout: 'media', delayMs: 400 };
