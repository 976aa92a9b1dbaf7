// The callbacks of a server: taken in, kept on disk, sent until they are acknowledged or given up, and shown.

import type { Clock, Timer } from '../clock.ts';
import type { Log } from '../log.ts';
import { DeliveryPlan, SCHEDULES, type Schedules, type Waiting } from './delivery-plan.ts';
import type { CallbackEvent, PushEvent } from './events.ts';
import { type CallbackTarget, postEvent } from './post-event.ts';
import { type QueueContent, QueueFile, type Will } from './queue-file.ts';

/** What it works with. */
export interface CallbackParts {
  readonly clock: Clock;
  readonly log: Log;
  /** Where the queue is kept; in memory only unless given. */
  readonly dir: string | undefined;
  readonly schedules?: Schedules;
  /** Where an app wants its callbacks; undefined when it wants none. */
  readonly targetOf: (bizid: number) => CallbackTarget | undefined;
}

/** How far a callback has come. */
export interface Delivery {
  readonly id: number;
  readonly event: CallbackEvent;
  readonly state: 'waiting' | 'acknowledged' | 'given-up' | 'dropped' | 'unwanted';
  readonly attempts: number;
  /** What came back last. */
  readonly answer: string;
  /** Unix time of the last change, ms. */
  readonly atMs: number;
}

const SHOWN_PER_APP_MAX = 200;

/** See above. */
export class CallbackService {
  readonly #parts: CallbackParts;
  readonly #file: QueueFile | undefined;
  readonly #plan: DeliveryPlan;
  readonly #shown = new Map<number, Delivery[]>();
  readonly #left = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  #timer: Timer | undefined;
  #nextId: number;
  #wills: readonly Will[];
  #state: 'opened' | 'sending' | 'closed' = 'opened';

  private constructor(parts: CallbackParts, file: QueueFile | undefined, { waiting, wills }: QueueContent) {
    this.#parts = parts;
    this.#file = file;
    this.#plan = new DeliveryPlan(parts.schedules ?? SCHEDULES);
    this.#nextId = Math.max(0, ...[...waiting, ...wills].map(({ id }) => id)) + 1;
    this.#wills = wills;
    for (const one of waiting) {
      this.#plan.add(one);
      this.#show(one, { state: 'waiting', attempts: one.failures, answer: '' });
    }
  }

  /** Opens the queue; nothing is sent before `begin`. */
  static async open(parts: CallbackParts): Promise<CallbackService> {
    if (parts.dir === undefined) return new CallbackService(parts, undefined, { waiting: [], wills: [] });
    const { file, ...content } = await QueueFile.open(parts.dir);
    return new CallbackService(parts, file, content);
  }

