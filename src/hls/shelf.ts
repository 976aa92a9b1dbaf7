/**
 * The segments a viewer keeps for others, whole or in the making. Nothing gets in that does not have the digest its sheet
 * says, and no sheet that does not have the digest its seal says. What is kept is limited in bytes; what was used longest
 * ago goes first.
 */
import type { ByteCore } from '../../wasm/abi.ts';
import { sameBytes } from '../wire/bytes.ts';
import type { SegmentKey } from '../wire/hls-link.ts';
import { segmentPieces, sheetOf } from '../wire/hls-seal.ts';
import { HLS_PIECE_BYTES, ID_BYTES } from '../wire/limits.ts';
import type { KnownSeal } from './seal-book.ts';

/** A segment with a sheet that holds. */
export interface Kept {
  readonly key: SegmentKey;
  readonly known: KnownSeal;
  readonly digests: Uint8Array;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** 1 for every piece that is there. */
  readonly have: Uint8Array;
  left: number;
}

/** What became of a piece. */
export type PieceFate = 'kept' | 'duplicate' | 'bad' | 'unknown';

export class Shelf {
  readonly #core: ByteCore;
  readonly #capBytes: number;
  readonly #evicted: (key: SegmentKey) => void;
  readonly #kept = new Map<SegmentKey, Kept>();
  #bytes = 0;

  constructor(core: ByteCore, capBytes: number, evicted: (key: SegmentKey) => void) {
    this.#core = core;
    this.#capBytes = capBytes;
    this.#evicted = evicted;
  }

  get usedBytes(): number {
    return this.#bytes;
  }

  /** Whole segments. */
  get wholes(): number {
    let count = 0;
    for (const { left } of this.#kept.values()) if (left === 0) count++;
    return count;
  }

  get(key: SegmentKey): Kept | undefined {
    return this.#kept.get(key);
  }

  /** The bytes of a whole segment. */
  whole(key: SegmentKey): Uint8Array<ArrayBuffer> | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined || kept.left > 0) return undefined;
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    return kept.bytes;
  }

  /** Keeps a whole segment; false when it is not what was sealed, or too large to keep. */
  putWhole(key: SegmentKey, known: KnownSeal, bytes: Uint8Array<ArrayBuffer>): boolean {
    const { digests, root } = sheetOf((piece) => this.#core.blake3(piece), bytes);
    if (bytes.length !== known.seal.length || !sameBytes(root, known.seal.root)) return false;
    const have = new Uint8Array(segmentPieces(bytes.length)).fill(1);
    this.#put({ key, known, digests, bytes, have, left: 0 });
    return true;
  }

  /** Begins a segment by its sheet; false when the sheet is not what was sealed. */
  begin(key: SegmentKey, known: KnownSeal, digests: Uint8Array): boolean {
    if (this.#kept.has(key)) return true;
    const { length, root } = known.seal;
    const count = segmentPieces(length);
    if (digests.length !== count * ID_BYTES || !sameBytes(this.#core.blake3(digests), root)) return false;
    this.#put({ key, known, digests, bytes: new Uint8Array(length), have: new Uint8Array(count), left: count });
    return true;
  }

  /** Verifies and keeps a piece that came in parts. */
  putPiece(key: SegmentKey, piece: number, payloads: readonly Uint8Array[]): PieceFate {
    const kept = this.#kept.get(key);
    if (kept === undefined || piece >= kept.have.length) return 'unknown';
    if (kept.have[piece] === 1) return 'duplicate';
    const at = piece * HLS_PIECE_BYTES;
    const whole = joined(payloads);
    const digest = kept.digests.subarray(piece * ID_BYTES, (piece + 1) * ID_BYTES);
    const fits = whole.length === Math.min(HLS_PIECE_BYTES, kept.bytes.length - at);
    if (!fits || !sameBytes(this.#core.blake3(whole), digest)) return 'bad';
    kept.bytes.set(whole, at);
    kept.have[piece] = 1;
    kept.left--;
    return 'kept';
  }

  /** The bytes of a piece that is there. */
  piece(key: SegmentKey, piece: number): Uint8Array | undefined {
    const kept = this.#kept.get(key);
    if (kept?.have[piece] !== 1) return undefined;
    return kept.bytes.subarray(piece * HLS_PIECE_BYTES, (piece + 1) * HLS_PIECE_BYTES);
  }

  /** Lets go of a segment in the making; one that is whole stays. */
  abandon(key: SegmentKey): void {
    if ((this.#kept.get(key)?.left ?? 0) > 0) this.#drop(key);
  }

  /** Whether a segment of this size is worth keeping at all. */
  hasRoomFor(bytes: number): boolean {
    return bytes <= this.#capBytes / 2;
  }

  #put(kept: Kept): void {
    this.#drop(kept.key);
    this.#kept.set(kept.key, kept);
    this.#bytes += kept.bytes.length;
    for (const [key, { left }] of this.#kept) {
      if (this.#bytes <= this.#capBytes) return;
      if (left > 0 || key === kept.key) continue;
      this.#drop(key);
      this.#evicted(key);
    }
  }

  #drop(key: SegmentKey): void {
    const kept = this.#kept.get(key);
    if (kept === undefined) return;
    this.#kept.delete(key);
    this.#bytes -= kept.bytes.length;
  }
}

const joined = (parts: readonly Uint8Array[]): Uint8Array => {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};
