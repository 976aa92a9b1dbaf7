/**
 * The bytes of a stream's own address as they are, without sharing: where there is no Shoal. A response that breaks off is
 * asked for again, ever more slowly, and spliced on; one that ends cleanly is the end of the stream.
 */
import { asShoalError } from '../carrier/calls.ts';
import { ShoalError } from '../errors.ts';
import { handOver, type TakeFlv } from './data-sink.ts';
import type { FlvSplice } from './flv-splice.ts';
import { FlvTags } from './flv-tags.ts';
import type { Playback, PlaybackEvents } from './playback.ts';

/** What is read and who takes it. */
export interface PlainDataParts {
  readonly url: string;
  readonly playing: boolean;
  readonly splice: FlvSplice;
  readonly take: TakeFlv;
  readonly fetch: typeof fetch;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;

type State = 'playing' | 'paused' | 'over';

/** The way of handing bytes on that does not share. */
export class PlainData implements Playback {
  readonly #parts: PlainDataParts;
  readonly #events: PlaybackEvents;
  #url: string;
  #state: State;
  #abort = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #waitMs = FIRST_WAIT_MS;

  constructor(parts: PlainDataParts, events: PlaybackEvents) {
    this.#parts = parts;
    this.#events = events;
    this.#url = parts.url;
    this.#state = parts.playing ? 'playing' : 'paused';
    if (parts.playing) void this.#read();
  }

  setPlaying(playing: boolean): void {
    if (this.#state === 'over') return;
    this.#close();
    this.#state = playing ? 'playing' : 'paused';
    if (playing) void this.#read();
  }

  setPolicy(): void {
    // Nothing is shared, whatever the policy.
  }

  setCredentials(credentials: string): void {
    const url = new URL(this.#url);
    url.search = credentials;
    this.#url = url.href;
  }

  stats(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  explain(): Promise<readonly string[]> {
    return Promise.resolve(['The stream is read from its own address as it is; nothing is shared.']);
  }

  destroy(): void {
    this.#state = 'over';
    this.#close();
  }

  #close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#abort.abort();
  }

  async #read(): Promise<void> {
    const abort = new AbortController();
    this.#abort = abort;
    const isOurs = (): boolean => this.#abort === abort && this.#state === 'playing';
    // The page's own task goes on before the first event.
    await Promise.resolve();
    try {
      const response = await this.#ask(abort.signal);
      if (!isOurs()) return;
      this.#parts.splice.beginRun();
      await this.#pass(response, isOurs);
      if (!isOurs()) return;
      this.#state = 'over';
      this.#events.ended();
    } catch (thrown) {
      if (isOurs()) this.#failed(asShoalError(thrown, 'origin/unreachable'));
    }
  }

  async #ask(signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const response = await this.#parts.fetch(this.#url, { signal });
    const { status, body } = response;
    if (status === 401 || status === 403) throw new ShoalError('origin/refused', { detail: `status ${status}` });
    if (status === 404) throw new ShoalError('origin/not-found', { detail: `status ${status}` });
    if (!response.ok || body === null) throw new ShoalError('origin/unreachable', { detail: `status ${status}` });
    return body;
  }

  async #pass(body: ReadableStream<Uint8Array>, isOurs: () => boolean): Promise<void> {
    const { splice, take } = this.#parts;
    const tags = new FlvTags();
    const reader = body.getReader();
    let moves = false;
    for (;;) {
      const { done, value } = await reader.read();
      if (done || !isOurs()) return;
      const flv = tags.push(value);
      if (flv === undefined) continue;
      const begins = splice.isFresh;
      const on = splice.push(flv);
      if (!moves && splice.span !== undefined) {
        moves = true;
        this.#waitMs = FIRST_WAIT_MS;
        this.#events.moving();
      }
      if (on !== undefined && isOurs()) handOver(take, on, begins);
    }
  }

  #failed(error: ShoalError): void {
    if (error.code === 'origin/refused' || error.code === 'source/bad-answer') {
      this.#state = 'over';
      this.#close();
      this.#events.lost(error);
      return;
    }
    this.#events.error(error);
    this.#abort.abort();
    const wait = this.#waitMs;
    this.#waitMs = Math.min(wait * 2, LONGEST_WAIT_MS);
    this.#timer = setTimeout(() => {
      if (this.#state === 'playing') void this.#read();
    }, wait);
  }
}
