/**
 * A recorder on the microphone, with the calls and events of the mini-program's.
 */
import { ShoalError } from '../errors.ts';
import type { Microphone, MicrophoneEvents, OpenMicrophone } from './microphone.ts';
import type {
  RecordedFrame,
  RecorderError,
  RecorderManager,
  RecorderOptions,
  RecordingResult,
  Unlisten,
} from './recorder-face.ts';

type State = 'idle' | 'starting' | 'recording' | 'paused' | 'stopping';

const NEXT: Readonly<Record<State, readonly State[]>> = {
  idle: ['starting'],
  starting: ['recording', 'stopping', 'idle'],
  recording: ['paused', 'stopping'],
  paused: ['recording', 'stopping'],
  stopping: ['idle'],
};

/** What is said, by name. */
interface Heard {
  start: undefined;
  pause: undefined;
  resume: undefined;
  stop: RecordingResult;
  frame: RecordedFrame;
  error: RecorderError;
  interruptionBegin: undefined;
  interruptionEnd: undefined;
}

const SAMPLE_RATE = 8000;
/** Rates that recordings of voices have. */
const SAMPLE_RATES = [8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000];
const FRAME_KB = 1;
const FRAME_KB_MAX = 1024;
const SAMPLE_BYTES = 2;

/** See above. */
export class MicrophoneRecorder implements RecorderManager {
  readonly #open: OpenMicrophone;
  readonly #worklet: string | undefined;
  readonly #report: (thrown: unknown) => void;
  readonly #listeners = new Map<keyof Heard, Set<(given: never) => void>>();
  #state: State = 'idle';
  #microphone: Microphone | undefined;
  #sampleRate = SAMPLE_RATE;
  #bytes = 0;
  #bytesMost = Number.POSITIVE_INFINITY;

  readonly onStart = (listener: () => void): Unlisten => this.#on('start', listener);
  readonly onPause = (listener: () => void): Unlisten => this.#on('pause', listener);
  readonly onResume = (listener: () => void): Unlisten => this.#on('resume', listener);
  readonly onStop = (listener: (result: RecordingResult) => void): Unlisten => this.#on('stop', listener);
  readonly onFrameRecorded = (listener: (frame: RecordedFrame) => void): Unlisten => this.#on('frame', listener);
  readonly onError = (listener: (error: RecorderError) => void): Unlisten => this.#on('error', listener);
  readonly onInterruptionBegin = (listener: () => void): Unlisten => this.#on('interruptionBegin', listener);
  readonly onInterruptionEnd = (listener: () => void): Unlisten => this.#on('interruptionEnd', listener);

  constructor(open: OpenMicrophone, worklet: string | undefined, report: (thrown: unknown) => void) {
    this.#open = open;
    this.#worklet = worklet;
    this.#report = report;
  }

