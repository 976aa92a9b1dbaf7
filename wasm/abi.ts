// The TypeScript face of the byte core: hashing, signatures and keys here; cutter, piece store and FLV scanner in
// files of their own. Only this folder touches linear memory. What goes in is copied in, what comes out is a fresh
// buffer that belongs to the caller.

import { Cutter, type CutterOptions } from './cutter.ts';
import { Kernels } from './kernels.ts';
import { check, checkLength, Linear, startInstance } from './linear.ts';
import { FlvScanner, type Mark } from './scanner.ts';
import { PieceStore, type StoreOptions } from './store.ts';

export type { CutEvent, CutFault, Cutter, CutterOptions } from './cutter.ts';
export type { Kernels } from './kernels.ts';
export type { Codec, FlvScanner, Mark, ScannedTag } from './scanner.ts';
export type { Admission, PieceStore, Played, StoreOptions } from './store.ts';

const HASH_BYTES = 32;
const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
const EPOCH_BYTES = 10;
const NONCE_BYTES = 24;
const WRAPPED_BYTES = 72;
const GROUP_CONTEXT = Uint8Array.from('shoal group v1', (letter) => letter.charCodeAt(0));

/** One instance of the byte core. */
export class ByteCore {
  readonly #linear: Linear;

  private constructor(linear: Linear) {
    this.#linear = linear;
  }

  /** Compiles (unless given a module) and starts the core. */
  static async load(source: BufferSource | WebAssembly.Module): Promise<ByteCore> {
    const instance = await startInstance(source);
    return new ByteCore(new Linear(instance));
  }

  /** BLAKE3, 32 bytes. */
  blake3(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    check(this.#linear.calls.blake3(this.#linear.put(bytes)));
    return this.#linear.answer(0, HASH_BYTES);
  }

  /** The Ed25519 public key of a 32-byte seed. */
  publicKey(seed: Uint8Array): Uint8Array<ArrayBuffer> {
    this.#linear.put(checkLength('seed', seed, KEY_BYTES));
    check(this.#linear.calls.public_key());
    return this.#linear.answer(0, KEY_BYTES);
  }

  /** An Ed25519 signature, 64 bytes. */
  sign(seed: Uint8Array, message: Uint8Array): Uint8Array<ArrayBuffer> {
    const length = this.#linear.put(checkLength('seed', seed, KEY_BYTES), message);
    check(this.#linear.calls.sign(length));
    return this.#linear.answer(0, SIGNATURE_BYTES);
  }

  /** Whether a signature is good; strict: weak keys and malleable signatures are refused. */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
    if (publicKey.length !== KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false;
    return check(this.#linear.calls.verify(this.#linear.put(publicKey, signature, message))) === 1;
  }

  /** Whether the group digest a mark carries is signed by the stream's origin. */
  verifyMark(publicKey: Uint8Array, stream: Uint8Array, mark: Mark): boolean {
    const counts = new Uint8Array(8);
    const view = new DataView(counts.buffer);
    view.setUint32(0, mark.previousFirst);
    view.setUint32(4, mark.previousCount);
    if (publicKey.length !== KEY_BYTES || stream.length !== KEY_BYTES) return false;
    const { signature, epoch, digest } = mark;
    const length = this.#linear.put(publicKey, signature, GROUP_CONTEXT, stream, epoch, counts, digest);
    return check(this.#linear.calls.verify(length)) === 1;
  }

  /** The content key of a generation, from the stream's secret. */
  contentKey(secret: Uint8Array, epoch: Uint8Array, generation: number): Uint8Array<ArrayBuffer> {
    this.#linear.put(checkLength('secret', secret, KEY_BYTES), checkLength('epoch', epoch, EPOCH_BYTES));
    check(this.#linear.calls.content_key(generation));
    return this.#linear.answer(0, KEY_BYTES);
  }

  /** Wraps a content key under a code's key: nonce, ciphertext, tag. */
  wrapKey(
    codeKey: Uint8Array,
    nonce24: Uint8Array,
    context: Uint8Array,
    contentKey: Uint8Array,
  ): Uint8Array<ArrayBuffer> {
    checkLength('nonce', nonce24, NONCE_BYTES);
    checkLength('content key', contentKey, KEY_BYTES);
    this.#linear.put(nonce24, contentKey, codeKey, context);
    check(this.#linear.calls.wrap_key(codeKey.length, context.length));
    return this.#linear.answer(0, WRAPPED_BYTES);
  }

  /** The content key inside, or undefined when key, context or bytes are not the ones it was wrapped with. */
  unwrapKey(codeKey: Uint8Array, context: Uint8Array, wrapped: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
    if (wrapped.length !== WRAPPED_BYTES) return undefined;
    this.#linear.put(wrapped, codeKey, context);
    const opened = check(this.#linear.calls.unwrap_key(codeKey.length, context.length)) === 1;
    return opened ? this.#linear.answer(0, KEY_BYTES) : undefined;
  }

  /** The four bytes by which a piece names its stream and epoch. */
  epochTag(stream: Uint8Array, epoch: Uint8Array): number {
    this.#linear.put(checkLength('stream', stream, KEY_BYTES), checkLength('epoch', epoch, EPOCH_BYTES));
    check(this.#linear.calls.epoch_tag());
    return this.#linear.word(0);
  }

  /** Starts cutting a source into pieces. */
  createCutter(options: CutterOptions): Cutter {
    return new Cutter(this.#linear, options);
  }

  /** Makes an empty store for the pieces of one epoch. */
  createStore(options: StoreOptions): PieceStore {
    return new PieceStore(this.#linear, options);
  }

  /** Makes a scanner for an FLV stream that begins with its file header. */
  createScanner(): FlvScanner {
    return new FlvScanner(this.#linear);
  }

  /** Single steps of the piece path, for benchmarks. */
  kernels(): Kernels {
    return new Kernels(this.#linear);
  }
}
