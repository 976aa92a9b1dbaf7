// The pieces a viewer holds, in fixed slots under a hard memory cap. A piece is put straight into a spare slot and
// verified there, so a forged one costs nothing but the check; at play it is decrypted once, straight into the play
// queue, which hands out whole FLV tags only.

import { check, checkLength, type Linear } from './linear.ts';

/** What a store is made of. */
export interface StoreOptions {
  /** Stream id, 32 bytes. */
  readonly stream: Uint8Array;
  /** Epoch, 10 bytes. */
  readonly epoch: Uint8Array;
  /** Ed25519 key of the origin, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Most memory for pieces; room for two is the least. */
  readonly capBytes: number;
}

const ADMISSIONS = ['ok', 'duplicate', 'malformed', 'foreign', 'bad-signature', 'full'] as const;
/**
 * What became of a piece: `foreign` is of another stream or epoch, `full` is older than the oldest piece of a full store.
 * A duplicate is found before its signature is looked at.
 */
export type Admission = (typeof ADMISSIONS)[number];

const PLAYED = ['ok', 'missing', 'no-key'] as const;
/** What became of a wish to play. */
export type Played = (typeof PLAYED)[number];

const PIECE_BYTES_MIN = 93;
const PIECE_BYTES_MAX = 8284;
/** Memory of one slot. */
const SLOT_BYTES = PIECE_BYTES_MAX;

/** The pieces of one epoch. */
export class PieceStore {
  readonly #linear: Linear;
  #handle: number;

  constructor(linear: Linear, options: StoreOptions) {
    this.#linear = linear;
    linear.put(
      checkLength('stream', options.stream, 32),
      checkLength('epoch', options.epoch, 10),
      checkLength('public key', options.publicKey, 32),
    );
    this.#handle = check(linear.calls.store_new(Math.min(options.capBytes, 0x7fff_ffff)));
  }

  /** Memory held by pieces. */
  get usedBytes(): number {
    return this.pieces * SLOT_BYTES;
  }

  /** Pieces held. */
  get pieces(): number {
    return check(this.#linear.calls.store_pieces(this.#handle));
  }

  /** Tells the content key of a generation; the eight told last are kept. */
  setKey(generation: number, key: Uint8Array): void {
    this.#linear.put(checkLength('content key', key, 32));
    check(this.#linear.calls.store_key(this.#handle, generation));
  }

  /** Takes one piece, given as parts in order. */
  admit(parts: readonly Uint8Array[]): Admission {
    let length = 0;
    for (const part of parts) length += part.length;
    let at = check(this.#linear.calls.store_slot(this.#handle));
    if (length < PIECE_BYTES_MIN || length > PIECE_BYTES_MAX) return 'malformed';
    const bytes = this.#linear.bytes();
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return ADMISSIONS[check(this.#linear.calls.store_admit(this.#handle, length))] ?? 'malformed';
  }

  /** Whether a piece is held. */
  has(sequence: number): boolean {
    return check(this.#linear.calls.store_find(this.#handle, sequence)) === 1;
  }

  /** A copy of a piece as it came over the wire. */
  read(sequence: number): Uint8Array<ArrayBuffer> | undefined {
    return this.has(sequence) ? this.#linear.copy(0) : undefined;
  }

  /** Forgets all pieces below a sequence. */
  evictBelow(sequence: number): void {
    check(this.#linear.calls.store_evict_below(this.#handle, sequence));
  }

  /**
   * Appends the clear bytes of a piece to the play queue. The first piece after creation, after `dropPartial()` and
   * after any jump in sequence starts at its first tag.
   */
  play(sequence: number): Played {
    return PLAYED[check(this.#linear.calls.store_play(this.#handle, sequence))] ?? 'missing';
  }

  /** All whole FLV tags of the play queue in a fresh buffer; an incomplete last tag stays inside. */
  takePlayed(): Uint8Array<ArrayBuffer> | undefined {
    return check(this.#linear.calls.store_take(this.#handle)) === 1 ? this.#linear.copy(0) : undefined;
  }

  /** Empties the play queue. */
  dropPartial(): void {
    check(this.#linear.calls.store_drop_partial(this.#handle));
  }

  /** Gives the memory back; after this every call is refused. */
  free(): void {
    if (this.#handle === 0) return;
    check(this.#linear.calls.store_free(this.#handle));
    this.#handle = 0;
  }
}
