/**
 * One instance: plays one address at a time and tells its two callbacks. Whatever goes wrong on the way, the caller gets
 * an address to play, once.
 */
import { asShoalError } from '../carrier/calls.ts';
import { ShoalError } from '../errors.ts';
import type { LogWriter } from '../log/log.ts';
import { reportError } from '../player/events.ts';
import { readSource } from '../virtual/source-place.ts';
import type { VirtualHost } from '../virtual/virtual-host.ts';
import type { VirtualStream } from '../virtual/virtual-stream.ts';
import { ErrorCode, type ErrorName, EventCode, nameOf } from './codes.ts';
import { canDecode } from './picture-support.ts';

/** Hears events and errors: code, message, instance. What it returns is of no concern. */
export type NativeCallback = (code: number, message: string, instance: number) => unknown;

/** What an instance is made of. */
export interface InstanceParts {
  readonly id: number;
  readonly event: NativeCallback;
  readonly error: NativeCallback;
  readonly host: VirtualHost;
  readonly startWithinMs: number;
  readonly statisticsEveryMs: number;
  readonly log: LogWriter;
}

type State =
  | 'idle'
  /** START was said, STARTED was not. */
  | 'starting'
  /** The virtual address was handed out. */
  | 'playing'
  /** The original address was handed out. */
  | 'rolled-back';

/** See above. */
export class NativeInstance {
  readonly #parts: InstanceParts;
  #state: State = 'idle';
  /** Counts plays: what belongs to an earlier one is not heard any more. */
  #turn = 0;
  #url = '';
  #stream: VirtualStream | undefined;
  #statistics: ReturnType<typeof setInterval> | undefined;

  /** LOAD_READY comes in a task of its own, so that the caller knows the instance's number by then. */
  readonly #loadReady: Promise<void>;

