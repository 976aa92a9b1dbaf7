// Whether receipts hold: signed by who hands them in, by the other end of each link, for this stream, and newer than the
// last.

import { fromBase64Url, sameBytes, toHex } from '../../../src/wire/bytes.ts';
import { decodeReceipts, receiptsText, receiptText } from '../../../src/wire/receipts.ts';
import { decodeToken } from '../../../src/wire/token.ts';
import type { TrackerRequest } from '../../../src/wire/tracker.ts';

/** Whose receipts they are. */
export interface Holder {
  readonly key: Uint8Array;
  /** Stream id. */
  readonly stream: Uint8Array;
  /** The sequence of its last hand-in; 0 before the first. */
  readonly sequence: number;
}

/** What holds of a hand-in. */
export interface CheckedReceipts {
  readonly sequence: number;
  /** What both ends of each link sign for, by the neighbour's key in hexadecimal. */
  readonly links: readonly { readonly neighbour: string; readonly bytes: number }[];
}

/** How signatures are looked at. */
export interface ReceiptCheckParts {
  verify(key: Uint8Array, text: Uint8Array, signature: Uint8Array): boolean;
  /** Whether a tracker of ours signed a join token, however old. */
  isOurs(token: Uint8Array): boolean;
}

/** What holds of a hand-in; undefined when it is none of this viewer's, or an old one. */
export const checkReceipts = (
  parts: ReceiptCheckParts,
  holder: Holder,
  { body, signature }: Extract<TrackerRequest, { readonly kind: 'receipts' }>,
): CheckedReceipts | undefined => {
  const bytes = fromBase64Url(body) ?? new Uint8Array(0);
  const receipts = decodeReceipts(bytes);
  if ('kind' in receipts || receipts.sequence <= holder.sequence) return undefined;
  const text = receiptsText(holder.stream, holder.key, bytes);
  if (!parts.verify(holder.key, text, fromBase64Url(signature) ?? new Uint8Array(0))) return undefined;
  const links = receipts.entries.flatMap(({ token, received, sent, signature: theirs }) => {
    const sealed = decodeToken(token);
    if ('kind' in sealed || !sameBytes(sealed.token.stream, holder.stream) || !parts.isOurs(token)) return [];
    const from = sealed.token.viewerKey;
    if (sameBytes(from, holder.key)) return [];
    const signed = receiptText({ stream: holder.stream, from, to: holder.key, bytes: sent });
    if (!parts.verify(from, signed, theirs)) return [];
    return [{ neighbour: toHex(from), bytes: Math.min(received, sent) }];
  });
  return { sequence: receipts.sequence, links };
};
