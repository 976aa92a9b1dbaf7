/**
 * One connection of the tracker, from opening to joining to leaving.
 */
import { TRACKER_BURST, TRACKER_RATE } from '../../wire/limits.ts';
import type { ViewerName, ViewerReport } from '../../wire/tracker.ts';
import type { Millis } from '../engine.ts';
import { Bucket } from '../kit/bucket.ts';
import { Attendee } from './attendee.ts';
import type { Connection } from './io.ts';

/** Signals a second that others may send to one viewer, and how many at once: a flash crowd dials at the same time. */
const INBOX_RATE = 60;
const INBOX_BURST = 400;
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
export class Member extends Attendee {
  readonly connection: Connection;
  readonly requests = new Bucket(TRACKER_RATE, TRACKER_BURST);
  readonly inbox = new Bucket(INBOX_RATE, INBOX_BURST);
  state: MemberState = 'open';
  membership: Membership | undefined;
  heardAt: Millis;
  report: ViewerReport | undefined;
  /** Outcomes of dials it may still teach the tracker. */
  readonly lessons = new Bucket(LESSON_RATE, LESSON_BURST);
  readonly #introduced = new Set<ViewerName>();

  constructor(connection: Connection, opening: { readonly address: string; readonly viewer: ViewerName }, now: Millis) {
    super(opening.viewer, opening.address);
    this.connection = connection;
    this.heardAt = now;
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

  /** It joined as one that uploads nothing, and now it has slots: consent, or another line. True when that is news. */
  learnsToUpload(): boolean {
    if (this.membership === undefined || this.membership.uploads || (this.report?.slots ?? 0) === 0) return false;
    this.membership = { ...this.membership, uploads: true };
    return true;
  }

  get slots(): number {
    if (this.membership?.uploads !== true) return 0;
    return this.report?.slots ?? 1;
  }
}
