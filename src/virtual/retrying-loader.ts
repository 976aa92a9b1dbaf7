/**
 * A loader for mpegts.js that outlives a response: when one ends in the middle, as when the browser stops the Service
 * Worker, it asks again and goes on where it stood. The demuxer behind it notices nothing.
 */
import { RetryingFetch } from './retrying-fetch.ts';

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

/** Makes a class for mpegts.js's `customLoader`, out of mpegts.js itself. */
export const retryingLoader = <Kit extends LoaderKit>(kit: Kit): (new () => InstanceType<Kit['BaseLoader']>) => {
  const { kBuffering, kComplete, kConnecting, kError } = kit.LoaderStatus;
  const { EXCEPTION, HTTP_STATUS_CODE_INVALID } = kit.LoaderErrors;
  const Base: LoaderKit['BaseLoader'] = kit.BaseLoader;
  class RetryingLoader extends Base {
    #fetch: RetryingFetch | undefined;
    #sent = 0;

    constructor() {
      super('shoal-retrying');
      this._needStash = false;
    }

    open({ url }: { readonly url: string }): void {
      this._status = kConnecting;
      this.#fetch = new RetryingFetch(url, {
        bytes: (flv) => {
          this._status = kBuffering;
          const start = this.#sent;
          this.#sent += flv.length;
          this.onDataArrival(flv.buffer, start, this.#sent);
        },
        over: () => {
          this._status = kComplete;
          this.onComplete(0, this.#sent - 1);
        },
        failed: (status) => {
          this._status = kError;
          const kind = (status === undefined ? EXCEPTION : HTTP_STATUS_CODE_INVALID) as never;
          this.onError(kind, { code: status ?? -1, msg: status === undefined ? 'no answer' : `status ${status}` });
        },
      });
    }

    abort(): void {
      this.#fetch?.stop();
      this._status = kComplete;
    }

    override destroy(): void {
      this.abort();
      super.destroy();
    }
  }
  // Beside what is overridden it is its base, all of it.
  return RetryingLoader as unknown as new () => InstanceType<Kit['BaseLoader']>;
};
