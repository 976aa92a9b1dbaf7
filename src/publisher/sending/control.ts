/**
 * What a page may call in the worker of a publisher, and what it hears from it.
 */
import type { ErrorCode } from '../../errors.ts';
import type { BitrateBounds } from './bitrate.ts';
import type { UplinkFigures, UplinkState } from './uplink.ts';

/** Frames on their way into the worker: a stream where the browser makes one, else a port that the page posts to. */
export type FrameFeed<Frame> =
  | { readonly kind: 'stream'; readonly frames: ReadableStream<Frame> }
  | { readonly kind: 'port'; readonly port: MessagePort };

/** Sound as an AudioWorklet has it. */
export interface PlanarSound {
  readonly planes: readonly Float32Array<ArrayBuffer>[];
  readonly sampleRate: number;
  readonly timeUs: number;
}

/** How pictures are encoded. */
export interface VideoWish extends BitrateBounds {
  /** Pictures are made smaller to fit. */
  readonly widthMax: number;
  readonly heightMax: number;
  readonly frameRate: number;
  readonly keyframeSeconds: number;
}

/** How sound is encoded. */
export interface AudioWish {
  readonly bitsPerSec: number;
}

/** Everything a worker is told to start. */
export interface PublisherStart {
  readonly address: string;
  readonly session: string;
  readonly video: { readonly wish: VideoWish; readonly feed: FrameFeed<VideoFrame> } | undefined;
  readonly audio: { readonly wish: AudioWish; readonly feed: FrameFeed<AudioData> } | undefined;
  /** PublisherReport comes out. */
  readonly report: MessagePort;
}

/** Figures of a publisher. */
export interface PublisherFigures extends UplinkFigures {
  /** Bits a second the picture encoder is asked for. */
  readonly bitsPerSec: number;
  readonly width: number;
  readonly height: number;
  readonly encodedFrames: number;
  /** Pictures that the encoder had no time for. */
  readonly skippedFrames: number;
}

/** What a worker says unasked. */
export type PublisherReport =
  | { readonly kind: 'state'; readonly state: UplinkState }
  | { readonly kind: 'over'; readonly code: ErrorCode | undefined; readonly detail: string | undefined }
  | { readonly kind: 'figures'; readonly figures: PublisherFigures };

/** What a worker does. */
export interface PublisherControl {
  start(start: PublisherStart): Promise<void>;
  figures(): PublisherFigures;
  /** Sends what is there and ends the stream in good order; answers when that is done. */
  stop(): Promise<void>;
  /** Answers at once: a sign of life. */
  ping(): void;
}
