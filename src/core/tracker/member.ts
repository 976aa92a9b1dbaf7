/**
 * One connection of the tracker, from opening to joining to leaving.
 */
import { TRACKER_BURST, TRACKER_RATE } from '../../wire/limits.ts';
import type { ViewerName, ViewerReport } from '../../wire/tracker.ts';
import type { Millis } from '../engine.ts';
import { Bucket } from '../kit/bucket.ts';
import type { Connection } from './io.ts';

/** Signals a second that others may send to one viewer, and how many at once: a flash crowd dials at the same time. */
const INBOX_RATE = 60;
const INBOX_BURST = 400;
/** Introductions are forgotten by half every so often. */
const INTRODUCTION_HALF_LIFE_MS = 5000;

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
  readonly viewer: ViewerName;
  readonly requests = new Bucket(TRACKER_RATE, TRACKER_BURST);
  readonly inbox = new Bucket(INBOX_RATE, INBOX_BURST);
  state: MemberState = 'open';
  membership: Membership | undefined;
  joinedAt: Millis = 0;
  heardAt: Millis;
  report: ViewerReport | undefined;
  #introductions = 0;
  #introducedAt: Millis = 0;

  constructor(connection: Connection, opening: { readonly address: string; readonly viewer: ViewerName }, now: Millis) {
    this.connection = connection;
    this.address = opening.address;
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

  /** Children it would take, as far as is known: one that has not reported yet is given the benefit of the doubt. */
  get slots(): number {
    if (this.membership?.uploads !== true) return 0;
    return this.report?.slots ?? 1;
  }
}
