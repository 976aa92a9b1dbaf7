// Masks: which substreams a viewer gets from the origin, and how they are shared out when the origin cannot give all.

import { SUBSTREAMS_MAX } from '../../../src/wire/limits.ts';

/** The mask of all substreams. */
export const wholeMask = (substreams: number): number => (substreams >= 32 ? 0xffff_ffff : 2 ** substreams - 1);

/** Whether a substream is in a mask. */
export const hasBit = (mask: number, substream: number): boolean => ((mask >>> substream) & 1) === 1;

/** How many substreams a mask names. */
export const bitCount = (mask: number): number => {
  let count = 0;
  for (let bit = 0; bit < SUBSTREAMS_MAX; bit++) if (hasBit(mask, bit)) count++;
  return count;
};

/** What a viewer asks for, and what there is. */
export interface MaskQuestion {
  /** What it has and what it wants. */
  readonly held: number;
  readonly wanted: number;
  readonly substreams: number;
  /** How many more substreams may be given; those nobody holds may always be given. */
  readonly room: number;
  /** How many viewers the origin sends each substream to. */
  readonly holders: readonly number[];
}

/** The mask that is given: what it keeps, then what fewest others hold. */
export const shareOut = ({ held, wanted, substreams, room, holders }: MaskQuestion): number => {
  const whole = wholeMask(substreams);
  let given = held & wanted & whole;
  const wishes: number[] = [];
  for (let bit = 0; bit < substreams; bit++) if (hasBit(wanted & ~held, bit)) wishes.push(bit);
  wishes.sort((a, b) => (holders[a] ?? 0) - (holders[b] ?? 0));
  let left = room;
  for (const bit of wishes) {
    if (left < 1 && (holders[bit] ?? 0) > 0) break;
    given |= 1 << bit;
    left--;
  }
  return given >>> 0;
};
