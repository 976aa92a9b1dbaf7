/**
 * One connection of the tracker, from opening to joining to leaving.
 */
import { TRACKER_BURST, TRACKER_RATE } from '../../wire/limits.ts';
import type { NatKind } from '../../wire/nat.ts';
import type { ViewerName, ViewerReport } from '../../wire/tracker.ts';
import type { Millis } from '../engine.ts';
import { Bucket } from '../kit/bucket.ts';
import { networkOf } from '../nat/addresses.ts';
import type { Connection } from './io.ts';

/** Signals a second that others may send to one viewer, and how many at once: a flash crowd dials at the same time. */
const INBOX_RATE = 60;
const INBOX_BURST = 400;
/** Introductions are forgotten by half every so often. */
const INTRODUCTION_HALF_LIFE_MS = 5000;

/** Introductions whose outcome is still of interest; the oldest is forgotten for the newest. */
const INTRODUCED_MAX = 64;
const LESSON_RATE = 1;
const LESSON_BURST = 32;

/** Where a connection's life stands. */
export type MemberState = 'open' | 'asking' | 'joined';

/** What a join says. */
export interface Membership {
  readonly path: string;
  readonly viewerKey: string;
  readonly uploads: boolean;
}

/** See above. */
export class Member {
  readonly connection: Connection;
  readonly address: string;
  readonly network: string;
  readonly viewer: ViewerName;
  readonly requests = new Bucket(TRACKER_RATE, TRACKER_BURST);
  readonly inbox = new Bucket(INBOX_RATE, INBOX_BURST);
  state: MemberState = 'open';
  membership: Membership | undefined;
  joinedAt: Millis = 0;
  heardAt: Millis;
  report: ViewerReport | undefined;
  nat: NatKind = 'unknown';
  /** Outcomes of dials it may still teach the tracker. */
  readonly lessons = new Bucket(LESSON_RATE, LESSON_BURST);
  readonly #introduced = new Set<ViewerName>();
  #introductions = 0;
  #introducedAt: Millis = 0;

  constructor(connection: Connection, opening: { readonly address: string; readonly viewer: ViewerName }, now: Millis) {
    this.connection = connection;
    this.address = opening.address;
    this.network = networkOf(opening.address);
    this.viewer = opening.viewer;
    this.heardAt = now;
  }

  /** How often it has been introduced lately; older introductions count less. */
  introductions(now: Millis): number {
    return this.#introductions * 0.5 ** ((now - this.#introducedAt) / INTRODUCTION_HALF_LIFE_MS);
  }

  /** It has been introduced once more. */
  introduced(now: Millis): void {
    this.#introductions = this.introductions(now) + 1;
    this.#introducedAt = now;
  }

  /** Has been told of another, and may dial it. */
  meets(other: ViewerName): void {
    if (this.#introduced.size >= INTRODUCED_MAX) this.#introduced.delete(this.#introduced.values().next().value ?? '');
    this.#introduced.add(other);
  }

  /** Whether it was told of another and has not said yet how that went. */
  mayTellOf(other: ViewerName): boolean {
    return this.#introduced.delete(other);
  }

  /** Children it would take, as far as is known: one that has not reported yet is given the benefit of the doubt. */
  get slots(): number {
    if (this.membership?.uploads !== true) return 0;
    return this.report?.slots ?? 1;
  }
}
