// Turns an FLV stream into pieces: mark, cut, encrypt, sign. The origin pushes what arrives with its wall clock and
// takes events until there are none. After `free()` every call is refused.

import { ShoalError } from '../src/errors.ts';
import { check, checkLength, type Linear } from './linear.ts';

/** What a cutter is made of; all byte strings are copied. */
export interface CutterOptions {
  /** Stream id, 32 bytes. */
  readonly stream: Uint8Array;
  /** Epoch, 10 bytes. */
  readonly epoch: Uint8Array;
  /** Ed25519 seed of the origin, 32 bytes. */
  readonly signingSeed: Uint8Array;
  /** Secret the content keys derive from, 32 bytes; without it pieces are clear. */
  readonly contentSecret?: Uint8Array;
  /** Generation of the content key; 0 unless told. */
  readonly generation?: number;
  /** Whether AVC and HEVC keyframes get a mark; true unless told. */
  readonly mark?: boolean;
  /** Tags above this size are skipped; 4 MiB unless told, 16 MiB at most. */
  readonly maxTagBytes?: number;
}

/** What can be wrong with a source. */
export type CutFault = 'flv/bad-signature' | 'flv/bad-tag' | 'flv/tag-too-large' | 'flv/bad-nal';

/** What a cutter says, in the order in which it must be passed on. */
export type CutEvent =
  /** FLV header, metadata and codec headers as they stand for the next group; before the piece that needs them. */
  | { readonly kind: 'prelude'; readonly bytes: Uint8Array<ArrayBuffer> }
  /** `wire` is header, signature and body; `clear` is the body before encryption. */
  | { readonly kind: 'piece'; readonly wire: Uint8Array<ArrayBuffer>; readonly clear: Uint8Array<ArrayBuffer> }
  /** The source is broken here; after a bad signature nothing follows, after all others it goes on. */
  | { readonly kind: 'fault'; readonly code: CutFault; readonly skippedBytes: number };

const FAULTS = ['flv/bad-signature', 'flv/bad-tag', 'flv/tag-too-large', 'flv/bad-nal'] as const;
const MAX_TAG_BYTES = 4 * 1024 * 1024;
/** Bytes staged at once; keeps the staging area small however much arrives. */
const RUN_BYTES = 256 * 1024;

/** One uninterrupted cutting of a stream. */
export class Cutter {
  readonly #linear: Linear;
  #handle: number;

  constructor(linear: Linear, options: CutterOptions) {
    this.#linear = linear;
    const { stream, epoch, signingSeed, contentSecret, generation = 0, mark = true } = options;
    checkLength('stream', stream, 32);
    checkLength('epoch', epoch, 10);
    checkLength('signing seed', signingSeed, 32);
    if (contentSecret !== undefined) checkLength('content secret', contentSecret, 32);
    linear.put(stream, epoch, signingSeed, contentSecret ?? new Uint8Array(0));
    const flags = (contentSecret === undefined ? 0 : 1) | (mark ? 2 : 0);
    this.#handle = check(linear.calls.cutter_new(flags, generation, options.maxTagBytes ?? MAX_TAG_BYTES));
  }

  /** Takes bytes of the source. `nowMs` is the wall clock. */
  push(chunk: Uint8Array, nowMs: number): void {
    for (let at = 0; at < chunk.length; at += RUN_BYTES) {
      const length = this.#linear.put(chunk.length <= RUN_BYTES ? chunk : chunk.subarray(at, at + RUN_BYTES));
      check(this.#linear.calls.cutter_push(this.#handle, length, nowMs));
    }
  }

  /** Closes the open piece if its time has come. */
  tick(nowMs: number): void {
    check(this.#linear.calls.cutter_tick(this.#handle, nowMs));
  }

  /** The source ended: makes the final piece, marked LAST. Pushing after this is refused. */
  finish(nowMs: number): void {
    check(this.#linear.calls.cutter_finish(this.#handle, nowMs));
  }

  /** When `tick` has something to close, or undefined. */
  nextDueMs(): number | undefined {
    const due = this.#linear.calls.cutter_due(this.#handle);
    return due < 0 ? void check(due) : Number.isNaN(due) ? undefined : due;
  }

  /** From the next piece on, encrypts with the key of this generation. */
  setGeneration(generation: number): void {
    check(this.#linear.calls.cutter_generation(this.#handle, generation));
  }

  /** The oldest event not taken yet. */
  next(): CutEvent | undefined {
    switch (check(this.#linear.calls.cutter_next(this.#handle))) {
      case 0:
        return undefined;
      case 1:
        return { kind: 'prelude', bytes: this.#linear.copy(0) };
      case 2:
        return { kind: 'piece', wire: this.#linear.copy(0), clear: this.#linear.copy(2) };
      default:
        return { kind: 'fault', code: faultOf(this.#linear.word(0)), skippedBytes: this.#linear.word(1) };
    }
  }

  /** Gives the memory back. */
  free(): void {
    if (this.#handle === 0) return;
    check(this.#linear.calls.cutter_free(this.#handle));
    this.#handle = 0;
  }
}

const faultOf = (number: number): CutFault => {
  const code = FAULTS[number];
  if (code === undefined) throw new ShoalError('core/abi-mismatch');
  return code;
};
