/**
 * Segments on their way to the player: from its server where the engine says so, or out of the shelf once neighbours have
 * filled it. What came whole is vouched for before it is passed on; where the playlist itself is signed it is vouched for
 * before it is played, too.
 */
import type { HlsInput, PieceRange } from '../core/hls/io.ts';
import type { ErrorCode } from '../errors.ts';
import type { ClockPort } from '../viewer/ports.ts';
import type { SegmentKey } from '../wire/hls-link.ts';
import { type HlsPlace, segmentPieces } from '../wire/hls-seal.ts';
import { HLS_PIECE_BYTES } from '../wire/limits.ts';
import type { ByteRange, SegmentOrder, SegmentOutcome } from './face.ts';
import { breakOff, Orders, type Wanted } from './orders.ts';
import type { Fetched, FetchPort } from './ports.ts';
import type { KnownSeal, SealBook } from './seal-book.ts';
import type { Shelf } from './shelf.ts';
import { type Testimony, Witness } from './witness.ts';

/** What the desk works with. */
export interface SegmentDeskParts {
  readonly clock: ClockPort;
  readonly fetch: FetchPort;
  readonly book: SealBook;
  readonly shelf: Shelf;
  /** Where the witness answers. */
  readonly witness: string | undefined;
  readonly place: HlsPlace;
  handle(input: HlsInput): void;
  fault(code: ErrorCode, detail: string): void;
}

/** An order with the name of what it is for. */
export type NamedOrder = SegmentOrder & { readonly name: string; readonly key: SegmentKey };

export class SegmentDesk {
  readonly #parts: SegmentDeskParts;
  readonly #orders = new Orders();
  readonly #witness: Witness | undefined;
  #vouchedBy: 'playlist' | 'witness' | 'nobody' = 'nobody';
  originBytes = 0;
  fromOrigin = 0;
  fromNeighbours = 0;

  constructor(parts: SegmentDeskParts) {
    this.#parts = parts;
    this.#witness = parts.witness === undefined ? undefined : new Witness(parts.witness, parts.fetch);
  }

  get vouchedBy(): 'playlist' | 'witness' | 'nobody' {
    return this.#vouchedBy;
  }

  load(order: NamedOrder, answer: (outcome: SegmentOutcome) => void): void {
    const { key, name, address, range, withinMs } = order;
    const now = this.#parts.clock.now();
    const there = this.#parts.shelf.whole(key);
    if (there !== undefined) return answer({ kind: 'loaded', bytes: there.slice(), from: 'neighbours', underWayMs: 1 });
    if (this.#orders.add(order.id, { key, name, address, range, since: now }, answer)) {
      this.#parts.handle({ kind: 'wish', key, deadline: now + withinMs });
    }
  }

  /** Whether the player waits for a segment. */
  isWanted(key: SegmentKey): boolean {
    return this.#orders.get(key) !== undefined;
  }

  callOff(id: number): void {
    const wanted = this.#orders.callOff(id);
    if (wanted === undefined) return;
    this.#drop(wanted);
    this.#parts.handle({ kind: 'unwish', key: wanted.key });
  }

