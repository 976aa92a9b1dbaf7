/**
 * A recorder as pages of the mini-program know it. Ours runs on the microphone; a page may bring another one.
 */

/** Removes a listener. */
export type Unlisten = () => void;

/** How to record. */
export interface RecorderOptions {
  /** Hz; default 8000. */
  readonly sampleRate?: number;
  /** One. */
  readonly numberOfChannels?: number;
  /** Only `PCM`: signed 16-bit little-endian samples. */
  readonly format?: string;
  /** Kilobytes in a frame; default 1. The last one may be smaller. */
  readonly frameSize?: number;
  /** Ends by itself after so many milliseconds; by default it does not. */
  readonly duration?: number;
  /** Which microphone, by the browser's id for it. */
  readonly deviceId?: string;
  /** The browser removes what its own loudspeaker plays; default true. */
  readonly echoCancellation?: boolean;
  /** Default true. */
  readonly noiseSuppression?: boolean;
  /** Default true. */
  readonly autoGainControl?: boolean;
  /** Means nothing for PCM. */
  readonly encodeBitRate?: number;
}

/** A piece of a recording. */
export interface RecordedFrame {
  readonly frameBuffer: ArrayBuffer;
  readonly isLastFrame: boolean;
}

/** What a recording came to. */
export interface RecordingResult {
  /** Milliseconds of sound. */
  readonly duration: number;
  readonly fileSize: number;
}

/** Why there is no recording, or no more. */
export interface RecorderError {
  readonly errMsg: string;
  /** A code of Shoal's error table. */
  readonly code?: string;
}

/** A recorder. Each `on` adds a listener and may return how to remove it. */
export interface RecorderManager {
  start(options?: RecorderOptions): void;
  pause(): void;
  resume(): void;
  stop(): void;
  onStart(listener: () => void): unknown;
  onPause(listener: () => void): unknown;
  onResume(listener: () => void): unknown;
  onStop(listener: (result?: RecordingResult) => void): unknown;
  onFrameRecorded(listener: (frame: RecordedFrame) => void): unknown;
  onError(listener: (error: RecorderError) => void): unknown;
  /** The system has taken the microphone, or the page is hidden. */
  onInterruptionBegin?(listener: () => void): unknown;
  onInterruptionEnd?(listener: () => void): unknown;
}
