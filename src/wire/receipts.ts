/**
 * Receipts: what one viewer signs for another about the bytes it sent it, what a viewer hands in to the tracker about its
 * links, and how it shows that it holds pieces. A receipt names both ends by their keys, so nobody else can hand it in.
 */
import { type Fault, fault } from '../errors.ts';
import { ascii, Reader, Writer } from './bytes.ts';
import { ID_BYTES, RECEIPTS_MAX, SIGNATURE_BYTES, TOKEN_BYTES } from './limits.ts';

/** What the sender of bytes signs before the receipt's own fields. */
export const RECEIPT_CONTEXT = ascii('shoal receipt v1');
/** What a viewer signs before the receipts it hands in. */
export const RECEIPTS_CONTEXT = ascii('shoal receipts v1');
/** What is hashed before nonce, viewer key and piece when a viewer shows that it holds the piece. */
export const PROOF_CONTEXT = ascii('shoal proof v1');

/** Bytes of the nonce of a challenge, and of the digest that answers for one piece. */
export const NONCE_BYTES = 16;
export const PROOF_BYTES = 16;

const RECEIPTS_VERSION = 1;
const ENTRY_BYTES = TOKEN_BYTES + 6 + 6 + SIGNATURE_BYTES;
/** Largest hand-in, bytes. */
export const RECEIPTS_BYTES_MAX = 6 + RECEIPTS_MAX * ENTRY_BYTES;

/** The two ends of a link, and how much crossed it in one direction since it was first used. */
export interface ReceiptText {
  readonly stream: Uint8Array;
  /** Viewer key of who sent the bytes, and of who got them. */
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  readonly bytes: number;
}

/** What the sender signs. */
export const receiptText = ({ stream, from, to, bytes }: ReceiptText): Uint8Array<ArrayBuffer> =>
  new Writer(RECEIPT_CONTEXT.length + 3 * ID_BYTES + 6)
    .bytes(RECEIPT_CONTEXT)
    .bytes(stream)
    .bytes(from)
    .bytes(to)
    .u48(bytes)
    .finish();

/** One link as its receiving end tells it. */
export interface ReceiptEntry {
  /** Join token of the other end: says its key, signed by a tracker. */
  readonly token: Uint8Array;
  /** Bytes got from it, as counted here. */
  readonly received: number;
  /** Bytes it says it sent, and its signature over them. */
  readonly sent: number;
  readonly signature: Uint8Array;
}

/** What a viewer hands in. */
export interface Receipts {
  /** Rises with each hand-in of one viewer key, so that an old one cannot be handed in again. */
  readonly sequence: number;
  readonly entries: readonly ReceiptEntry[];
}

/** Writes a hand-in. */
export const encodeReceipts = ({ sequence, entries }: Receipts): Uint8Array<ArrayBuffer> => {
  const writer = new Writer(6 + entries.length * ENTRY_BYTES).u8(RECEIPTS_VERSION).u32(sequence).u8(entries.length);
  for (const { token, received, sent, signature } of entries) {
    writer.bytes(token).u48(received).u48(sent).bytes(signature);
  }
  return writer.finish();
};

/** Reads a hand-in; its signatures are the caller's questions. */
export const decodeReceipts = (bytes: Uint8Array): Receipts | Fault => {
  const reader = new Reader(bytes);
  const version = reader.u8();
  if (version !== RECEIPTS_VERSION) return fault('tracker/bad-message', 'receipts version');
  const sequence = reader.u32();
  const count = reader.u8();
  if (count > RECEIPTS_MAX) return fault('tracker/bad-message', 'receipts count');
  const entries = Array.from({ length: count }, () => ({
    token: reader.bytes(TOKEN_BYTES),
    received: reader.u48(),
    sent: reader.u48(),
    signature: reader.bytes(SIGNATURE_BYTES),
  }));
  return reader.done() ? { sequence, entries } : fault('tracker/bad-message', 'receipts length');
};

/** What a viewer signs when it hands receipts in. */
export const receiptsText = (stream: Uint8Array, viewerKey: Uint8Array, body: Uint8Array): Uint8Array<ArrayBuffer> =>
  new Writer(RECEIPTS_CONTEXT.length + 2 * ID_BYTES + body.length)
    .bytes(RECEIPTS_CONTEXT)
    .bytes(stream)
    .bytes(viewerKey)
    .bytes(body)
    .finish();

/** What is hashed to show that a piece is held; the first PROOF_BYTES of the digest are the proof. */
export const proofText = (nonce: Uint8Array, viewerKey: Uint8Array, piece: Uint8Array): Uint8Array<ArrayBuffer> =>
  new Writer(PROOF_CONTEXT.length + NONCE_BYTES + ID_BYTES + piece.length)
    .bytes(PROOF_CONTEXT)
    .bytes(nonce)
    .bytes(viewerKey)
    .bytes(piece)
    .finish();
