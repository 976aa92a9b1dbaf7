/**
 * The context of a live player as pages know it: the calls of a remote control, each with the callbacks or the promise
 * of the vendor's calls.
 */
import { ShoalError } from '../errors.ts';

/** Callbacks beside the promise that every call returns. */
export interface CallOptions<T> {
  success?(result: T): void;
  fail?(error: { readonly errMsg: string }): void;
  complete?(): void;
}

/** A picture of what is shown. */
export interface Snapshot {
  readonly blob: Blob;
  /** An address for `<img>`; revoke it when it is not needed any more. */
  readonly tempImagePath: string;
  readonly width: number;
  readonly height: number;
}

/** The player behind the context. */
export interface Controlled {
  play(): void;
  pause(): void;
  resume(): void;
  stop(): void;
}

/** The context. */
export class LivePlayerContext {
  readonly #video: HTMLVideoElement;
  readonly #player: Controlled;

  constructor(video: HTMLVideoElement, player: Controlled) {
    this.#video = video;
    this.#player = player;
  }

  play(options?: CallOptions<void>): Promise<void> {
    return settle(() => this.#player.play(), options);
  }

  pause(options?: CallOptions<void>): Promise<void> {
    return settle(() => this.#player.pause(), options);
  }

  resume(options?: CallOptions<void>): Promise<void> {
    return settle(() => this.#player.resume(), options);
  }

  stop(options?: CallOptions<void>): Promise<void> {
    return settle(() => this.#player.stop(), options);
  }

  /** Turns sound off, or on again. */
  mute(options?: CallOptions<void>): Promise<void> {
    return settle(() => {
      this.#video.muted = !this.#video.muted;
    }, options);
  }

  /** `quality: 'compressed'` gives a JPEG, anything else the picture as it is. */
  snapshot(options: CallOptions<Snapshot> & { readonly quality?: 'raw' | 'compressed' } = {}): Promise<Snapshot> {
    return settle(
      () => takeSnapshot(this.#video, options.quality === 'compressed' ? 'image/jpeg' : 'image/png'),
      options,
    );
  }

  requestFullScreen(options?: CallOptions<void> & { readonly direction?: 0 | 90 | -90 }): Promise<void> {
    return settle(async () => {
      await this.#video.requestFullscreen();
      if (options?.direction !== undefined && options.direction !== 0) await turnScreen();
    }, options);
  }

  exitFullScreen(options?: CallOptions<void>): Promise<void> {
    return settle(() => document.exitFullscreen(), options);
  }
}

/** Whoever has a `fail` of their own need not look at the promise. */
const settle = <T>(act: () => T | Promise<T>, options: CallOptions<T> = {}): Promise<T> => {
  const settled = call(act, options);
  if (options.fail !== undefined) settled.catch(() => undefined);
  return settled;
};

const call = async <T>(act: () => T | Promise<T>, options: CallOptions<T>): Promise<T> => {
  try {
    const result = await act();
    options.success?.(result);
    return result;
  } catch (error) {
    options.fail?.({ errMsg: error instanceof Error ? error.message : String(error) });
    throw error;
  } finally {
    options.complete?.();
  }
};

const takeSnapshot = async (video: HTMLVideoElement, type: string): Promise<Snapshot> => {
  const { videoWidth: width, videoHeight: height } = video;
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d');
  if (context === null || width === 0) {
    throw new ShoalError('media/playback-failed', { detail: 'there is no picture yet' });
  }
  context.drawImage(video, 0, 0);
  const blob = await new Promise<Blob | null>((resolve) => {
    canvas.toBlob(resolve, type);
  });
  if (blob === null) throw new ShoalError('media/playback-failed', { detail: 'the picture could not be encoded' });
  return { blob, tempImagePath: URL.createObjectURL(blob), width, height };
};

/** Few browsers turn a screen; the others leave that to the person who holds it. */
const turnScreen = async (): Promise<void> => {
  const { orientation } = screen as { readonly orientation?: { lock?(to: string): Promise<void> } };
  await orientation?.lock?.('landscape').catch(() => undefined);
};
