// A viewer of the accounts for tests: has a key, signs what it likes, and shows pieces it holds, or others.

import { fromBase64Url, fromHex, toBase64Url } from '../../../../src/wire/bytes.ts';
import {
  encodeReceipts,
  PROOF_BYTES,
  proofText,
  type ReceiptEntry,
  receiptsText,
  receiptText,
} from '../../../../src/wire/receipts.ts';
import type { TrackerAnswer, TrackerRequest } from '../../../../src/wire/tracker.ts';
import type { ByteCore } from '../../../../wasm/abi.ts';

/** What a viewer hands in about one link. */
export interface LinkClaim {
  readonly other: KeyedViewer;
  readonly received: number;
  readonly sent: number;
  /** Who really signs for what was sent; the other end unless said. */
  readonly signedBy?: KeyedViewer;
}

/** See above. */
export class KeyedViewer {
  readonly key: Uint8Array;
  /** Join token, as a tracker gave it. */
  token: Uint8Array = new Uint8Array(158);
  sequence = 0;
  readonly #core: ByteCore;
  readonly #seed: Uint8Array;

  constructor(core: ByteCore, seed: Uint8Array) {
    this.#core = core;
    this.#seed = seed;
    this.key = core.publicKey(seed);
  }

  sign(text: Uint8Array): Uint8Array {
    return this.#core.sign(this.#seed, text);
  }

  /** The hand-in of some links on a stream (hexadecimal id, or bytes). */
  handIn(
    stream: Uint8Array | string,
    claims: readonly LinkClaim[],
    sequence = ++this.sequence,
  ): Extract<TrackerRequest, { readonly kind: 'receipts' }> {
    const id = typeof stream === 'string' ? (fromHex(stream) ?? new Uint8Array(0)) : stream;
    const entries = claims.map(({ other, received, sent, signedBy = other }): ReceiptEntry => {
      const signature = signedBy.sign(receiptText({ stream: id, from: other.key, to: this.key, bytes: sent }));
      return { token: other.token, received, sent, signature };
    });
    const body = encodeReceipts({ sequence, entries });
    const signature = toBase64Url(this.sign(receiptsText(id, this.key, body)));
    return { kind: 'receipts', body: toBase64Url(body), signature };
  }

  /** Answers a challenge with the pieces it can read. */
  show(
    { nonce, sequences }: Extract<TrackerAnswer, { readonly kind: 'prove' }>,
    read: (sequence: number) => Uint8Array | undefined,
  ): Extract<TrackerRequest, { readonly kind: 'proofs' }> {
    const salt = fromBase64Url(nonce) ?? new Uint8Array(0);
    const proofs = sequences.map((sequence) => {
      const piece = read(sequence);
      if (piece === undefined) return toBase64Url(new Uint8Array(PROOF_BYTES));
      return toBase64Url(this.#core.blake3(proofText(salt, this.key, piece)).subarray(0, PROOF_BYTES));
    });
    return { kind: 'proofs', nonce, proofs };
  }
}
