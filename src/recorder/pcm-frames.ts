/**
 * Sound as it comes in, made into frames of 16-bit PCM at another rate.
 */
import { Resampler } from './resampler.ts';

/** What is made. */
export interface PcmWish {
  readonly from: number;
  readonly to: number;
  readonly frameBytes: number;
}

const SAMPLE_BYTES = 2;
const LOUDEST = 32_767;

/** See above. */
export class PcmFrames {
  readonly #resampler: Resampler;
  readonly #frameBytes: number;
  #frame: DataView<ArrayBuffer>;
  #filled = 0;

  constructor({ from, to, frameBytes }: PcmWish) {
    this.#resampler = new Resampler(from, to);
    this.#frameBytes = frameBytes;
    this.#frame = new DataView(new ArrayBuffer(frameBytes));
  }

  /** Takes a block of any length; returns the frames that are full. */
  push(block: Float32Array): readonly ArrayBuffer[] {
    return this.#cut(this.#resampler.push(block));
  }

  /** The sound has ended; returns what is left, the last frame as short as it is. */
  end(): readonly ArrayBuffer[] {
    const frames = this.#cut(this.#resampler.flush());
    const rest = this.#frame.buffer.slice(0, this.#filled);
    this.#filled = 0;
    return rest.byteLength === 0 ? frames : [...frames, rest];
  }

  #cut(samples: Float32Array): readonly ArrayBuffer[] {
    const full: ArrayBuffer[] = [];
    for (const sample of samples) {
      this.#frame.setInt16(this.#filled, pcmOf(sample), true);
      this.#filled += SAMPLE_BYTES;
      if (this.#filled < this.#frameBytes) continue;
      full.push(this.#frame.buffer);
      this.#frame = new DataView(new ArrayBuffer(this.#frameBytes));
      this.#filled = 0;
    }
    return full;
  }
}

/** Louder than loud is cut off; it must not come out as its opposite. */
const pcmOf = (sample: number): number => Math.round(Math.max(-1, Math.min(1, sample)) * LOUDEST);