  /** Sends from now on, and first what waited in the queue. */
  begin(): void {
    if (this.#state !== 'opened') return;
    this.#state = 'sending';
    for (const will of this.#wills) void this.#execute(will);
    this.#wills = [];
    this.#send();
  }

  /** Keeps the news of a cut should this process die before it can tell it; the answer revokes it. */
  async keepWill(bizid: number, event: PushEvent): Promise<() => Promise<void>> {
    const id = this.#nextId++;
    await this.#keep(() => this.#file?.append({ will: id, bizid, event }));
    return () => this.#keep(() => this.#file?.append({ revoked: id }));
  }

  /** Tells an app of an event. Resolves once the event is safe on disk. */
  async tell(bizid: number, event: CallbackEvent): Promise<void> {
    const nowMs = this.#parts.clock.wall();
    const waiting = { id: this.#nextId++, bizid, event, failures: 0, dueMs: nowMs };
    if (this.#state === 'closed') return;
    if (this.#parts.targetOf(bizid) === undefined) {
      return this.#show(waiting, { state: 'unwanted', attempts: 0, answer: 'no address is configured' });
    }
    this.#show(waiting, { state: 'waiting', attempts: 0, answer: '' });
    await this.#keep(() => this.#file?.append({ put: waiting.id, bizid, event, dueMs: nowMs }));
    const dropped = this.#plan.add(waiting);
    if (dropped !== undefined) await this.#drop(dropped);
    this.#send();
  }

  /** The newest callbacks of an app, oldest first. */
  deliveries(bizid: number): readonly Delivery[] {
    return this.#shown.get(bizid) ?? [];
  }

  /** How many wait. */
  get waiting(): number {
    return this.#plan.all().length;
  }

  /** Breaks off what is under way, which is sent again after the next start. */
  async close(): Promise<void> {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#timer?.cancel();
    this.#left.abort();
    await Promise.all(this.#underWay);
    await this.#file?.close();
  }

  #send(): void {
    if (this.#state !== 'sending') return;
    const { clock } = this.#parts;
    for (let next = this.#plan.take(clock.wall()); next !== undefined; next = this.#plan.take(clock.wall())) {
      const attempt = this.#attempt(next).finally(() => this.#underWay.delete(attempt));
      this.#underWay.add(attempt);
    }
    this.#timer?.cancel();
    const dueMs = this.#plan.wakeupMs();
    if (dueMs < Number.POSITIVE_INFINITY) {
      this.#timer = clock.after(Math.max(0, dueMs - clock.wall()), () => this.#send());
    }
  }

  async #attempt(waiting: Waiting): Promise<void> {
    const { clock, log, targetOf } = this.#parts;
    const target = targetOf(waiting.bizid);
    const { isAcknowledged, answer } =
      target === undefined
        ? { isAcknowledged: true, answer: 'no address is configured any more' }
        : await postEvent(waiting.event, target, { clock, left: this.#left.signal });
    if (this.#state === 'closed' && !isAcknowledged) return;
    const nowMs = clock.wall();
    const verdict = this.#plan.settle(waiting.id, isAcknowledged, nowMs);
    const attempts = waiting.failures + 1;
    const state = verdict === 'again' ? 'waiting' : verdict === 'done' ? 'acknowledged' : 'given-up';
    this.#show(waiting, { state, attempts, answer });
    if (!isAcknowledged) {
      const { stream_id: stream, event_type: event } = waiting.event;
      log.write('warn', 'callback-failed', { bizid: waiting.bizid, stream, event, attempts, answer, verdict });
    }
    const { everyMs } = this.#plan.scheduleOf(waiting.event);
    const line = { failed: waiting.id, failures: attempts, dueMs: nowMs + everyMs };
    await this.#keep(() => this.#file?.append(verdict === 'again' ? line : { gone: waiting.id }));
    this.#send();
  }

  /** A process before this one has died: what it would have told is told now, before it is forgotten. */
  async #execute({ id, bizid, event }: Will): Promise<void> {
    const nowMs = this.#parts.clock.wall();
    const seconds = Math.floor(nowMs / 1000);
    const lasted = Math.max(0, nowMs - event.event_time * 1000);
    await this.tell(bizid, { ...event, event_time: seconds, update_time: seconds, push_duration: lasted });
    await this.#keep(() => this.#file?.append({ revoked: id }));
  }

  async #drop(waiting: Waiting): Promise<void> {
    const { stream_id: stream, event_type: event } = waiting.event;
    this.#parts.log.write('error', 'callback-dropped', { bizid: waiting.bizid, stream, event });
    this.#show(waiting, { state: 'dropped', attempts: waiting.failures, answer: 'too many wait' });
    await this.#keep(() => this.#file?.append({ gone: waiting.id }));
  }

  /** A disk that does not take it costs the safety over a restart, not the callback. */
  async #keep(write: () => Promise<void> | undefined): Promise<void> {
    try {
      await write();
    } catch (cause) {
      this.#parts.log.write('error', 'callback-not-kept', { cause: String(cause) });
    }
  }

  #show({ id, bizid, event }: Waiting, now: Pick<Delivery, 'state' | 'attempts' | 'answer'>): void {
    const list = this.#shown.get(bizid) ?? [];
    const delivery = { id, event, ...now, atMs: this.#parts.clock.wall() };
    const at = list.findIndex((shown) => shown.id === id);
    if (at >= 0) list[at] = delivery;
    else list.push(delivery);
    if (list.length > SHOWN_PER_APP_MAX) list.shift();
    this.#shown.set(bizid, list);
  }
}
