/**
 * Reads one endless FLV over as many responses as it takes: when one ends in the middle it asks again and goes on where
 * it stood.
 */
import { FlvTags } from '../player/flv-tags.ts';
import { FlvResume } from './flv-resume.ts';

/** What comes of it; the last two are the end. */
export interface RetryingFetchEvents {
  bytes(flv: Uint8Array<ArrayBuffer>): void;
  /** The address is not there any more. */
  over(): void;
  /** There was nothing to begin with: an HTTP status, or undefined when nobody answered. */
  failed(status: number | undefined): void;
}

/** The first retry is immediate; the others wait this long, ever longer. */
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5000;

/** See above. */
export class RetryingFetch {
  readonly #url: string;
  readonly #events: RetryingFetchEvents;
  readonly #until = new AbortController();
  readonly #resume = new FlvResume();
  #state: 'first' | 'resuming' = 'first';
  #waitMs = 0;

  constructor(url: string, events: RetryingFetchEvents) {
    this.#url = url;
    this.#events = events;
    void this.#run();
  }

  /** Nothing is told afterwards. */
  stop(): void {
    this.#until.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#until;
    while (!signal.aborted) {
      if (await this.#ask(signal)) return;
      await new Promise((resolve) => setTimeout(resolve, this.#waitMs));
      this.#waitMs = Math.min(LONGEST_WAIT_MS, Math.max(FIRST_WAIT_MS, this.#waitMs * 2));
    }
  }

  /** Whether that was the end. */
  async #ask(signal: AbortSignal): Promise<boolean> {
    try {
      const response = await fetch(this.#url, { signal });
      if (!response.ok || response.body === null) return this.#refused(response.status);
      await this.#read(response.body);
      return false;
    } catch {
      // What broke a response off does not matter: the next one shows whether there is anything to have.
      if (signal.aborted) return true;
      if (this.#state === 'first') this.#events.failed(undefined);
      return this.#state === 'first';
    }
  }

  #refused(status: number): boolean {
    if (this.#until.signal.aborted) return true;
    if (this.#state === 'first') this.#events.failed(status);
    else if (status === 404 || status === 410) this.#events.over();
    else return false;
    return true;
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    const tags = new FlvTags();
    const reader = body.getReader();
    this.#resume.beginResponse();
    for (;;) {
      const { done, value } = await reader.read();
      if (done || this.#until.signal.aborted) return;
      const whole = tags.push(value);
      const on = whole === undefined ? undefined : this.#resume.push(new Uint8Array(whole));
      if (on === undefined || on.length === 0) continue;
      this.#state = 'resuming';
      this.#waitMs = 0;
      this.#events.bytes(on);
    }
  }
}
