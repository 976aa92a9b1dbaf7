/**
 * One file on its way from a device to the page: callbacks in the documented order, of which onComplete is the last and
 * comes once, whatever happened.
 */
import { type DeviceStream, refusalOf } from '../device/device.ts';
import { type DownloadSink, lengthOf, SinkWriter } from '../device/download-sink.ts';
import { ShoalError } from '../errors.ts';
import { asRefusal, type Refusal, refusal } from './codes.ts';
import type { DownloadCallbacks, DownloadResponse } from './face.ts';
import type { CallPage } from './page-call.ts';

/** What a download is made of. */
export interface LocalDownloadParts {
  ask(values: URLSearchParams): Promise<DeviceStream>;
  readonly values: URLSearchParams;
  /** Takes the bytes beside the page's own function. */
  readonly sink: DownloadSink | undefined;
  readonly callbacks: DownloadCallbacks;
  readonly call: CallPage;
  /** Another one may begin. */
  over(): void;
  /** The page has heard the last of it. */
  done(): void;
}

type State = 'asking' | 'loading' | 'over';

/** See above. */
export class LocalDownload {
  readonly #parts: LocalDownloadParts;
  readonly #writer: SinkWriter | undefined;
  readonly #offset: number;
  #state: State = 'asking';
  #stream: DeviceStream | undefined;
  #response: DownloadResponse = {};
  #settle: { resolve(answer: 0): void; reject(refused: Refusal): void } | undefined;

  /** Throws -2000 for an offset that does not fit what the sink has. */
  constructor(parts: LocalDownloadParts) {
    const { sink, values } = parts;
    this.#parts = parts;
    this.#writer = sink === undefined ? undefined : new SinkWriter(sink);
    const offset = Number(values.get('offset') ?? sink?.size ?? 0);
    if (!Number.isSafeInteger(offset) || offset < 0) throw refusal(-2000, 'offset');
    if (sink !== undefined && sink.size !== offset) throw refusal(-2000, `offset ${offset}: the sink has ${sink.size}`);
    this.#offset = offset;
    values.set('offset', String(offset));
  }

  /** Resolves when bytes are on their way; is rejected with -2701 when there will be none. */
  start(): Promise<0> {
    return new Promise<0>((resolve, reject) => {
      this.#settle = { resolve, reject };
      void this.#run();
    });
  }

  /** The page wants no more of it. What the sink has stays. */
  stop(): void {
    if (this.#state === 'over') return;
    this.#stream?.stop();
    void this.#finish('stopped', refusal(-2701, 'stopped'));
  }

  async #run(): Promise<void> {
    try {
      const stream = await this.#parts.ask(this.#parts.values);
      if (this.#state !== 'asking') return stream.stop();
      await this.#load(stream);
    } catch (thrown) {
      await this.#finish('error', asRefusal(thrown, -2701));
    }
  }

  async #load(stream: DeviceStream): Promise<void> {
    const { callbacks, call } = this.#parts;
    const { status, headers } = stream;
    this.#stream = stream;
    this.#response = { status, headers };
    call(callbacks.onHeadersReceived ?? callbacks.onPased, this.#response);
    if (status >= 300) {
      stream.stop();
      return this.#finish('failure', asRefusal(refusalOf(stream), -2701));
    }
    this.#state = 'loading';
    this.#settle?.resolve(0);
    const wanted = lengthOf(headers);
    const loaded = await this.#drain(stream, wanted);
    if (this.#state !== 'loading') return;
    if (wanted !== undefined && loaded !== wanted) {
      throw new ShoalError('request/lost', { detail: `${loaded} of ${wanted} bytes` });
    }
    await this.#finish('success');
  }

  /** Hands the bytes on, no faster than page and sink take them; returns how many there were. */
  async #drain(stream: DeviceStream, wanted: number | undefined): Promise<number> {
    const { callbacks, call } = this.#parts;
    const total = wanted === undefined ? undefined : this.#offset + wanted;
    const reader = stream.body.getReader();
    let loaded = 0;
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      if (this.#state !== 'loading') return loaded;
      const bytes = read.value;
      loaded += bytes.length;
      await this.#writer?.write(bytes);
      const chunk = callbacks.onChunkReceived ?? callbacks.onReceiveChunk;
      if (chunk !== undefined) await call(chunk, new Uint8Array(bytes).buffer);
      call(callbacks.onProgress, { received: this.#offset + loaded, total });
    }
    return loaded;
  }

  async #finish(how: 'success' | 'failure' | 'error' | 'stopped', why?: Refusal): Promise<void> {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#stream?.stop();
    const { callbacks, call, over, done } = this.#parts;
    // What has come is safe before the page hears of the end, or the page hears that it is not.
    const unsafe = await this.#writer?.close().catch((thrown: unknown) => asRefusal(thrown, -2701));
    const wrong = why ?? unsafe;
    const response = wrong === undefined ? this.#response : { ...this.#response, ...wrong };
    over();
    if (how === 'success') call(unsafe === undefined ? callbacks.onSuccess : callbacks.onError, response);
    if (how === 'failure') call(callbacks.onFailure, response);
    if (how === 'error') call(callbacks.onError, response);
    if (wrong !== undefined) this.#settle?.reject(wrong);
    call(callbacks.onComplete, response);
    done();
  }
}
