/**
 * A loader for mpegts.js that outlives a response: when one ends in the middle, as when the browser stops the Service
 * Worker, it asks again and goes on where it stood. The demuxer behind it notices nothing.
 */
import { FlvTags } from '../player/flv-tags.ts';
import { FlvResume } from './flv-resume.ts';

/** The part of mpegts.js that is used. */
export interface LoaderKit {
  readonly BaseLoader: new (name: string) => LoaderBase;
  readonly LoaderStatus: {
    readonly kConnecting: number;
    readonly kBuffering: number;
    readonly kError: number;
    readonly kComplete: number;
  };
  readonly LoaderErrors: { readonly EXCEPTION: string; readonly HTTP_STATUS_CODE_INVALID: string };
}

/** What a loader of mpegts.js has from its base. */
export interface LoaderBase {
  _status: number;
  _needStash: boolean;
  onDataArrival(chunk: ArrayBuffer, byteStart: number, receivedLength?: number): void;
  onError(kind: never, info: { readonly code: number; readonly msg: string }): void;
  onComplete(from: number, to: number): void;
  destroy(): void;
}

/** The first retry is immediate; the others wait this long, ever longer. */
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5000;

/** Makes a class for mpegts.js's `customLoader`, out of mpegts.js itself. */
export const retryingLoader = <Kit extends LoaderKit>(kit: Kit): (new () => InstanceType<Kit['BaseLoader']>) => {
  const { kBuffering, kComplete, kConnecting, kError } = kit.LoaderStatus;
  const Base: LoaderKit['BaseLoader'] = kit.BaseLoader;
  class RetryingLoader extends Base {
    readonly #until = new AbortController();
    readonly #resume = new FlvResume();
    #sent = 0;
    #waitMs = 0;

    constructor() {
      super('shoal-retrying');
      this._needStash = false;
    }

    open({ url }: { readonly url: string }): void {
      this._status = kConnecting;
      void this.#run(url);
    }

    abort(): void {
      this.#until.abort();
      this._status = kComplete;
    }

    override destroy(): void {
      this.abort();
      super.destroy();
    }

    async #run(url: string): Promise<void> {
      const { signal } = this.#until;
      for (;;) {
        try {
          const response = await fetch(url, { signal });
          if (signal.aborted) return;
          if (!response.ok || response.body === null) {
            if (this.#refused(response.status)) return;
          } else await this.#read(response.body);
        } catch {
          // What broke a response off does not matter: the next one shows whether there is anything to have.
          if (!signal.aborted && this.#sent === 0) return this.#fail(kit.LoaderErrors.EXCEPTION, -1);
        }
        if (signal.aborted) return;
        await new Promise((resolve) => setTimeout(resolve, this.#waitMs));
        this.#waitMs = Math.min(LONGEST_WAIT_MS, Math.max(FIRST_WAIT_MS, this.#waitMs * 2));
      }
    }

    /** Whether that was the end. */
    #refused(status: number): boolean {
      if (this.#sent === 0) this.#fail(kit.LoaderErrors.HTTP_STATUS_CODE_INVALID, status);
      else if (status === 404 || status === 410) {
        this._status = kComplete;
        this.onComplete(0, this.#sent - 1);
      } else return false;
      return true;
    }

    #fail(kind: string, code: number): void {
      this._status = kError;
      this.onError(kind as never, { code, msg: `status ${code}` });
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
        this._status = kBuffering;
        this.#waitMs = 0;
        const start = this.#sent;
        this.#sent += on.length;
        this.onDataArrival(on.buffer, start, this.#sent);
      }
    }
  }
  // Beside what is overridden it is its base, all of it.
  return RetryingLoader as unknown as new () => InstanceType<Kit['BaseLoader']>;
};
