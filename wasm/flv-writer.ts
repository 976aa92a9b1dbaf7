// The TypeScript face of the FLV writer, which is a build of the byte core of its own: a page that publishes does not
// load what viewers need, nor the other way round.

import { check, Linear, startInstance } from './linear.ts';

const NAMES = [
  'abi_version',
  'stage',
  'answer',
  'writer_new',
  'writer_describe',
  'writer_configure',
  'writer_prelude',
  'writer_frame',
  'writer_give_up',
  'writer_finish',
  'writer_take',
  'writer_free',
] as const;

/** One of the two tracks. */
export type Track = 'video' | 'audio';

/** What a stream says of itself; what is absent is not mentioned. */
export interface StreamDescription {
  readonly width?: number;
  readonly height?: number;
  readonly frameRate?: number;
  readonly videoBitsPerSec?: number;
  readonly sampleRate?: number;
  readonly audioBitsPerSec?: number;
}

/** A frame as an encoder gave it. */
export interface EncodedFrame {
  readonly track: Track;
  readonly keyframe: boolean;
  /** On one clock for both tracks, microseconds. */
  readonly timeUs: number;
  /** H.264 NAL units behind their lengths, or an Opus packet. */
  readonly bytes: Uint8Array;
}

/** A tag ready to be sent. */
export interface WrittenTag {
  readonly track: Track;
  /** Since the first frame, ms. */
  readonly ms: number;
  readonly keyframe: boolean;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const TRACK: Readonly<Record<Track, number>> = { video: 1, audio: 2 };
const KEYFRAME = 4;
const TWO_32 = 0x1_0000_0000;

/** The writer build, started. */
export class WriterCore {
  readonly #linear: Linear<(typeof NAMES)[number]>;

  private constructor(linear: Linear<(typeof NAMES)[number]>) {
    this.#linear = linear;
  }

  /** Compiles (unless given a module) and starts it. */
  static async load(source: BufferSource | WebAssembly.Module): Promise<WriterCore> {
    return new WriterCore(new Linear(await startInstance(source), NAMES));
  }

  /** Makes a writer for a stream with these tracks. */
  createWriter(tracks: readonly Track[]): FlvWriter {
    return new FlvWriter(this.#linear, tracks);
  }
}

/** Writes one stream. */
export class FlvWriter {
  readonly #linear: Linear<(typeof NAMES)[number]>;
  #handle: number;

  constructor(linear: Linear<(typeof NAMES)[number]>, tracks: readonly Track[]) {
    this.#linear = linear;
    this.#handle = check(linear.calls.writer_new(tracks.reduce((sum, track) => sum | TRACK[track], 0)));
  }

  /** What the next prelude says. */
  describe(stream: StreamDescription): void {
    const { width, height, frameRate, videoBitsPerSec, sampleRate, audioBitsPerSec } = stream;
    const numbers = new DataView(new ArrayBuffer(48));
    [width, height, frameRate, videoBitsPerSec, sampleRate, audioBitsPerSec].forEach((value, index) => {
      numbers.setFloat64(index * 8, value ?? 0);
    });
    this.#linear.put(new Uint8Array(numbers.buffer));
    check(this.#linear.calls.writer_describe(this.#handle));
  }

  /**
   * Takes an AVCDecoderConfigurationRecord or an Opus header. True when it is a new one: a prelude has to go out before
   * the next frame. Refuses what is neither.
   */
  configure(track: Track, config: Uint8Array): boolean {
    return check(this.#linear.calls.writer_configure(this.#handle, TRACK[track], this.#linear.put(config))) === 1;
  }

  /** Metadata and codec configurations, after the file header where a connection begins; undefined while one is missing. */
  prelude(fileHeader: boolean, ms: number): Uint8Array<ArrayBuffer> | undefined {
    const made = check(this.#linear.calls.writer_prelude(this.#handle, fileHeader ? 1 : 0, ms)) === 1;
    return made ? this.#linear.copy(0) : undefined;
  }

  /** Takes a frame; false before the first keyframe or configuration. Refuses pictures that are no NAL units. */
  frame({ track, keyframe, timeUs, bytes }: EncodedFrame): boolean {
    const kind = TRACK[track] | (keyframe ? KEYFRAME : 0);
    return check(this.#linear.calls.writer_frame(this.#handle, kind, this.#linear.put(bytes), timeUs)) === 1;
  }

  /** Goes on without a track that never came. */
  giveUp(track: Track): void {
    check(this.#linear.calls.writer_give_up(this.#handle, TRACK[track]));
  }

  /** Lets out the tags that wait for the other track. */
  finish(): void {
    check(this.#linear.calls.writer_finish(this.#handle));
  }

  /** The next tag, in the order of time. */
  take(): WrittenTag | undefined {
    if (check(this.#linear.calls.writer_take(this.#handle)) === 0) return undefined;
    const linear = this.#linear;
    return {
      track: linear.word(2) === TRACK.video ? 'video' : 'audio',
      keyframe: linear.word(3) === 1,
      ms: linear.word(5) * TWO_32 + linear.word(4),
      bytes: linear.copy(0),
    };
  }

  /** Gives the memory back; after this every call is refused. */
  free(): void {
    if (this.#handle === 0) return;
    check(this.#linear.calls.writer_free(this.#handle));
    this.#handle = 0;
  }
}
