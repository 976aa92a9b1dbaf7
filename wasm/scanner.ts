// Finds the tags of an FLV stream in any chunking, says what each one is, and resynchronises after broken bytes.

import { check, type Linear } from './linear.ts';

const TYPES = { 8: 'audio', 9: 'video', 18: 'script' } as const;
const CODECS = [
  'other',
  'avc',
  'hevc',
  'av1',
  'vp9',
  'vp8',
  'vvc',
  'aac',
  'mp3',
  'opus',
  'flac',
  'ac3',
  'eac3',
  'metadata',
] as const;

/** What a tag carries; `metadata` is onMetaData, `other` is passed through like the rest. */
export type Codec = (typeof CODECS)[number];

/** The mark an origin puts into the keyframe tag at which a piece starts. */
export interface Mark {
  /** 10 bytes. */
  readonly epoch: Uint8Array<ArrayBuffer>;
  /** The piece that starts at this tag. */
  readonly sequence: number;
  /** First piece and number of pieces of the group before; both 0 in the first mark of an epoch. */
  readonly previousFirst: number;
  readonly previousCount: number;
  /** BLAKE3 of the clear bytes of the group before, 32 bytes. */
  readonly digest: Uint8Array<ArrayBuffer>;
  /** 64 bytes; see `ByteCore.verifyMark`. */
  readonly signature: Uint8Array<ArrayBuffer>;
}

/** One tag. */
export interface ScannedTag {
  readonly type: 'audio' | 'video' | 'script';
  readonly dtsMs: number;
  /** A random access point. */
  readonly keyframe: boolean;
  /** AVC, HEVC or AV1 configuration, AudioSpecificConfig, Opus header and the like. */
  readonly codecHeader: boolean;
  readonly codec: Codec;
  /** Where the tag begins, counted from the first byte ever pushed. */
  readonly byteOffset: number;
  /** The whole tag: header, data and PreviousTagSize. */
  readonly length: number;
  /** Present when the tag carries one. */
  readonly mark?: Mark;
}

const KEYFRAME = 1;
const CODEC_HEADER = 2;
const MARKED = 4;
const TWO_32 = 0x1_0000_0000;
const RUN_BYTES = 256 * 1024;

/** Scans one stream from its file header on. */
export class FlvScanner {
  readonly #linear: Linear;
  #handle: number;

  constructor(linear: Linear) {
    this.#linear = linear;
    this.#handle = check(linear.calls.scanner_new());
  }

  /** Takes bytes and returns how many tags ended in them. */
  push(chunk: Uint8Array): number {
    let tags = 0;
    for (let at = 0; at < chunk.length; at += RUN_BYTES) {
      const run = chunk.length <= RUN_BYTES ? chunk : chunk.subarray(at, at + RUN_BYTES);
      const place = check(this.#linear.calls.scanner_space(this.#handle, run.length, at === 0 ? 1 : 0));
      this.#linear.bytes().set(run, place);
      tags += check(this.#linear.calls.scanner_push(this.#handle, run.length));
    }
    return tags;
  }

  /** The oldest tag not taken yet. */
  next(): ScannedTag | undefined {
    if (check(this.#linear.calls.scanner_next(this.#handle)) === 0) return undefined;
    const linear = this.#linear;
    const flags = linear.word(2);
    const tag = {
      type: TYPES[linear.word(0) as 8 | 9 | 18],
      dtsMs: linear.word(1),
      keyframe: (flags & KEYFRAME) !== 0,
      codecHeader: (flags & CODEC_HEADER) !== 0,
      codec: CODECS[linear.word(3)] ?? 'other',
      byteOffset: linear.word(5) * TWO_32 + linear.word(4),
      length: linear.word(6),
    };
    return (flags & MARKED) === 0 ? tag : { ...tag, mark: this.#mark() };
  }

  /** A fresh buffer with the whole tags that ended in the last push of at most 256 KiB, in one run. */
  run(): Uint8Array<ArrayBuffer> | undefined {
    return check(this.#linear.calls.scanner_run(this.#handle)) === 1 ? this.#linear.copy(0) : undefined;
  }

  /** Like `run`, but in a buffer of the caller's if it is large enough; what comes back is a view of it. */
  runInto(into: Uint8Array): Uint8Array {
    if (check(this.#linear.calls.scanner_run(this.#handle)) === 0) return into.subarray(0, 0);
    const length = this.#linear.word(1);
    if (length > into.length) return this.#linear.copy(0);
    const at = this.#linear.word(0);
    into.set(this.#linear.bytes().subarray(at, at + length));
    return into.subarray(0, length);
  }

  /** Broken places so far, and the bytes that were skipped there. */
  faults(): { readonly count: number; readonly skippedBytes: number; readonly stopped: boolean } {
    check(this.#linear.calls.scanner_faults(this.#handle));
    const linear = this.#linear;
    return {
      count: linear.word(0),
      skippedBytes: linear.word(2) * TWO_32 + linear.word(1),
      stopped: linear.word(3) === 1,
    };
  }

  /** Gives the memory back; after this every call is refused. */
  free(): void {
    if (this.#handle === 0) return;
    check(this.#linear.calls.scanner_free(this.#handle));
    this.#handle = 0;
  }

  #mark(): Mark {
    const bytes = this.#linear.answer(32, 32 + 118);
    const view = new DataView(bytes.buffer);
    return {
      epoch: bytes.slice(0, 10),
      sequence: view.getUint32(10),
      previousFirst: view.getUint32(14),
      previousCount: view.getUint32(18),
      digest: bytes.slice(22, 54),
      signature: bytes.slice(54, 118),
    };
  }
}
