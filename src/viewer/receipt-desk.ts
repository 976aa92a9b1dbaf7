/**
 * What a viewer signs and keeps about its links where the tracker wants receipts: it tells every neighbour how many bytes
 * it sent it, keeps what its neighbours tell it, hands both counts in now and then, and shows that it holds pieces.
 */

import type { ByteCore } from '../../wasm/abi.ts';
import { fromBase64Url, fromHex, sameBytes, toBase64Url, toHex } from '../wire/bytes.ts';
import { RECEIPTS_MAX } from '../wire/limits.ts';
import { encodeLinkMessage, type LinkMessage } from '../wire/link.ts';
import {
  encodeReceipts,
  PROOF_BYTES,
  proofText,
  type ReceiptEntry,
  receiptsText,
  receiptText,
} from '../wire/receipts.ts';
import { decodeToken } from '../wire/token.ts';
import type { TrackerAnswer, TrackerRequest } from '../wire/tracker.ts';

/** What the desk works with. */
export interface ReceiptDeskParts {
  readonly core: ByteCore;
  readonly seed: Uint8Array;
  /** Says something on a link, and to the tracker. */
  send(link: number, bytes: Uint8Array<ArrayBuffer>): void;
  tell(request: TrackerRequest): void;
  /** A held piece of an epoch. */
  piece(epoch: string, sequence: number): Uint8Array | undefined;
}

/** One neighbour, by its key: links come and go, and a tracker's names too. */
interface Account {
  readonly key: Uint8Array;
  /** Its newest token. */
  token: Uint8Array;
  received: number;
  sent: number;
  /** Of `sent`, what it has a receipt for. */
  signed: number;
  /** The newest receipt of its own. */
  theirs: { readonly bytes: number; readonly signature: Uint8Array } | undefined;
  /** Of `received`, what has been handed in with a receipt. */
  handedIn: number;
}

type Receipt = Extract<LinkMessage, { readonly kind: 'receipt' }>;

/** Receipts go to neighbours with every report to the tracker, and to the tracker with every so manieth. */
const HAND_IN_EVERY = 3;
const ACCOUNTS_MAX = 256;

export class ReceiptDesk {
  readonly #parts: ReceiptDeskParts;
  readonly #key: Uint8Array;
  readonly #accounts = new Map<string, Account>();
  readonly #links = new Map<number, Account>();
  #stream: Uint8Array | undefined;
  #sequence = 0;
  #reports = 0;

  constructor(parts: ReceiptDeskParts) {
    this.#parts = parts;
    this.#key = parts.core.publicKey(parts.seed);
  }

  /** The tracker lets us in and says whether it wants receipts, or it wants to see that we hold pieces. */
  told(answer: TrackerAnswer): void {
    if (answer.kind === 'joined') this.#stream = answer.receipts === true ? fromHex(answer.stream) : undefined;
    if (answer.kind === 'prove') this.#prove(answer);
  }

  /** Somebody proved at the other end of a link that this token is its own. */
  met(link: number, token: Uint8Array): void {
    const sealed = decodeToken(token);
    if ('kind' in sealed || sameBytes(sealed.token.viewerKey, this.#key)) return;
    const name = toHex(sealed.token.viewerKey);
    const account = this.#accounts.get(name) ?? emptyAccount(sealed.token.viewerKey.slice(), token);
    account.token = token.slice();
    this.#accounts.delete(name);
    this.#accounts.set(name, account);
    this.#links.set(link, account);
    if (this.#accounts.size > ACCOUNTS_MAX) this.#accounts.delete(this.#accounts.keys().next().value ?? '');
  }

  closed(link: number): void {
    this.#links.delete(link);
  }

  /** A verified piece that was not held came over a link, in messages of so many bytes. */
  received(link: number, bytes: number): void {
    const account = this.#links.get(link);
    if (account !== undefined) account.received += bytes;
  }

  sent(link: number, bytes: number): void {
    const account = this.#links.get(link);
    if (account !== undefined) account.sent += bytes;
  }

  /** A neighbour says what it sent; whether it signed that is seen by whoever credits it. */
  heard(link: number, { bytes, signature }: Receipt): void {
    const account = this.#links.get(link);
    if (account === undefined || bytes < (account.theirs?.bytes ?? 0)) return;
    account.theirs = { bytes, signature: signature.slice() };
  }

  /** Before the tracker is told something else: with its reports go receipts, and the last ones before we leave. */
  before({ kind }: TrackerRequest): void {
    const stream = this.#stream;
    if (stream === undefined || (kind !== 'report' && kind !== 'leave')) return;
    this.#signAll(stream);
    if (kind === 'leave' || ++this.#reports % HAND_IN_EVERY === 0) this.#handIn(stream);
  }

  #handIn(stream: Uint8Array): void {
    const entries = this.#takeEntries();
    if (entries.length === 0) return;
    const body = encodeReceipts({ sequence: ++this.#sequence, entries });
    const signature = this.#parts.core.sign(this.#parts.seed, receiptsText(stream, this.#key, body));
    this.#parts.tell({ kind: 'receipts', body: toBase64Url(body), signature: toBase64Url(signature) });
  }

  #prove({ nonce, epoch, sequences }: Extract<TrackerAnswer, { readonly kind: 'prove' }>): void {
    const salt = fromBase64Url(nonce) ?? new Uint8Array(0);
    const proofs = sequences.map((sequence) => {
      const piece = this.#parts.piece(epoch, sequence);
      if (piece === undefined) return '';
      return toBase64Url(this.#parts.core.blake3(proofText(salt, this.#key, piece)).subarray(0, PROOF_BYTES));
    });
    this.#parts.tell({ kind: 'proofs', nonce, proofs });
  }

  #signAll(stream: Uint8Array): void {
    const { core, seed, send } = this.#parts;
    for (const [link, account] of this.#links) {
      if (account.sent === account.signed) continue;
      const text = receiptText({ stream, from: this.#key, to: account.key, bytes: account.sent });
      send(link, encodeLinkMessage({ kind: 'receipt', bytes: account.sent, signature: core.sign(seed, text) }));
      account.signed = account.sent;
    }
  }

  /** What is new; whoever has waited longest comes first when not all fit. */
  #takeEntries(): ReceiptEntry[] {
    const entries: ReceiptEntry[] = [];
    for (const account of this.#accounts.values()) {
      const { theirs, token, received } = account;
      if (theirs === undefined || Math.min(received, theirs.bytes) <= account.handedIn) continue;
      if (entries.length >= RECEIPTS_MAX) break;
      account.handedIn = Math.min(received, theirs.bytes);
      entries.push({ token, received, sent: theirs.bytes, signature: theirs.signature });
    }
    return entries;
  }
}

const emptyAccount = (key: Uint8Array, token: Uint8Array): Account => ({
  key,
  token,
  received: 0,
  sent: 0,
  signed: 0,
  theirs: undefined,
  handedIn: 0,
});