  /** Asks for the microphone and records. What goes wrong is told to `onError`. */
  readonly start = (options: RecorderOptions = {}): void => {
    try {
      if (!this.#enter('starting')) throw new ShoalError('recorder/busy', { detail: this.#state });
      this.#record(options).catch((thrown: unknown) => this.#fail(thrown));
    } catch (thrown) {
      this.#say('error', errorOf(thrown));
    }
  };

  readonly pause = (): void => {
    if (!this.#enter('paused')) return;
    this.#microphone?.pause();
    this.#say('pause', undefined);
  };

  readonly resume = (): void => {
    if (this.#state !== 'paused' || !this.#enter('recording')) return;
    this.#microphone?.resume();
    this.#say('resume', undefined);
  };

  readonly stop = (): void => {
    if (this.#state === 'starting') this.#enter('stopping');
    else if (this.#state === 'recording' || this.#state === 'paused') void this.#end();
  };

  async #record(options: RecorderOptions): Promise<void> {
    const { sampleRate, frameBytes, bytesMost, constraints } = readOptions(options);
    this.#sampleRate = sampleRate;
    this.#bytes = 0;
    this.#bytesMost = bytesMost;
    const wish = { sampleRate, frameBytes, constraints, worklet: this.#worklet };
    const microphone = await this.#open(wish, this.#events());
    this.#microphone = microphone;
    // Stopped while the user was being asked.
    if (this.#state === 'stopping') return this.#close(microphone);
    this.#enter('recording');
    this.#say('start', undefined);
  }

  #events(): MicrophoneEvents {
    return {
      frame: (bytes) => this.#frame(bytes, false),
      interrupted: () => {
        if (this.#state !== 'recording' && this.#state !== 'paused') return;
        this.#say('interruptionBegin', undefined);
        this.pause();
      },
      released: () => {
        if (this.#state === 'recording' || this.#state === 'paused') this.#say('interruptionEnd', undefined);
      },
      gone: () => this.stop(),
    };
  }

  #frame(bytes: ArrayBuffer, isLastFrame: boolean): void {
    // What the audio thread has said before it heard of a pause belongs to the recording.
    if (this.#state === 'idle' || this.#state === 'starting') return;
    const left = this.#bytesMost - this.#bytes;
    const frameBuffer = bytes.byteLength > left ? bytes.slice(0, left) : bytes;
    this.#bytes += frameBuffer.byteLength;
    if (frameBuffer.byteLength > 0 || isLastFrame) this.#say('frame', { frameBuffer, isLastFrame });
    if (this.#bytes >= this.#bytesMost) this.stop();
  }

  async #end(): Promise<void> {
    const microphone = this.#microphone;
    if (!this.#enter('stopping') || microphone === undefined) return;
    const bytes = await microphone.stop();
    this.#frame(bytes ?? new ArrayBuffer(0), true);
    this.#finish();
  }

  async #close(microphone: Microphone): Promise<void> {
    await microphone.stop();
    this.#finish();
  }

  #finish(): void {
    this.#microphone = undefined;
    this.#enter('idle');
    const duration = Math.round((this.#bytes / SAMPLE_BYTES / this.#sampleRate) * 1000);
    this.#say('stop', { duration, fileSize: this.#bytes });
  }

  #fail(thrown: unknown): void {
    const wasStopped = this.#state === 'stopping';
    this.#microphone = undefined;
    this.#enter('idle');
    if (wasStopped) this.#say('stop', { duration: 0, fileSize: 0 });
    else this.#say('error', errorOf(thrown));
  }

  #enter(state: State): boolean {
    if (!NEXT[this.#state].includes(state)) return false;
    this.#state = state;
    return true;
  }

  #on<Name extends keyof Heard>(name: Name, listener: (given: Heard[Name]) => void): Unlisten {
    if (typeof listener !== 'function') return () => undefined;
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener as (given: never) => void));
    return () => void listeners.delete(listener as (given: never) => void);
  }

  #say<Name extends keyof Heard>(name: Name, given: Heard[Name]): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      try {
        (listener as (given: Heard[Name]) => void)(given);
      } catch (thrown) {
        this.#report(thrown);
      }
    }
  }
}

interface ReadOptions {
  readonly sampleRate: number;
  readonly frameBytes: number;
  readonly bytesMost: number;
  readonly constraints: MediaTrackConstraints;
}

const readOptions = (options: RecorderOptions): ReadOptions => {
  const { sampleRate = SAMPLE_RATE, numberOfChannels = 1, format = 'PCM', frameSize = FRAME_KB, duration } = options;
  if (!SAMPLE_RATES.includes(sampleRate)) throw wrong(`sampleRate: one of ${SAMPLE_RATES.join(', ')}`);
  if (numberOfChannels !== 1) throw wrong('numberOfChannels: 1');
  if (String(format).toUpperCase() !== 'PCM') throw wrong('format: PCM');
  if (!(frameSize > 0 && frameSize <= FRAME_KB_MAX)) throw wrong(`frameSize: kilobytes, at most ${FRAME_KB_MAX}`);
  if (duration !== undefined && !(duration > 0)) throw wrong('duration: milliseconds');
  const samples = duration === undefined ? Number.POSITIVE_INFINITY : Math.ceil((duration / 1000) * sampleRate);
  const { deviceId, echoCancellation = true, noiseSuppression = true, autoGainControl = true } = options;
  return {
    sampleRate,
    frameBytes: Math.max(SAMPLE_BYTES, SAMPLE_BYTES * Math.round((frameSize * 1024) / SAMPLE_BYTES)),
    bytesMost: samples * SAMPLE_BYTES,
    constraints: {
      channelCount: 1,
      echoCancellation,
      noiseSuppression,
      autoGainControl,
      ...(deviceId === undefined ? {} : { deviceId: { exact: deviceId } }),
    },
  };
};

const wrong = (detail: string): ShoalError => new ShoalError('options/invalid', { detail });

const errorOf = (thrown: unknown): RecorderError =>
  thrown instanceof ShoalError ? { errMsg: thrown.message, code: thrown.code } : { errMsg: String(thrown) };
