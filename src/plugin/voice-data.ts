/**
 * A talk whose bytes the page makes itself, such as an FLV of its own encoder.
 */
import type { DeviceTalk } from '../device/device.ts';
import { refusalOf } from '../device/device.ts';
import { asRefusal, refusal } from './codes.ts';
import type { DownloadResponse, VoiceDataCallbacks, VoiceWriter } from './face.ts';
import type { CallPage } from './page-call.ts';
import { TalkQueue } from './talk-queue.ts';

/** What it is made of. */
export interface VoiceDataParts {
  open(): Promise<DeviceTalk>;
  readonly callbacks: VoiceDataCallbacks;
  readonly call: CallPage;
  /** Nothing comes after this. */
  over(): void;
}

/** See above. */
export class VoiceData {
  readonly #parts: VoiceDataParts;
  #state: 'opening' | 'open' | 'ending' | 'over' = 'opening';
  #talk: DeviceTalk | undefined;
  #queue: TalkQueue | undefined;

  constructor(parts: VoiceDataParts) {
    this.#parts = parts;
  }

  /** Resolves with what takes the bytes; is rejected with -2601. */
  async start(): Promise<VoiceWriter> {
    const { open, callbacks } = this.#parts;
    try {
      const talk = await open();
      if (this.#state !== 'opening') throw refusal(-2601, 'stopped before it began');
      return this.#begin(talk);
    } catch (thrown) {
      const why = asRefusal(thrown, -2601);
      this.#finish(callbacks.onError, why);
      throw why;
    }
  }

  stop(): void {
    if (this.#state === 'opening') return this.#finish(undefined);
    if (this.#state !== 'open') return;
    this.#state = 'ending';
    const { callbacks, call } = this.#parts;
    this.#queue?.end().then(
      () => {
        call(callbacks.onStop);
        this.#finish(undefined);
      },
      (thrown: unknown) => this.#finish(callbacks.onError, asRefusal(thrown, -2601)),
    );
  }

  #begin(talk: DeviceTalk): VoiceWriter {
    const { callbacks, call } = this.#parts;
    const { status, headers } = talk;
    if (status >= 400) {
      talk.stop();
      const why = asRefusal(refusalOf(talk), -2601);
      this.#finish(callbacks.onFailure, { status, headers, ...why });
      throw why;
    }
    this.#state = 'open';
    this.#talk = talk;
    const queue = new TalkQueue(talk, () => this.#lost('the device is too slow'));
    this.#queue = queue;
    const ended = (thrown?: unknown): void => {
      if (this.#state === 'open')
        this.#finish(callbacks.onError, asRefusal(thrown ?? 'the device has ended it', -2601));
    };
    talk.over.then(() => ended(), ended);
    call(callbacks.onSuccess, { status, headers });
    return {
      addChunk: (data) => {
        if (this.#state === 'open') queue.add(new Uint8Array(data));
      },
    };
  }

  /** Bytes of an encoder have no gaps: what cannot be sent ends it. */
  #lost(why: string): void {
    this.#talk?.stop();
    this.#finish(this.#parts.callbacks.onError, refusal(-2601, why));
  }

  #finish(last: ((response?: DownloadResponse) => void) | undefined, response?: DownloadResponse): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    const { callbacks, call, over } = this.#parts;
    over();
    call(last, response);
    call(callbacks.onComplete);
  }
}
