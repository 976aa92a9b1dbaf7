/**
 * The pieces of the current epoch on the byte side: admitted into the store, and given out again as the messages links
 * carry. The piece that has just arrived goes out in the very buffers it came in.
 */
import type { Admission, ByteCore, PieceStore } from '../../wasm/abi.ts';
import type { Head } from '../wire/head.ts';
import { decodePieceHeader, splitPiece } from '../wire/piece.ts';

/** A piece that has just arrived, in the form in which it can be sent on. */
interface Fresh {
  readonly sequence: number;
  messages: readonly Uint8Array<ArrayBuffer>[] | undefined;
}

export class PieceShelf {
  readonly #core: ByteCore;
  readonly #capBytes: number;
  #store: PieceStore | undefined;
  #fresh: Fresh | undefined;

  constructor(core: ByteCore, capBytes: number) {
    this.#core = core;
    this.#capBytes = capBytes;
  }

  /** The store of the current epoch, once there is one. */
  get store(): PieceStore | undefined {
    return this.#store;
  }

  get usedBytes(): number {
    return this.#store?.usedBytes ?? 0;
  }

  enterEpoch({ stream, epoch, publicKey }: Head): void {
    this.free();
    this.#store = this.#core.createStore({ stream, epoch, publicKey, capBytes: this.#capBytes });
  }

  has(sequence: number): boolean {
    return this.#store?.has(sequence) ?? false;
  }

  /** Verifies and keeps a piece given in parts; `messages` are what links can be sent, if it came over one. */
  admit(
    sequence: number,
    payloads: readonly Uint8Array[],
    messages: readonly Uint8Array<ArrayBuffer>[] | undefined,
  ): Admission {
    const admission = this.#store?.admit(payloads) ?? 'foreign';
    if (admission === 'ok') this.#fresh = { sequence, messages };
    return admission;
  }

  /** Which content key a held piece needs. */
  generationOf(sequence: number): number | undefined {
    const piece = this.#store?.read(sequence);
    const header = piece === undefined ? undefined : decodePieceHeader(piece);
    return header?.kind === 'piece' ? header.generation : undefined;
  }

  /** The messages of a held piece. */
  messagesOf(sequence: number): readonly Uint8Array<ArrayBuffer>[] | undefined {
    if (this.#fresh?.sequence === sequence && this.#fresh.messages !== undefined) return this.#fresh.messages;
    const piece = this.#store?.read(sequence);
    if (piece === undefined) return undefined;
    const header = decodePieceHeader(piece);
    if (header.kind === 'fault') return undefined;
    const messages = splitPiece(piece, header);
    if (this.#fresh?.sequence === sequence) this.#fresh.messages = messages;
    return messages;
  }

  /** Everything that wanted the fresh piece has it. */
  settle(): void {
    this.#fresh = undefined;
  }

  evictBelow(sequence: number): void {
    this.#store?.evictBelow(sequence);
  }

  free(): void {
    this.#store?.free();
    this.#store = undefined;
    this.#fresh = undefined;
  }
}
