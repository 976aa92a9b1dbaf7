/**
 * Pictures in, H.264 out. The encoder is made for the size of the pictures that come and made anew when it changes, as
 * when a shared window is resized or a phone is turned.
 */
import { ShoalError } from '../../errors.ts';
import { avcCodecsFor } from './avc-level.ts';
import { mendAvcRecord } from './avc-record.ts';
import type { VideoWish } from './control.ts';

/** What comes out. */
export interface VideoEvents {
  configured(record: Uint8Array, size: PictureSize): void;
  frame(chunk: EncodedVideoChunk): void;
  failed(error: ShoalError): void;
}

/** Pixels. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** Pictures waiting in the encoder beyond this are skipped: it is too slow for the rate. */
const WAITING_MAX = 4;
const US = 1_000_000;

/** The size pictures are encoded in: fitting the wish, even as 4:2:0 wants it. */
export const fitSize = ({ width, height }: PictureSize, wish: Pick<VideoWish, 'widthMax' | 'heightMax'>) => {
  const portrait = height > width;
  const [across, down] = portrait ? [wish.heightMax, wish.widthMax] : [wish.widthMax, wish.heightMax];
  const scale = Math.min(1, across / width, down / height);
  const even = (pixels: number): number => Math.max(2, Math.round((pixels * scale) / 2) * 2);
  return { width: even(width), height: even(height) };
};

type State =
  | { readonly name: 'idle' }
  | { readonly name: 'choosing'; readonly input: PictureSize }
  | { readonly name: 'encoding'; readonly input: PictureSize; readonly config: VideoEncoderConfig }
  | { readonly name: 'over' };

/** See above. */
export class VideoEncoding {
  readonly #wish: VideoWish;
  readonly #events: VideoEvents;
  readonly #encoder: VideoEncoder;
  #state: State = { name: 'idle' };
  #bitrate: number;
  #keyframeWanted = true;
  #keyframeAtUs = Number.NEGATIVE_INFINITY;
  #encoded = 0;
  #skipped = 0;

  constructor(wish: VideoWish, events: VideoEvents) {
    this.#wish = wish;
    this.#events = events;
    this.#bitrate = wish.max;
    this.#encoder = new VideoEncoder({
      output: (chunk, metadata) => this.#output(chunk, metadata),
      error: (cause) => this.#fail(new ShoalError('publish/encoder-failed', { detail: cause.message, cause })),
    });
  }

  get counts(): { readonly encoded: number; readonly skipped: number } {
    return { encoded: this.#encoded, skipped: this.#skipped };
  }

  get size(): PictureSize {
    const { width = 0, height = 0 } = this.#state.name === 'encoding' ? this.#state.config : {};
    return { width, height };
  }

  /** Takes a picture and closes it. */
  encode(picture: VideoFrame): void {
    const input = { width: picture.displayWidth, height: picture.displayHeight };
    const state = this.#state;
    if (state.name === 'idle' || (state.name === 'encoding' && !sameSize(state.input, input))) this.#choose(input);
    else if (state.name === 'encoding' && this.#encoder.encodeQueueSize < WAITING_MAX) this.#submit(picture);
    else this.#skipped += 1;
    picture.close();
  }

  /** The next picture is one that decoding can begin with. */
  wantKeyframe(): void {
    this.#keyframeWanted = true;
  }

  setBitrate(bitsPerSec: number): void {
    if (bitsPerSec === this.#bitrate) return;
    this.#bitrate = bitsPerSec;
    if (this.#state.name !== 'encoding') return;
    this.#state = { ...this.#state, config: { ...this.#state.config, bitrate: bitsPerSec } };
    this.#encoder.configure(this.#state.config);
  }

  /** Everything that was taken has come out. */
  async flush(): Promise<void> {
    if (this.#encoder.state === 'configured') await this.#encoder.flush();
  }

  close(): void {
    this.#state = { name: 'over' };
    if (this.#encoder.state !== 'closed') this.#encoder.close();
  }

  #submit(picture: VideoFrame): void {
    const due = picture.timestamp - this.#keyframeAtUs >= this.#wish.keyframeSeconds * US;
    const keyFrame = this.#keyframeWanted || due;
    if (keyFrame) this.#keyframeAtUs = picture.timestamp;
    this.#keyframeWanted = false;
    this.#encoder.encode(picture, { keyFrame });
    this.#encoded += 1;
  }

  #choose(input: PictureSize): void {
    this.#state = { name: 'choosing', input };
    this.#skipped += 1;
    this.#configFor(input).then(
      (config) => {
        if (this.#state.name !== 'choosing') return;
        this.#encoder.configure(config);
        this.#keyframeWanted = true;
        this.#state = { name: 'encoding', input, config };
      },
      (cause: unknown) =>
        this.#fail(cause instanceof ShoalError ? cause : new ShoalError('publish/no-encoder', { cause })),
    );
  }

  async #configFor(input: PictureSize): Promise<VideoEncoderConfig> {
    const size = fitSize(input, this.#wish);
    for (const codec of avcCodecsFor(size.width, size.height, this.#wish.frameRate)) {
      const config: VideoEncoderConfig = {
        codec,
        ...size,
        bitrate: this.#bitrate,
        framerate: this.#wish.frameRate,
        latencyMode: 'realtime',
        avc: { format: 'avc' },
      };
      const { supported } = await VideoEncoder.isConfigSupported(config);
      if (supported === true) return config;
    }
    throw new ShoalError('publish/no-encoder', { detail: `H.264 of ${size.width} x ${size.height}` });
  }

  #output(chunk: EncodedVideoChunk, metadata?: EncodedVideoChunkMetadata): void {
    const record = metadata?.decoderConfig?.description;
    if (record !== undefined) this.#events.configured(mendAvcRecord(bytesOf(record)), this.size);
    this.#events.frame(chunk);
  }

  #fail(error: ShoalError): void {
    if (this.#state.name === 'over') return;
    this.#state = { name: 'over' };
    this.#events.failed(error);
  }
}

const sameSize = (a: PictureSize, b: PictureSize): boolean => a.width === b.width && a.height === b.height;

/** The bytes of whatever form a description comes in. */
export const bytesOf = (source: AllowSharedBufferSource): Uint8Array =>
  ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source);