  constructor(parts: InstanceParts) {
    this.#parts = parts;
    this.#loadReady = new Promise((resolve) => {
      setTimeout(() => {
        if (this.#turn >= 0) this.tell(EventCode.LOAD_READY, '');
        resolve();
      });
    });
  }

  get state(): State {
    return this.#state;
  }

  /** Calls the event callback. */
  tell(code: EventCode, message: string): void {
    const { event, id, log } = this.#parts;
    const name = Object.entries(EventCode).find(([, number]) => number === code)?.[0];
    if (code !== EventCode.STATISTICS_DATA) log.info(`${name} ${message}`);
    call(event, code, message, id);
  }

  /** Calls the error callback. */
  tellError(name: ErrorName, message: string): void {
    const { error, id, log } = this.#parts;
    log.warn(`${name} ${message}`);
    call(error, ErrorCode[name], message, id);
  }

  /** Plays an address; false when it already plays one. */
  play(url: string): boolean {
    if (this.#state !== 'idle') {
      this.#parts.log.warn('PlayURL without Unplay before it');
      return false;
    }
    this.#state = 'starting';
    this.#url = url;
    void this.#start(++this.#turn);
    return true;
  }

  /** Lets go; false when nothing plays. */
  stop(reason: string): boolean {
    if (this.#state === 'idle') return false;
    this.#turn += 1;
    this.tell(EventCode.STOP, reason);
    this.#letGo();
    this.#state = 'idle';
    this.tell(EventCode.STOPPED, reason);
    return true;
  }

  /** Stops for good; nothing is told afterwards. */
  close(reason: string): void {
    this.stop(reason);
    this.#turn = Number.NEGATIVE_INFINITY;
  }

  async #start(turn: number): Promise<void> {
    const isOurs = (): boolean => turn === this.#turn;
    // PlayURL returns before its first event, and LOAD_READY comes before START.
    await this.#loadReady;
    if (!isOurs()) return;
    this.tell(EventCode.START, this.#url);
    const { host, startWithinMs } = this.#parts;
    const dueMs = performance.now() + startWithinMs;
    const timer = setTimeout(() => {
      if (isOurs()) this.#rollBack(new ShoalError('service/not-found', { detail: 'no answer in time' }));
    }, startWithinMs);
    try {
      const source = sourceOf(this.#url);
      await host.open();
      if (!this.#isStarting(turn)) return;
      const stream = await host.openStream(source, this.#eventsOf(isOurs), Math.max(0, dueMs - performance.now()));
      // Too late, or stopped meanwhile.
      if (!this.#isStarting(turn)) return stream.close();
      this.#stream = stream;
      host.publish(this.#name, stream);
    } catch (error) {
      if (isOurs()) this.#rollBack(asShoalError(error, 'virtual/no-control'));
    } finally {
      clearTimeout(timer);
    }
  }

  #isStarting(turn: number): boolean {
    return turn === this.#turn && this.#state === 'starting';
  }

  get #name(): string {
    return String(this.#parts.id);
  }

  #eventsOf(isOurs: () => boolean) {
    const ours = (act: () => void): void => {
      if (isOurs()) act();
    };
    return {
      ready: () => ours(() => this.#ready()),
      failed: (error: ShoalError) => ours(() => this.#rollBack(error)),
      stuckToOrigin: () => ours(() => this.tell(EventCode.STUCK_TO_ORIGIN, this.#url)),
      error: (error: ShoalError) => ours(() => this.#report(error)),
      ended: () => ours(() => void this.stop('the source is over')),
      idle: () => undefined,
    };
  }

  #ready(): void {
    if (this.#state !== 'starting') return;
    if (!canDecode(this.#stream?.videoConfig)) {
      this.#rollBack(new ShoalError('media/unsupported-codec'));
      return;
    }
    this.#state = 'playing';
    const { host, statisticsEveryMs } = this.#parts;
    this.#statistics = setInterval(() => void this.#tellStatistics(), statisticsEveryMs);
    this.tell(EventCode.STARTED, host.media(this.#name));
  }

  /** Hands out the original address, after saying why; this play shares nothing any more. */
  #rollBack(error: ShoalError): void {
    if (this.#state !== 'starting') return;
    this.tellError(nameOf(error.code) ?? 'SOURCE_DATA_ERROR', sentenceOf(error));
    this.#letGo();
    this.#state = 'rolled-back';
    this.tell(EventCode.STARTED, this.#url);
  }

  /** What happens on the way to a start matters only if the start fails. */
  #report(error: ShoalError): void {
    const name = nameOf(error.code);
    if (name === undefined || this.#state === 'starting') this.#parts.log.info(sentenceOf(error));
    else this.tellError(name, sentenceOf(error));
  }

  #letGo(): void {
    clearInterval(this.#statistics);
    this.#stream = undefined;
    this.#parts.host.closeNamed(this.#name);
  }

  async #tellStatistics(): Promise<void> {
    const turn = this.#turn;
    const stream = this.#stream;
    const flow = await stream?.flow();
    if (stream === undefined || flow === undefined || turn !== this.#turn) return;
    const { p2pBytes, cdnBytes, uploadedBytes } = flow;
    const { readers, skips, state, waitingBytes } = stream;
    const said = { flow: { p2pBytes, cdnBytes }, uploadedBytes, state, readers, waitingBytes, skips };
    this.tell(EventCode.STATISTICS_DATA, JSON.stringify(said));
  }
}

const sentenceOf = (error: ShoalError): string => `${error.code}: ${error.message}`;

const sourceOf = (url: string): URL => {
  try {
    return readSource(url, document.baseURI);
  } catch (cause) {
    const { detail } = asShoalError(cause, 'virtual/bad-source');
    throw new ShoalError('virtual/bad-source', { ...(detail === undefined ? {} : { detail }), cause });
  }
};

/** A callback that throws hurts nobody but its page. */
const call = (callback: NativeCallback, code: number, message: string, instance: number): void => {
  try {
    callback(code, message, instance);
  } catch (error) {
    reportError(error);
  }
};
