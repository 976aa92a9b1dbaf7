/**
 * A recorder in a test's hands: it records what it is given.
 */
import type { RecordedFrame, RecorderManager, RecorderOptions } from '../../recorder/recorder-face.ts';

type Events = 'Start' | 'Pause' | 'Resume' | 'Stop' | 'InterruptionBegin' | 'InterruptionEnd';

/** See above. */
export class ScriptedRecorder implements RecorderManager {
  readonly #listeners = new Map<string, Set<(given: never) => void>>();
  readonly #fate: 'works' | 'broken';
  state: 'idle' | 'recording' | 'paused' = 'idle';
  started: RecorderOptions | undefined;

  constructor(fate: 'works' | 'broken' = 'works') {
    this.#fate = fate;
  }

  readonly onStart = (listener: () => void) => this.#on('Start', listener);
  readonly onPause = (listener: () => void) => this.#on('Pause', listener);
  readonly onResume = (listener: () => void) => this.#on('Resume', listener);
  readonly onStop = (listener: () => void) => this.#on('Stop', listener);
  readonly onFrameRecorded = (listener: (frame: RecordedFrame) => void) => this.#on('Frame', listener);
  readonly onError = (listener: (error: { readonly errMsg: string }) => void) => this.#on('Error', listener);
  readonly onInterruptionBegin = (listener: () => void) => this.#on('InterruptionBegin', listener);
  readonly onInterruptionEnd = (listener: () => void) => this.#on('InterruptionEnd', listener);

  start(options?: RecorderOptions): void {
    this.started = options;
    if (this.#fate === 'broken') return this.#say('Error', { errMsg: 'no microphone' });
    this.state = 'recording';
    this.#say('Start');
  }

  pause(): void {
    this.state = 'paused';
    this.#say('Pause');
  }

  resume(): void {
    this.state = 'recording';
    this.#say('Resume');
  }

  stop(): void {
    if (this.state === 'idle') return;
    this.end();
  }

  /** Its time is up. */
  end(): void {
    this.state = 'idle';
    this.#say('Stop');
  }

  record(bytes: Uint8Array): void {
    this.#say('Frame', { frameBuffer: new Uint8Array(bytes).buffer, isLastFrame: false });
  }

  fail(): void {
    this.state = 'idle';
    this.#say('Error', { errMsg: 'the microphone broke' });
  }

  interrupt(): void {
    this.#say('InterruptionBegin');
    this.pause();
  }

  release(): void {
    this.#say('InterruptionEnd');
  }

  #on(name: Events | 'Frame' | 'Error', listener: (given: never) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  #say(name: Events | 'Frame' | 'Error', given?: unknown): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) listener(given as never);
  }
}
