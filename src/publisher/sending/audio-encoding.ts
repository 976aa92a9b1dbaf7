/**
 * Sound in, Opus out. The encoder is made for the first sound that comes, since only that tells rate and channels.
 */
import { ShoalError } from '../../errors.ts';
import type { AudioWish } from './control.ts';
import { opusHead } from './opus-head.ts';
import { bytesOf } from './video-encoding.ts';

/** What comes out. */
export interface AudioEvents {
  configured(head: Uint8Array, sampleRate: number): void;
  frame(chunk: EncodedAudioChunk): void;
  failed(error: ShoalError): void;
}

const CHANNELS_MAX = 2;
const FRAME_US = 20_000;
/** Sound waiting in the encoder; it is always fast enough but for a machine that stands still. */
const WAITING_MAX = 100;

interface Shape {
  readonly sampleRate: number;
  readonly channels: number;
}

/** See above. */
export class AudioEncoding {
  readonly #wish: AudioWish;
  readonly #events: AudioEvents;
  readonly #encoder: AudioEncoder;
  #shape: Shape | undefined;
  #state: 'encoding' | 'over' = 'encoding';

  constructor(wish: AudioWish, events: AudioEvents) {
    this.#wish = wish;
    this.#events = events;
    this.#encoder = new AudioEncoder({
      output: (chunk, metadata) => this.#output(chunk, metadata),
      error: (cause) => this.#fail(new ShoalError('publish/encoder-failed', { detail: cause.message, cause })),
    });
  }

  /** Takes sound and closes it. */
  encode(sound: AudioData): void {
    try {
      if (this.#state === 'over' || this.#encoder.encodeQueueSize > WAITING_MAX) return;
      const { sampleRate, numberOfChannels } = sound;
      if (this.#shape?.sampleRate !== sampleRate || this.#shape.channels !== numberOfChannels) {
        this.#configure({ sampleRate, channels: numberOfChannels });
      }
      this.#encoder.encode(sound);
    } catch (cause) {
      this.#fail(new ShoalError('publish/encoder-failed', { detail: 'sound', cause }));
    } finally {
      sound.close();
    }
  }

  async flush(): Promise<void> {
    if (this.#encoder.state === 'configured') await this.#encoder.flush();
  }

  close(): void {
    this.#state = 'over';
    if (this.#encoder.state !== 'closed') this.#encoder.close();
  }

  #configure(shape: Shape): void {
    this.#shape = shape;
    this.#encoder.configure({
      codec: 'opus',
      sampleRate: shape.sampleRate,
      numberOfChannels: Math.min(CHANNELS_MAX, shape.channels),
      bitrate: this.#wish.bitsPerSec,
      opus: { format: 'opus', frameDuration: FRAME_US },
    });
  }

  #output(chunk: EncodedAudioChunk, metadata?: EncodedAudioChunkMetadata): void {
    const config = metadata?.decoderConfig;
    if (config !== undefined) {
      const { description, numberOfChannels, sampleRate } = config;
      const head = description === undefined ? opusHead(numberOfChannels, sampleRate) : bytesOf(description);
      this.#events.configured(head, sampleRate);
    }
    this.#events.frame(chunk);
  }

  #fail(error: ShoalError): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#events.failed(error);
  }
}
