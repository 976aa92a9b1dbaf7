/**
 * A talk: what a recorder hears goes to the device, until the page, the recorder or the device ends it.
 */
import type { DeviceTalk } from '../device/device.ts';
import { refusalOf } from '../device/device.ts';
import type { RecordedFrame, RecorderManager, RecorderOptions } from '../recorder/recorder-face.ts';
import { asRefusal, type Refusal, refusal } from './codes.ts';
import type { VoiceCallbacks } from './face.ts';
import type { CallPage } from './page-call.ts';
import { TalkQueue } from './talk-queue.ts';

/** What a talk is made of. */
export interface VoiceTalkParts {
  /** Asks the device to listen. */
  open(): Promise<DeviceTalk>;
  readonly recorder: RecorderManager;
  readonly options: RecorderOptions;
  readonly callbacks: VoiceCallbacks;
  readonly call: CallPage;
  log(line: string): void;
  /** Nothing comes after this. */
  over(): void;
}

type State = 'new' | 'opening' | 'starting' | 'talking' | 'ending' | 'over';

const NEXT: Readonly<Record<State, readonly State[]>> = {
  new: ['opening', 'over'],
  opening: ['starting', 'over'],
  // A recorder that has ended by itself is started again.
  starting: ['talking', 'ending', 'over'],
  talking: ['starting', 'ending', 'over'],
  ending: ['over'],
  over: [],
};

/** See above. */
export class VoiceTalk {
  readonly #parts: VoiceTalkParts;
  readonly #unlisten: unknown[] = [];
  #state: State = 'new';
  #talk: DeviceTalk | undefined;
  #queue: TalkQueue | undefined;
  #settle: { resolve(answer: 0): void; reject(refused: Refusal): void } | undefined;
  /** Frames since the recorder was last started: one that brings none is not started again for ever. */
  #frames = 0;
  #interruption: 'none' | 'present' = 'none';
  #hasTalked = false;

  constructor(parts: VoiceTalkParts) {
    this.#parts = parts;
  }

  /** Resolves when the recorder runs and the device listens; is rejected with -2601. */
  start(): Promise<0> {
    return new Promise<0>((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#enter('opening');
      this.#open().catch((thrown: unknown) => this.#fail(asRefusal(thrown, -2601)));
    });
  }

  /** The page has said what it had to say. */
  stop(): void {
    const before = this.#state;
    if (before === 'ending' || before === 'over') return;
    if (!this.#hasTalked) return this.#fail(refusal(-2601, 'stopped before it began'));
    this.#enter('ending');
    this.#parts.recorder.stop();
    // Between two recordings there is none whose end would be told.
    if (before === 'starting') void this.#wrapUp();
  }

  async #open(): Promise<void> {
    const talk = await this.#parts.open();
    if (this.#state !== 'opening') return talk.stop();
    this.#talk = talk;
    if (talk.status >= 400) throw refusalOf(talk);
    this.#queue = new TalkQueue(talk, (bytes) => this.#parts.log(`voice: ${bytes} bytes dropped, the device is slow`));
    const ended = (thrown?: unknown): void => this.#deviceEnded(thrown);
    talk.over.then(() => ended(), ended);
    this.#listen();
    this.#enter('starting');
    this.#startRecorder();
  }

  #listen(): void {
    const { recorder, callbacks, call } = this.#parts;
    this.#unlisten.push(
      recorder.onStart(() => this.#started()),
      recorder.onFrameRecorded((frame) => this.#frame(frame)),
      recorder.onStop(() => this.#stopped()),
      recorder.onError(({ errMsg }) => this.#fail(refusal(-2601, errMsg))),
      recorder.onInterruptionBegin?.(() => {
        this.#interruption = 'present';
      }),
      recorder.onInterruptionEnd?.(() => {
        if (this.#interruption === 'none') return;
        this.#interruption = 'none';
        if (this.#state === 'talking') recorder.resume();
      }),
      recorder.onPause(() => {
        if (this.#state === 'talking') call(callbacks.onPause, { inInterruption: this.#interruption === 'present' });
      }),
      recorder.onResume(() => {
        if (this.#state === 'talking') call(callbacks.onResume);
      }),
    );
  }

  #startRecorder(): void {
    this.#frames = 0;
    this.#parts.recorder.start({ ...this.#parts.options, format: 'PCM' });
  }

  #started(): void {
    if (this.#state !== 'starting' || !this.#enter('talking')) return;
    this.#hasTalked = true;
    this.#parts.call(this.#parts.callbacks.onStart);
    this.#settle?.resolve(0);
  }

  #frame({ frameBuffer }: RecordedFrame): void {
    if (this.#state !== 'talking' && this.#state !== 'ending') return;
    this.#frames += 1;
    if (frameBuffer.byteLength > 0) this.#queue?.add(new Uint8Array(frameBuffer));
  }

  /** The recorder has stopped: because it was told to, or because its time was up or its microphone gone. */
  #stopped(): void {
    const { callbacks, call } = this.#parts;
    const goesOn = this.#state === 'talking' && this.#frames > 0;
    if (goesOn) {
      this.#enter('starting');
      call(callbacks.onStop, { willRestart: true });
      // The page may have stopped it from within.
      if (this.#state === 'starting') this.#startRecorder();
    } else if (this.#state === 'ending' || this.#enter('ending')) void this.#wrapUp();
  }

  /** Waits until the device has taken everything. */
  async #wrapUp(): Promise<void> {
    try {
      await this.#queue?.end();
    } catch (thrown) {
      this.#parts.log(`voice: the end was not heard: ${asRefusal(thrown, -2601).errmsg}`);
    }
    this.#finish();
  }

  #deviceEnded(thrown: unknown): void {
    // At its own end the device takes everything first: `#stopped` waits for that.
    if (this.#state === 'over' || this.#state === 'ending') return;
    this.#fail(asRefusal(thrown, -2601));
  }

  #fail(why: Refusal): void {
    const before = this.#state;
    if (before === 'over') return;
    this.#parts.log(`voice: ${why.errmsg}`);
    this.#settle?.reject(why);
    this.#talk?.stop();
    this.#finish();
    if (before === 'starting' || before === 'talking') this.#parts.recorder.stop();
  }

  #finish(): void {
    const { callbacks, call, over } = this.#parts;
    const hasBegun = this.#queue !== undefined;
    if (!this.#enter('over')) return;
    for (const unlisten of this.#unlisten) if (typeof unlisten === 'function') unlisten();
    over();
    if (hasBegun) call(callbacks.onStop, { willRestart: false });
  }

  #enter(state: State): boolean {
    if (!NEXT[this.#state].includes(state)) return false;
    this.#state = state;
    return true;
  }
}
