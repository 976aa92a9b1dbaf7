/**
 * The content keys of one stream: unwraps what came under a code's key, and says when the next generation should be
 * asked for (at a random time, so that viewers do not all ask at once).
 */

import type { ByteCore } from '../../wasm/abi.ts';
import { type ErrorCode, type Fault, fault } from '../errors.ts';
import { Writer } from '../wire/bytes.ts';
import type { Head } from '../wire/head.ts';
import type { OriginFrame } from '../wire/origin.ts';

type KeyFrame = Extract<OriginFrame, { kind: 'key' }>;

/** A key ready for use. */
export interface ContentKey {
  readonly kind: 'content-key';
  readonly generation: number;
  readonly key: Uint8Array;
}

/** What a wrapped content key is bound to. */
export const wrapContext = (stream: Uint8Array, epoch: Uint8Array, generation: number): Uint8Array =>
  new Writer(44).bytes(stream).bytes(epoch).u16(generation).finish();

const AGAIN_MS = 30_000;
const MISSING_AGAIN_MS = 1_000;

export class Keyring {
  readonly #core: ByteCore;
  #codeKey: Uint8Array | undefined;
  #generation = -1;
  /** When the newest generation held gives way to the next. */
  #endsAt = Number.NEGATIVE_INFINITY;
  /** When `nextDue` has something to ask for, on the caller's clock. */
  askAt = Number.POSITIVE_INFINITY;
  #missingAskAt = Number.NEGATIVE_INFINITY;

  constructor(core: ByteCore) {
    this.#core = core;
  }

  /** The newest generation held. */
  get generation(): number {
    return this.#generation;
  }

  /** The generation to ask for now, so that it is there in good time. */
  nextDue(now: number): number | undefined {
    if (now < this.askAt) return undefined;
    this.askAt = now + AGAIN_MS;
    return this.#generation + 1;
  }

  /** Whether a generation that playback waits for may be asked for (again). */
  missingDue(now: number): boolean {
    if (now < this.#missingAskAt) return false;
    this.#missingAskAt = now + MISSING_AGAIN_MS;
    return true;
  }

  useCodeKey(key: Uint8Array): void {
    this.#codeKey = key;
  }

  /** Opens a key frame. `dice` is in [0, 1). */
  open(frame: KeyFrame, head: Head, at: { readonly now: number; readonly dice: number }): ContentKey | Fault {
    const key = frame.wrapped ? this.#unwrap(frame, head) : frame.key;
    if (key === undefined) return fault('key/wrong', 'the code key does not open it');
    if (key.length !== 32) return fault('key/wrong', 'length');
    if (frame.generation >= this.#generation) this.#plan(frame, at);
    return { kind: 'content-key', generation: frame.generation, key };
  }

  /** Asks for the next one in the second half of this one's life, which begins when the one before has ended. */
  #plan(frame: KeyFrame, at: { readonly now: number; readonly dice: number }): void {
    const beginsAt = frame.generation > this.#generation ? Math.max(at.now, this.#endsAt) : at.now;
    this.#generation = frame.generation;
    this.#endsAt = frame.nextInMs === 0 ? Number.NEGATIVE_INFINITY : at.now + frame.nextInMs;
    const life = Math.max(0, this.#endsAt - beginsAt);
    this.askAt = frame.nextInMs === 0 ? Number.POSITIVE_INFINITY : beginsAt + life * (0.5 + at.dice * 0.4);
  }

  /** A new epoch has keys of its own. */
  clear(): void {
    this.#generation = -1;
    this.#endsAt = Number.NEGATIVE_INFINITY;
    this.askAt = Number.POSITIVE_INFINITY;
    this.#missingAskAt = Number.NEGATIVE_INFINITY;
  }

  #unwrap(frame: KeyFrame, head: Head): Uint8Array | undefined {
    if (this.#codeKey === undefined) return undefined;
    return this.#core.unwrapKey(this.#codeKey, wrapContext(head.stream, head.epoch, frame.generation), frame.key);
  }
}

/** What it means that the key service gave no code. */
export const codeOfFailure = (error: unknown): ErrorCode => {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && code.startsWith('key/') ? (code as ErrorCode) : 'key/service-unreachable';
};
