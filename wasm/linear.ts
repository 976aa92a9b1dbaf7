// The byte core's exports and its linear memory. Everything that crosses the line goes through here: integers as
// arguments, inputs staged at `stage(length)`, small results in the answer block. Views of the memory are kept until
// it grows, which detaches them; a trap inside the core becomes one typed error.

import { type ErrorCode, ShoalError } from '../src/errors.ts';

/** Version of the exports; both sides change together. */
export const ABI_VERSION = 1;

const NAMES = [
  'abi_version',
  'stage',
  'answer',
  'blake3',
  'chacha20',
  'public_key',
  'sign',
  'verify',
  'content_key',
  'wrap_key',
  'unwrap_key',
  'epoch_tag',
  'cutter_new',
  'cutter_push',
  'cutter_tick',
  'cutter_finish',
  'cutter_due',
  'cutter_generation',
  'cutter_next',
  'cutter_free',
  'store_new',
  'store_key',
  'store_slot',
  'store_admit',
  'store_find',
  'store_evict_below',
  'store_pieces',
  'store_play',
  'store_take',
  'store_drop_partial',
  'store_free',
  'scanner_new',
  'scanner_space',
  'scanner_push',
  'scanner_next',
  'scanner_run',
  'scanner_faults',
  'scanner_free',
] as const;

type Name = (typeof NAMES)[number];
/** What every build exports. */
type Basic = 'abi_version' | 'stage' | 'answer';
type Call = (a?: number, b?: number, c?: number, d?: number) => number;

/** What a negative answer means; the Rust twin is `fault.rs`. */
const FAILURES = ['core/bad-handle', 'core/bad-argument', 'core/out-of-memory', 'core/trap'] as const;

/** Largest input of a single call; longer ones are refused, streams are pushed in runs. */
export const STAGE_BYTES_MAX = 64 * 1024 * 1024;

/** Exports and memory of one instance. */
export class Linear<Known extends string = Name> {
  readonly calls: Readonly<Record<Known | Basic, Call>>;
  readonly #memory: WebAssembly.Memory;
  readonly #answer: number;
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView<ArrayBuffer>;
  #stageAt = 0;
  #stageBytes = 0;

  /** `names` are those of another build than the viewer's. */
  constructor(
    instance: WebAssembly.Instance,
    names: readonly (Known | Basic)[] = NAMES as readonly string[] as readonly Known[],
  ) {
    const memory = instance.exports.memory;
    if (typeof memory !== 'object' || !('buffer' in memory)) throw new ShoalError('core/abi-mismatch');
    this.#memory = memory;
    this.#bytes = new Uint8Array(memory.buffer);
    this.#view = new DataView(memory.buffer);
    this.calls = Object.fromEntries(names.map((name) => [name, guarded(instance, name)])) as typeof this.calls;
    if (this.calls.abi_version() !== ABI_VERSION) throw new ShoalError('core/abi-mismatch');
    this.#answer = this.calls.answer();
  }

  /** The whole memory; valid until the next call into the core. */
  bytes(): Uint8Array<ArrayBuffer> {
    if (this.#bytes.byteLength === 0) this.#refresh();
    return this.#bytes;
  }

  /** Makes room for an input and says where it goes. */
  stage(length: number): number {
    if (length > this.#stageBytes) {
      if (length > STAGE_BYTES_MAX) throw new ShoalError('core/bad-argument', { detail: `${length} bytes` });
      this.#stageAt = check(this.calls.stage(length));
      this.#stageBytes = length;
    }
    return this.#stageAt;
  }

  /** Stages byte strings one after the other and returns their total length. */
  put(...parts: readonly Uint8Array[]): number {
    let length = 0;
    for (const part of parts) length += part.length;
    let at = this.stage(length);
    const bytes = this.bytes();
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return length;
  }

  /** The n-th 32-bit word of the answer block. */
  word(index: number): number {
    if (this.#bytes.byteLength === 0) this.#refresh();
    return this.#view.getUint32(this.#answer + index * 4, true);
  }

  /** A copy of bytes of the answer block. */
  answer(from: number, to: number): Uint8Array<ArrayBuffer> {
    return this.bytes().slice(this.#answer + from, this.#answer + to);
  }

  /** A copy of bytes anywhere: words `index` and `index + 1` of the answer block are their address and length. */
  copy(index: number): Uint8Array<ArrayBuffer> {
    const at = this.word(index);
    return this.bytes().slice(at, at + this.word(index + 1));
  }

  #refresh(): void {
    this.#bytes = new Uint8Array(this.#memory.buffer);
    this.#view = new DataView(this.#memory.buffer);
  }
}

/** Passes a non-negative answer on and throws for a negative one. */
export const check = (answer: number): number => {
  if (answer >= 0) return answer;
  const code: ErrorCode = FAILURES[-1 - answer] ?? 'core/trap';
  throw new ShoalError(code);
};

/** Refuses a byte string of any other length. */
export const checkLength = (name: string, bytes: Uint8Array, length: number): Uint8Array => {
  if (bytes.length !== length) throw new ShoalError('core/bad-argument', { detail: `${name}: ${bytes.length} bytes` });
  return bytes;
};

const guarded = (instance: WebAssembly.Instance, name: string): Call => {
  const found = instance.exports[name];
  if (typeof found !== 'function') throw new ShoalError('core/abi-mismatch', { detail: name });
  const call = found as unknown as Call;
  return (a, b, c, d) => {
    try {
      return call(a, b, c, d);
    } catch (cause) {
      throw new ShoalError('core/trap', { detail: name, cause });
    }
  };
};

/** Compiles (unless given a module) and starts a build of the core. */
export const startInstance = async (source: BufferSource | WebAssembly.Module): Promise<WebAssembly.Instance> => {
  if (typeof WebAssembly === 'undefined') throw new ShoalError('support/no-webassembly');
  try {
    const module = source instanceof WebAssembly.Module ? source : await WebAssembly.compile(source as BufferSource);
    return await WebAssembly.instantiate(module as WebAssembly.Module, {});
  } catch (cause) {
    throw new ShoalError('support/no-webassembly', { cause });
  }
};
