// What is sent when: the callbacks that wait, how often each was tried, and how many may be under way at once. It is pure;
// its times are wall times, because they outlive the process.

import { type CallbackEvent, EVENT_SCREENSHOT } from './events.ts';

/** How often and when a callback that was not acknowledged is sent again. */
export interface Schedule {
  /** After the first attempt. */
  readonly retries: number;
  readonly everyMs: number;
}

/** Schedules by kind of event. */
export interface Schedules {
  readonly usual: Schedule;
  readonly screenshot: Schedule;
}

/** The documented schedules. */
export const SCHEDULES: Schedules = {
  usual: { retries: 12, everyMs: 60_000 },
  screenshot: { retries: 5, everyMs: 120_000 },
};

/** A callback that is not acknowledged yet. */
export interface Waiting {
  /** Counts up; the order in which things happened. */
  readonly id: number;
  readonly bizid: number;
  readonly event: CallbackEvent;
  /** Attempts that failed. */
  readonly failures: number;
  /** When it is to be sent. */
  readonly dueMs: number;
}

/** How an attempt ended. */
export type Verdict = 'done' | 'again' | 'given-up';

/** Under way at once: a customer whose server hangs must not hold up the others. */
export const UNDER_WAY_MAX = 64;
export const UNDER_WAY_PER_APP_MAX = 4;
/** Callbacks kept; beyond that the oldest go, which are the nearest to being given up anyway. */
export const WAITING_MAX = 10_000;

/** See above. */
export class DeliveryPlan {
  readonly #schedules: Schedules;
  readonly #waiting = new Map<number, Waiting>();
  readonly #underWay = new Map<number, Waiting>();

  constructor(schedules: Schedules) {
    this.#schedules = schedules;
  }

  /** What waits, oldest first. */
  all(): readonly Waiting[] {
    return [...this.#waiting.values()];
  }

  /** Takes a callback in; returns one that had to go for it. */
  add(waiting: Waiting): Waiting | undefined {
    this.#waiting.set(waiting.id, waiting);
    if (this.#waiting.size <= WAITING_MAX) return undefined;
    for (const oldest of this.#waiting.values()) {
      if (this.#underWay.has(oldest.id)) continue;
      this.#waiting.delete(oldest.id);
      return oldest;
    }
    return undefined;
  }

  /** The next callback to send, which counts as under way from now on. */
  take(nowMs: number): Waiting | undefined {
    if (this.#underWay.size >= UNDER_WAY_MAX) return undefined;
    const busy = this.#busy();
    for (const waiting of this.#waiting.values()) {
      if (waiting.dueMs > nowMs || !busy.mayGo(waiting)) continue;
      this.#underWay.set(waiting.id, waiting);
      return waiting;
    }
    return undefined;
  }

  /** An attempt has ended. */
  settle(id: number, isAcknowledged: boolean, nowMs: number): Verdict {
    const waiting = this.#underWay.get(id);
    this.#underWay.delete(id);
    if (waiting === undefined || isAcknowledged) {
      this.#waiting.delete(id);
      return 'done';
    }
    const failures = waiting.failures + 1;
    const { retries, everyMs } = this.scheduleOf(waiting.event);
    if (failures > retries) {
      this.#waiting.delete(id);
      return 'given-up';
    }
    this.#waiting.set(id, { ...waiting, failures, dueMs: nowMs + everyMs });
    return 'again';
  }

  /** When the next callback is due that is not held up by others under way; Infinity when none is. */
  wakeupMs(): number {
    const busy = this.#busy();
    let next = Number.POSITIVE_INFINITY;
    for (const waiting of this.#waiting.values()) if (busy.mayGo(waiting)) next = Math.min(next, waiting.dueMs);
    return this.#underWay.size >= UNDER_WAY_MAX ? Number.POSITIVE_INFINITY : next;
  }

  /** The schedule of an event. */
  scheduleOf(event: CallbackEvent): Schedule {
    return event.event_type === EVENT_SCREENSHOT ? this.#schedules.screenshot : this.#schedules.usual;
  }

  /** One at a time of a stream, so that a cut does not overtake its push on the way; a few of an app. */
  #busy(): { mayGo(waiting: Waiting): boolean } {
    const streams = new Set<string>();
    const apps = new Map<number, number>();
    for (const { bizid, event } of this.#underWay.values()) {
      streams.add(event.stream_id);
      apps.set(bizid, (apps.get(bizid) ?? 0) + 1);
    }
    return {
      mayGo: ({ id, bizid, event }) =>
        !this.#underWay.has(id) && !streams.has(event.stream_id) && (apps.get(bizid) ?? 0) < UNDER_WAY_PER_APP_MAX,
    };
  }
}
