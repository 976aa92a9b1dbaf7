/**
 * Somebody in a room: a viewer connected here, or one that another process of the same cluster answers for.
 */
import type { NatKind } from '../../wire/nat.ts';
import type { ViewerName } from '../../wire/tracker.ts';
import type { Millis } from '../engine.ts';
import { networkOf } from '../nat/addresses.ts';

/** Introductions are forgotten by half every so often. */
export const INTRODUCTION_HALF_LIFE_MS = 5000;

/** See above. */
export abstract class Attendee {
  readonly viewer: ViewerName;
  readonly address: string;
  readonly network: string;
  joinedAt: Millis = 0;
  nat: NatKind = 'unknown';
  #introductions = 0;
  #introducedAt: Millis = 0;

  constructor(viewer: ViewerName, address: string) {
    this.viewer = viewer;
    this.address = address;
    this.network = networkOf(address);
  }

  /** Children it would take, as far as is known: one that has not reported yet is given the benefit of the doubt. */
  abstract get slots(): number;

  /** How often it has been introduced lately; older introductions count less. */
  introductions(now: Millis): number {
    return this.#introductions * 0.5 ** ((now - this.#introducedAt) / INTRODUCTION_HALF_LIFE_MS);
  }

  /** It has been introduced once more. */
  introduced(now: Millis): void {
    this.#introductions = this.introductions(now) + 1;
    this.#introducedAt = now;
  }
}

/** What processes tell each other of a viewer. */
export interface VisitorEntry {
  readonly viewer: ViewerName;
  /** The process it is connected to. */
  readonly node: string;
  readonly address: string;
  readonly nat: NatKind;
  readonly uploads: boolean;
}

/** A viewer of another process. How many children it would take is not told: that changes with every second. */
export class Visitor extends Attendee {
  readonly node: string;
  readonly slots: number;

  constructor(entry: VisitorEntry, now: Millis) {
    super(entry.viewer, entry.address);
    this.node = entry.node;
    this.nat = entry.nat;
    this.slots = entry.uploads ? 1 : 0;
    this.joinedAt = now;
  }
}