  /** Gets a segment, or the pieces of it that are missing, from its server. */
  fetch(key: SegmentKey, pieces: PieceRange | undefined): void {
    const wanted = this.#orders.get(key);
    if (wanted === undefined) return this.#parts.handle({ kind: 'fetch-ended', key });
    if (pieces === undefined) this.#askWitness(wanted);
    const startedAt = this.#parts.clock.now();
    const range = rangeOf(wanted.range, pieces, this.#parts.shelf.get(key)?.bytes.length);
    const end = this.#parts.fetch(wanted.address, range, (fetched) => {
      wanted.open.delete(end);
      if (fetched.kind === 'bytes') this.#fetched(wanted, fetched, { startedAt, pieces });
      else this.#failed(wanted, fetched.status);
    });
    wanted.open.add(end);
  }

  cancelFetch(key: SegmentKey): void {
    const wanted = this.#orders.get(key);
    if (wanted !== undefined) breakOff(wanted);
  }

  /** A piece of a neighbour is on the shelf; it may have been the last one. */
  pieceCame(key: SegmentKey): void {
    const wanted = this.#orders.get(key);
    if (wanted !== undefined) {
      wanted.firstAt ??= this.#parts.clock.now();
    }
    this.#complete(key);
  }

  /** A segment that the page got by itself. */
  given(key: SegmentKey, name: string, bytes: Uint8Array<ArrayBuffer>): void {
    this.originBytes += bytes.length;
    this.fromOrigin++;
    this.#vouch(key, name, bytes, () => undefined);
  }

  close(): void {
    for (const wanted of this.#orders.all()) {
      this.#orders.answer(wanted, () => ({ kind: 'failed', status: 0 }));
      breakOff(wanted);
    }
    this.#witness?.close();
  }

  #fetched(
    wanted: Wanted,
    { bytes }: Extract<Fetched, { readonly kind: 'bytes' }>,
    how: { readonly startedAt: number; readonly pieces: PieceRange | undefined },
  ): void {
    const tookMs = this.#parts.clock.now() - how.startedAt;
    this.originBytes += bytes.length;
    this.#parts.handle({ kind: 'fetch-took', ms: tookMs });
    if (how.pieces === undefined) this.#whole(wanted, bytes, tookMs);
    else if (this.#parts.shelf.get(wanted.key) === undefined) this.fetch(wanted.key, undefined);
    else this.#rest(wanted, bytes, how.pieces.first);
  }

  #whole(wanted: Wanted, bytes: Uint8Array<ArrayBuffer>, tookMs: number): void {
    const { key, name } = wanted;
    this.fromOrigin++;
    const loaded = (): SegmentOutcome => ({
      kind: 'loaded',
      bytes: bytes.slice(),
      from: 'server',
      underWayMs: Math.max(1, tookMs),
    });
    const mustHold = this.#parts.place === 'own' && this.#parts.book.of(key) !== undefined;
    // What its server sends over its own connection is as good as without us; only what is passed on needs a witness.
    if (!mustHold) this.#orders.answer(wanted, loaded);
    this.#vouch(key, name, bytes, (isGood) => {
      this.#orders.answer(wanted, isGood || !mustHold ? loaded : () => ({ kind: 'failed', status: BAD_GATEWAY }));
      this.#orders.close(key);
    });
  }

  /** Keeps a whole segment for others, if somebody vouches for it. */
  #vouch(key: SegmentKey, name: string, bytes: Uint8Array<ArrayBuffer>, judged: (isGood: boolean) => void): void {
    const known = this.#parts.book.of(key);
    if (known !== undefined) return judged(this.#keep(key, known, bytes));
    if (this.#witness === undefined) {
      this.#unvouched(key, 'no signed manifest and no witness');
      return judged(false);
    }
    this.#witness.ask(name, (testimony) => {
      const seal = this.#takeTestimony(key, testimony);
      judged(seal !== undefined && this.#keep(key, seal, bytes));
    });
  }

  #keep(key: SegmentKey, known: KnownSeal, bytes: Uint8Array<ArrayBuffer>): boolean {
    this.#vouchedBy = known.signed.signature.length === 0 ? 'playlist' : 'witness';
    if (!this.#parts.shelf.hasRoomFor(bytes.length)) {
      this.#end(key);
      return true;
    }
    const isGood = this.#parts.shelf.putWhole(key, known, bytes);
    if (isGood) {
      this.#parts.handle({ kind: 'held', key, pieces: segmentPieces(bytes.length) });
    } else {
      this.#parts.fault('hls/bad-segment', known.seal.name);
      this.#end(key);
    }
    return isGood;
  }

  #takeTestimony(key: SegmentKey, testimony: Testimony): KnownSeal | undefined {
    if (testimony === 'refused' || testimony === 'silent') {
      this.#unvouched(key, `the witness ${testimony === 'refused' ? 'does not vouch for it' : 'does not answer'}`);
      return undefined;
    }
    const taken = this.#parts.book.takeSigned(testimony);
    if (typeof taken !== 'string') this.#parts.fault(taken.code, taken.detail);
    const known = taken === key ? this.#parts.book.of(key) : undefined;
    if (known === undefined) this.#end(key);
    return known;
  }

  #unvouched(key: SegmentKey, why: string): void {
    this.#parts.fault('hls/no-witness', why);
    this.#end(key);
  }

  /** Early, so that its word is there when the segment is. */
  #askWitness({ key, name }: Wanted): void {
    if (this.#witness === undefined || this.#parts.book.of(key) !== undefined) return;
    this.#witness.ask(name, (testimony) => {
      if (typeof testimony !== 'string') this.#parts.book.takeSigned(testimony);
    });
  }

  /** Pieces that neighbours did not bring in time. */
  #rest(wanted: Wanted, bytes: Uint8Array<ArrayBuffer>, firstPiece: number): void {
    const { key } = wanted;
    for (let at = 0; at < bytes.length; at += HLS_PIECE_BYTES) {
      const piece = firstPiece + at / HLS_PIECE_BYTES;
      const fate = this.#parts.shelf.putPiece(key, piece, [bytes.subarray(at, at + HLS_PIECE_BYTES)]);
      if (fate !== 'bad') continue;
      // Neighbours and server differ: the server's word counts for us alone.
      this.#parts.fault('hls/bad-segment', wanted.name);
      breakOff(wanted);
      this.#parts.shelf.abandon(key);
      return this.fetch(key, undefined);
    }
    if (!this.#complete(key) && wanted.open.size === 0) this.fetch(key, undefined);
  }

  #complete(key: SegmentKey): boolean {
    const kept = this.#parts.shelf.get(key);
    if (kept === undefined || kept.left > 0) return false;
    this.#parts.handle({ kind: 'held', key, pieces: kept.have.length });
    const wanted = this.#orders.get(key);
    if (wanted === undefined) return true;
    this.fromNeighbours++;
    this.#vouchedBy = kept.known.signed.signature.length === 0 ? 'playlist' : 'witness';
    const underWayMs = Math.max(1, this.#parts.clock.now() - (wanted.firstAt ?? wanted.since));
    this.#orders.answer(wanted, () => ({
      kind: 'loaded',
      bytes: kept.bytes.slice(),
      from: 'neighbours',
      underWayMs,
    }));
    this.#orders.close(key);
    return true;
  }

  #failed(wanted: Wanted, status: number): void {
    this.#parts.fault('hls/unreachable', `status ${status}`);
    this.#orders.answer(wanted, () => ({ kind: 'failed', status }));
    this.#orders.close(wanted.key);
    this.#end(wanted.key);
  }

  #drop(wanted: Wanted): void {
    this.#parts.shelf.abandon(wanted.key);
    this.#orders.close(wanted.key);
  }

  /** It is not to be passed on. */
  #end(key: SegmentKey): void {
    this.#parts.shelf.abandon(key);
    this.#parts.handle({ kind: 'fetch-ended', key });
  }
}

/** What a segment that is not what was sealed looks like to the player: a server's fault, to be tried again. */
const BAD_GATEWAY = 502;

/** The bytes of a run of pieces; undefined: all there are. */
const rangeOf = (
  whole: ByteRange | undefined,
  pieces: PieceRange | undefined,
  length: number | undefined,
): ByteRange | undefined => {
  if (pieces === undefined || length === undefined) return whole;
  const base = whole?.first ?? 0;
  const last = Math.min(length, (pieces.last + 1) * HLS_PIECE_BYTES) - 1;
  return { first: base + pieces.first * HLS_PIECE_BYTES, last: base + last };
};
