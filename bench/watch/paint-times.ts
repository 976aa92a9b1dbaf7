/**
 * What painted clocks say: delays, differences between tabs picture by picture, and stalls.
 */
import type { Painted } from './watch-page.ts';

const TWO_32 = 0x1_0000_0000;
/** A gap between painted pictures longer than this is a stall, if the control has none at that time. */
const STALL_MS = 250;

/** a - b where both are Unix ms modulo 2^32. */
const difference = (a: number, b: number): number => {
  const raw = (a - b) % TWO_32;
  return raw > TWO_32 / 2 ? raw - TWO_32 : raw < -TWO_32 / 2 ? raw + TWO_32 : raw;
};

/** From the camera to the glass, ms, of every picture. */
export const glassDelays = (painted: readonly Painted[]): number[] =>
  painted.map(([stamp, at]) => difference(at, stamp));

/** How much later than in the earliest control each picture was painted, ms. */
export const addedDelays = (painted: readonly Painted[], controls: readonly (readonly Painted[])[]): number[] => {
  const earliest = new Map<number, number>();
  for (const control of controls) {
    for (const [stamp, at] of control) {
      const before = earliest.get(stamp);
      if (before === undefined || difference(at, before) < 0) earliest.set(stamp, at);
    }
  }
  return painted.flatMap(([stamp, at]) => {
    const control = earliest.get(stamp);
    return control === undefined ? [] : [difference(at, control)];
  });
};

/** Gaps of a tab, as [begin, end]. */
export const gaps = (painted: readonly Painted[]): (readonly [number, number])[] =>
  painted.slice(1).flatMap(([, at], before) => {
    const previous = painted[before]?.[1] ?? at;
    return difference(at, previous) > STALL_MS ? [[previous, at] as const] : [];
  });

/** A gap of a tab during which no control had one. */
export interface Stall {
  readonly lengthMs: number;
  /** Since the tab's first picture of the window. */
  readonly atMs: number;
  /** Pictures that were passed over: about none when the player had nothing to show, all when it could not keep up. */
  readonly skippedMs: number;
}

/** Stalls of a tab, in order. */
export const stalls = (painted: readonly Painted[], controls: readonly (readonly Painted[])[]): readonly Stall[] => {
  const excused = controls.flatMap((control) => gaps(control));
  const first = painted[0]?.[1] ?? 0;
  const stampAt = new Map(painted.map(([stamp, at]) => [at, stamp]));
  return gaps(painted)
    .filter((gap) => !excused.some((other) => overlap(other, gap)))
    .map(([begin, end]) => ({
      lengthMs: difference(end, begin),
      atMs: difference(begin, first),
      skippedMs: difference(stampAt.get(end) ?? 0, stampAt.get(begin) ?? 0),
    }));
};

const overlap = (a: readonly [number, number], b: readonly [number, number]): boolean =>
  difference(a[0], b[1]) < 0 && difference(b[0], a[1]) < 0;
