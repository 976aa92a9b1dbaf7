// An epoch that another server cuts: its heads and pieces as they come, verified before they are kept and passed on byte
// for byte. With the content key the clear form is there too; without it pieces are carried and not read.

import { toHex } from '../../../src/wire/bytes.ts';
import type { Head } from '../../../src/wire/head.ts';
import { PIECE_BODY_AT } from '../../../src/wire/limits.ts';
import type { PieceHeader } from '../../../src/wire/piece.ts';
import type { Admission, ByteCore, PieceStore } from '../../../wasm/abi.ts';
import type { Epoch } from '../origin/epoch.ts';
import { type KeptPiece, PieceWindow, type PublishedHead, type WindowLimits } from '../origin/piece-window.ts';

/** A head whose signature is good, and the bytes it came in. */
export interface GoodHead {
  readonly head: Head;
  readonly bytes: Buffer;
}

/** The byte core holds pieces only while they are checked and read. */
const STORE_BYTES = 1024 * 1024;
const HELD_BACK = 64;
const HEADS_KEPT = 8;
const KEYS_KEPT = 8;

/** See above. */
export class RelayedEpoch implements Epoch {
  readonly id: Uint8Array<ArrayBuffer>;
  readonly hex: string;
  readonly window: PieceWindow;
  readonly substreams: number;
  readonly encrypted: boolean;
  readonly #store: PieceStore;
  readonly #keys = new Map<number, Uint8Array<ArrayBuffer>>();
  #generation: number;
  #byteRate: number;
  #revision: number;
  #heads: PublishedHead[];
  #coming: PublishedHead | undefined;

  constructor(core: ByteCore, first: GoodHead, window: WindowLimits) {
    const { head } = first;
    this.id = new Uint8Array(head.epoch);
    this.hex = toHex(head.epoch);
    this.window = new PieceWindow(window);
    this.substreams = head.substreams;
    this.encrypted = head.encrypted;
    this.#generation = head.generation;
    this.#byteRate = head.byteRate;
    this.#revision = head.revision;
    this.#heads = [published(first)];
    const { stream, epoch, publicKey } = head;
    this.#store = core.createStore({ stream, epoch, publicKey, capBytes: STORE_BYTES });
  }

  get byteRate(): number {
    return this.#byteRate;
  }

  get generation(): number {
    return this.#generation;
  }

  get head(): PublishedHead | undefined {
    return this.#coming ?? this.#heads.at(-1);
  }

  headAt(sequence: number): PublishedHead | undefined {
    return this.#heads.findLast((head) => head.fromSequence <= sequence) ?? this.#heads[0];
  }

  contentKey(generation: number): Uint8Array<ArrayBuffer> | undefined {
    return this.#keys.get(generation);
  }

  /** A further head of this epoch; one that is not newer is known. */
  newHead(good: GoodHead): void {
    if (good.head.revision <= this.#revision) return;
    this.#revision = good.head.revision;
    this.#byteRate = good.head.byteRate;
    this.#coming = published(good);
  }

  /** A content key. */
  learn(generation: number, key: Uint8Array): void {
    this.#keys.set(generation, new Uint8Array(key));
    this.#store.setKey(generation, key);
    const oldest = Math.min(...this.#keys.keys());
    if (this.#keys.size > KEYS_KEPT) this.#keys.delete(oldest);
  }

  /** Whether a piece is one of this epoch and signed by its origin. */
  verify(wire: Uint8Array): Admission {
    return this.#store.admit([wire]);
  }

  /** Keeps a verified piece, in the order of the stream. */
  keep(header: PieceHeader, wire: Buffer, atMs: number): KeptPiece {
    this.#generation = Math.max(this.#generation, header.generation);
    const isDue = this.#coming !== undefined && this.#coming.fromSequence <= header.sequence;
    const head = isDue ? this.#coming : undefined;
    if (head !== undefined) {
      this.#heads = [...this.#heads.slice(1 - HEADS_KEPT), head];
      this.#coming = undefined;
    }
    const piece: KeptPiece = { header, wire, clear: this.#clear(header, wire), head, atMs };
    this.window.add(piece);
    this.#store.evictBelow(Math.max(0, header.sequence - HELD_BACK));
    return piece;
  }

  /** Gives the byte core's memory back; the window stays. */
  free(): void {
    this.#store.free();
  }

  /** Whole tags that this piece completes: put together, what the origin's own clear pieces are put together. */
  #clear(header: PieceHeader, wire: Buffer): Buffer | undefined {
    if (!header.encrypted) return wire.subarray(PIECE_BODY_AT);
    if (this.#store.play(header.sequence) !== 'ok') return undefined;
    return Buffer.from(this.#store.takePlayed() ?? []);
  }
}

const published = ({ head, bytes }: GoodHead): PublishedHead => ({
  fromSequence: head.fromSequence,
  bytes,
  prelude: Buffer.from(head.prelude),
});
