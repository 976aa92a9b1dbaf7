/**
 * Sheets on their way: read from several messages where they are long, and judged. A seal of our own is what counts; a
 * sheet that brings one signed by itself is believed for that.
 */
import type { ByteCore } from '../../wasm/abi.ts';
import { sameBytes } from '../wire/bytes.ts';
import { type HlsMessage, keyOf, type SegmentKey, type SheetPart } from '../wire/hls-link.ts';
import { segmentPieces } from '../wire/hls-seal.ts';
import { HLS_DIGESTS_MAX, ID_BYTES } from '../wire/limits.ts';
import type { KnownSeal, SealBook } from './seal-book.ts';
import type { Kept, Shelf } from './shelf.ts';

/** What a message about a sheet came to. */
export type SheetFate =
  /** There is more to come, or it is for later. */
  | { readonly kind: 'partial' }
  | { readonly kind: 'good'; readonly pieces: number }
  /** `bad`: not what was signed. `unknown`: nobody here can tell. */
  | { readonly kind: 'refused'; readonly why: 'bad' | 'unknown' };

/** A sheet that came before anybody asked for it. */
interface Early {
  readonly link: number;
  readonly part: SheetPart;
}

interface Growing {
  readonly digests: Uint8Array;
  filled: number;
}

/** Sheets in the making per link. */
const GROWING_MAX = 8;
/** Sheets kept for later. */
const EARLY_MAX = 512;

export class SheetDesk {
  readonly #core: ByteCore;
  readonly #book: SealBook;
  readonly #shelf: Shelf;
  readonly #growing = new Map<number, Map<SegmentKey, Growing>>();
  readonly #early = new Map<SegmentKey, Early>();

  constructor(core: ByteCore, book: SealBook, shelf: Shelf) {
    this.#core = core;
    this.#book = book;
    this.#shelf = shelf;
  }

  take(link: number, key: SegmentKey, part: SheetPart): SheetFate {
    const known = this.#judge(key, part);
    if (known === 'bad' || known === 'unknown') return { kind: 'refused', why: known };
    if (!this.#shelf.hasRoomFor(known.seal.length)) return { kind: 'refused', why: 'unknown' };
    const pieces = segmentPieces(known.seal.length);
    const digests = this.#whole(link, key, part, pieces);
    if (digests === 'bad') return { kind: 'refused', why: 'bad' };
    if (digests === undefined) return { kind: 'partial' };
    return this.#shelf.begin(key, known, digests) ? { kind: 'good', pieces } : { kind: 'refused', why: 'bad' };
  }

  /** Keeps a sheet nobody asked for; what is not whole is of no use. */
  keep(link: number, key: SegmentKey, part: SheetPart): void {
    this.#early.delete(key);
    this.#early.set(key, { link, part });
    if (this.#early.size > EARLY_MAX) this.#early.delete(this.#early.keys().next().value ?? '');
  }

  /** The sheet that came before it was asked for. */
  early(key: SegmentKey): Early | undefined {
    const early = this.#early.get(key);
    this.#early.delete(key);
    return early;
  }

  forget(link: number): void {
    for (const [key, early] of this.#early) if (early.link === link) this.#early.delete(key);
    this.#growing.delete(link);
  }

  #judge(key: SegmentKey, { signed }: SheetPart): KnownSeal | 'bad' | 'unknown' {
    const [seal] = signed.seals;
    if (seal === undefined || keyOf((bytes) => this.#core.blake3(bytes), seal.name) !== key) return 'bad';
    const ours = this.#book.of(key);
    if (ours !== undefined) {
      return sameBytes(ours.seal.root, seal.root) && ours.seal.length === seal.length ? ours : 'bad';
    }
    if (signed.signature.length === 0) return 'unknown';
    const taken = this.#book.takeSigned(signed);
    return typeof taken === 'string' ? (this.#book.of(taken) ?? 'unknown') : 'bad';
  }

  #whole(link: number, key: SegmentKey, part: SheetPart, pieces: number): Uint8Array | 'bad' | undefined {
    const bytes = pieces * ID_BYTES;
    if (part.first === 0 && part.digests.length === bytes) return part.digests;
    const sheets = this.#growing.get(link) ?? new Map<SegmentKey, Growing>();
    this.#growing.set(link, sheets);
    const growing = sheets.get(key) ?? { digests: new Uint8Array(bytes), filled: 0 };
    sheets.set(key, growing);
    if (sheets.size > GROWING_MAX) sheets.delete(sheets.keys().next().value ?? '');
    // The control lane keeps order, so the parts of a sheet come one after the other.
    if (part.first * ID_BYTES !== growing.filled || growing.filled + part.digests.length > bytes) return 'bad';
    growing.digests.set(part.digests, growing.filled);
    growing.filled += part.digests.length;
    if (growing.filled < bytes) return undefined;
    sheets.delete(key);
    return growing.digests;
  }
}

/** The messages in which a sheet crosses a link. */
export const sheetMessages = ({ key, known, digests }: Kept): HlsMessage[] => {
  const count = digests.length / ID_BYTES;
  return Array.from({ length: Math.ceil(count / HLS_DIGESTS_MAX) }, (_, at) => {
    const first = at * HLS_DIGESTS_MAX;
    const part = digests.subarray(first * ID_BYTES, (first + HLS_DIGESTS_MAX) * ID_BYTES);
    return { kind: 'sheet', key, sheet: { signed: known.signed, first, digests: part } };
  });
};
