/**
 * How likely two viewers are to reach each other without a relay: what their kinds of NAT allow, corrected by what became
 * of dials between such viewers. Learning can only make a hopeless pair worth a try, or one of several good ones less
 * wanted: whoever lies about dials cannot keep viewers apart.
 */
import { NAT_KINDS, type NatKind } from '../../wire/nat.ts';
import type { Millis } from '../engine.ts';

/** What is known of one side. */
export interface PairSide {
  readonly nat: NatKind;
  /** The address it speaks to the tracker from. */
  readonly address: string;
}

/** What was expected, and what came. */
interface Lessons {
  reached: number;
  missed: number;
  at: Millis;
}

/** A pair below this is introduced by chance only. */
const LIKELY = 0.4;
/** What the kinds say counts as much as so many dials. */
const PRIOR_DIALS = 8;
/** Networks change: what was learned so long ago counts half. */
const HALF_LIFE_MS = 600_000;
/** Whatever is learned, a pair whose kinds fit stays likely. */
const FITS_MIN = 0.5;

/** Whether a pair is worth introducing for its own sake. */
export const isLikely = (chance: number): boolean => chance >= LIKELY;

/** See above. */
export class PairTable {
  readonly #lessons = new Map<number, Lessons>();

  /** From 0 to 1. */
  chance(now: Millis, a: PairSide, b: PairSide): number {
    const expected = expect(a, b);
    const lessons = this.#lessons.get(keyOf(a, b));
    if (lessons === undefined) return expected;
    const weight = fade(now - lessons.at);
    const reached = lessons.reached * weight;
    const missed = lessons.missed * weight;
    const learned = (expected * PRIOR_DIALS + reached) / (PRIOR_DIALS + reached + missed);
    return isLikely(expected) ? Math.max(learned, FITS_MIN) : learned;
  }

  /** A dial has ended. */
  learn(now: Millis, [a, b]: readonly [PairSide, PairSide], outcome: 'reached' | 'missed'): void {
    const key = keyOf(a, b);
    const lessons = this.#lessons.get(key) ?? { reached: 0, missed: 0, at: now };
    const weight = fade(now - lessons.at);
    lessons.reached *= weight;
    lessons.missed *= weight;
    lessons[outcome] += 1;
    lessons.at = now;
    this.#lessons.set(key, lessons);
  }
}

const fade = (ageMs: number): number => 0.5 ** (Math.max(0, ageMs) / HALF_LIFE_MS);

/** Two of one household need no NAT between them, whatever it is; two customers of one carrier may be no nearer. */
const isNear = (a: PairSide, b: PairSide): boolean => a.address === b.address;

/** One number for each pair of kinds, whichever comes first, near and far. */
const keyOf = (a: PairSide, b: PairSide): number => {
  const [one, other] = [PLACES[a.nat], PLACES[b.nat]];
  return (Math.min(one, other) * NAT_KINDS.length + Math.max(one, other)) * 2 + (isNear(a, b) ? 1 : 0);
};

const PLACES = Object.fromEntries(NAT_KINDS.map((kind, place) => [kind, place])) as Readonly<Record<NatKind, number>>;

const expect = (a: PairSide, b: PairSide): number => {
  if (isNear(a, b)) return NEAR;
  return EXPECTED[a.nat][b.nat] ?? EXPECTED[b.nat][a.nat] ?? UNKNOWN;
};

const NEAR = 0.7;
const UNKNOWN = 0.7;

/** Each pair once. A kind that is not known may be any; without STUN two may still share a network. */
const EXPECTED: Readonly<Record<NatKind, Readonly<Partial<Record<NatKind, number>>>>> = {
  open: { open: 0.98, cone: 0.95, symmetric: 0.9, unknown: 0.9, 'host-only': 0.8, blocked: 0.05 },
  cone: { cone: 0.9, symmetric: 0.1, unknown: 0.8, 'host-only': 0.5, blocked: 0.02 },
  symmetric: { symmetric: 0.02, unknown: 0.5, 'host-only': 0.4, blocked: 0.02 },
  blocked: { blocked: 0.02, unknown: 0.1, 'host-only': 0.1 },
  unknown: {},
  'host-only': {},
};
