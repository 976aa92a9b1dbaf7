// What is known of a stream while somebody sends it, and what happens when its live push begins to run and when it is cut:
// the customer's server is told, and what is to be recorded by itself is.

import { type Encode, type PushUrl, RECORD_ALL } from '../../../src/wire/room.ts';
import type { CallbackService } from '../callbacks/callback-service.ts';
import type { Clock, Timer } from '../clock.ts';
import type { PublishFacts } from '../ingest/publish-events.ts';
import type { Recordings } from '../recording/recordings.ts';
import type { Addresses } from './addresses.ts';
import type { LiveApp } from './live-apps.ts';
import { playUrls, type RateType, SOURCE_RATE } from './play-urls.ts';
import { cutEvent, freshSequence, type PushEnd, pushedEvent, type StreamFacts } from './push-events.ts';

/** What it works with. */
export interface SessionParts {
  readonly clock: Clock;
  readonly addresses: Addresses;
  readonly rates: readonly RateType[];
  readonly callbacks: CallbackService;
  readonly recordings: Recordings;
}

/** What a publisher chose with its push. */
export interface PushChoice {
  readonly record: number;
  readonly channelName: string;
  readonly channelDesc: string;
}

/** A push that runs. */
interface Running {
  readonly sequence: string;
  readonly sinceMs: number;
  /** Its automatic recording. */
  readonly task: string | undefined;
  /** Its next screenshot. */
  timer: Timer | undefined;
  /** Takes back what would be told should this process die. */
  revokeWill: Promise<() => Promise<void>> | undefined;
}

interface Session {
  readonly app: LiveApp;
  facts: StreamFacts;
  /** How its publisher ended. */
  how: PushEnd;
  isUp: boolean;
  running: Running | undefined;
}

/** A live push as the customer's server sees it. */
export interface LiveChannel {
  readonly channelId: string;
  readonly channelName: string;
  readonly channelDesc: string;
  readonly sinceMs: number;
  readonly urls: readonly PushUrl[];
}

/** See above. */
export class LiveSessions {
  readonly #parts: SessionParts;
  readonly #sessions = new Map<string, Session>();
  readonly #choices = new Map<string, PushChoice>();
  /** Callbacks and recordings that are being finished. */
  readonly #work = new Set<Promise<unknown>>();

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  trackUp(code: string, app: LiveApp, publisher: PublishFacts): void {
    const { addresses } = this.#parts;
    const param = new URLSearchParams(publisher.credentials);
    param.delete('key');
    const facts = {
      code,
      appid: app.appid,
      host: addresses.hostOf(app),
      node: addresses.node,
      userIp: publisher.ip,
      param: param.toString(),
    };
    this.#sessions.set(code, { app, facts, how: 'stopped', isUp: true, running: undefined });
  }

  /** Nobody sends it any longer; what its push was is forgotten once it is withdrawn. */
  trackDown(code: string, how: PushEnd): void {
    const session = this.#sessions.get(code);
    if (session === undefined) return;
    session.how = how;
    session.isUp = false;
    if (session.running === undefined) this.#sessions.delete(code);
  }

  /** What a publisher wants of its push, should it run. */
  choose(code: string, choice: PushChoice): void {
    this.#choices.set(code, choice);
  }

  /** Its publisher has left. */
  forget(code: string): void {
    this.#choices.delete(code);
  }

  /** What is known of a stream that somebody sends. */
  factsOf(code: string): StreamFacts | undefined {
    const session = this.#sessions.get(code);
    return session?.isUp === true ? session.facts : undefined;
  }

  /** The addresses of a stream in the wanted forms. */
  urlsOf(code: string, encode: readonly Encode[]): PushUrl[] {
    const session = this.#sessions.get(code);
    if (session === undefined) return [];
    const { addresses, rates } = this.#parts;
    return playUrls(code, addresses.basesOf(session.app), { encode, rates: [SOURCE_RATE, ...rates] });
  }

  /** The pushes of an app that run. */
  channelsOf(bizid: number): readonly LiveChannel[] {
    return [...this.#sessions].flatMap(([code, { app, running }]) => {
      if (running === undefined || app.bizid !== bizid) return [];
      const { channelName = '', channelDesc = '' } = this.#choices.get(code) ?? {};
      const urls = this.urlsOf(code, []);
      return [{ channelId: code, channelName, channelDesc, sinceMs: running.sinceMs, urls }];
    });
  }

  /** The push of a code runs. */
  announce(code: string): void {
    const session = this.#sessions.get(code);
    if (session === undefined) return;
    const { clock, callbacks } = this.#parts;
    const sequence = freshSequence();
    const nowMs = clock.wall();
    session.running = {
      sequence,
      sinceMs: nowMs,
      task: this.#record(session),
      timer: undefined,
      revokeWill: undefined,
    };
    this.#shootLater(session, session.running);
    const { bizid } = session.app;
    const will = cutEvent(session.facts, sequence, { how: 'killed', nowMs, durationMs: 0 });
    session.running.revokeWill = callbacks.keepWill(bizid, will);
    this.#keep(callbacks.tell(bizid, pushedEvent(session.facts, sequence, nowMs)));
  }

  /** The push of a code runs no longer. */
  withdraw(code: string): void {
    const session = this.#sessions.get(code);
    const { running } = session ?? {};
    if (session === undefined || running === undefined) return;
    session.running = undefined;
    if (!session.isUp) this.#sessions.delete(code);
    running.timer?.cancel();
    const { clock, callbacks, recordings } = this.#parts;
    const nowMs = clock.wall();
    const end = { how: session.how, nowMs, durationMs: nowMs - running.sinceMs };
    const cut = callbacks.tell(session.app.bizid, cutEvent(session.facts, running.sequence, end));
    // In this order: what is told twice is found by its sequence, what is never told is not.
    this.#keep(cut.then(async () => (await running.revokeWill)?.()));
    if (running.task !== undefined) this.#keep(recordings.stop(running.task));
  }

  /** Waits for what is being finished. */
  async close(): Promise<void> {
    for (const code of this.#sessions.keys()) this.withdraw(code);
    while (this.#work.size > 0) await Promise.all(this.#work);
  }

  /** Where recording is automatic: all that the app records, or what the publisher chose of it. */
  #record({ app, facts }: Session): string | undefined {
    const chosen = app.bypass === 'auto' ? RECORD_ALL : (this.#choices.get(facts.code)?.record ?? RECORD_ALL);
    const formats = app.record === 'auto' ? app.formats & chosen : 0;
    if (formats === 0) return undefined;
    const started = this.#parts.recordings.start({ app, facts, formats, how: 'auto', isReported: true });
    return 'task' in started ? started.task : undefined;
  }

  /** A picture every so often, as long as the push runs. */
  #shootLater({ app, facts }: Pick<Session, 'app' | 'facts'>, running: Running): void {
    if (app.screenshotSeconds === 0) return;
    running.timer = this.#parts.clock.after(app.screenshotSeconds * 1000, () => {
      this.#keep(this.#parts.recordings.takeScreenshot(app, facts));
      this.#shootLater({ app, facts }, running);
    });
  }

  #keep(work: Promise<unknown>): void {
    const kept = work.finally(() => this.#work.delete(kept));
    this.#work.add(kept);
  }
}
