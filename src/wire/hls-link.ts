/**
 * Viewer to viewer about segments of HLS, on the control lane: who holds what, who is about to, and what is asked for.
 * Hello, status, receipt and bye are those of link.ts. Pieces travel as parts (piece.ts): the tag of a part is the beginning of
 * the segment's key, its sequence is the number of the piece.
 */
import { type Fault, fault } from '../errors.ts';
import { ascii, fromHex, Reader, toHex, Writer } from './bytes.ts';
import { asSeal, type SignedSeals } from './hls-seal.ts';
import {
  HLS_DIGESTS_MAX,
  HLS_KEY_BYTES,
  HLS_KEYS_MAX,
  HLS_NAME_MAX,
  HLS_PIECE_BYTES,
  HLS_SEGMENT_BYTES_MAX,
  HLS_WANT_MAX,
  ID_BYTES,
  LINK_MESSAGE_BYTES_MAX,
  PART_BYTES_MAX,
  PART_HEADER_BYTES,
  SIGNATURE_BYTES,
} from './limits.ts';
import { decodeLinkMessage, encodeLinkMessage, type LinkMessage } from './link.ts';
import { PART_FRAME } from './piece.ts';

/** How viewers name a segment to each other: the beginning of a digest of its name, hexadecimal. */
export type SegmentKey = string;

/** Which part of the FLV viewers' words HLS viewers use too. */
type Shared = Extract<LinkMessage, { readonly kind: 'hello' | 'status' | 'receipt' | 'bye' }>;

/** Everything said about segments. */
export type HlsMessage =
  | Shared
  /** I hold these whole. */
  | { readonly kind: 'held'; readonly keys: readonly SegmentKey[] }
  /** I do not hold these any more, or am not about to. */
  | { readonly kind: 'dropped'; readonly keys: readonly SegmentKey[] }
  /** I am fetching this from its server; whoever waits for me gets it sooner than by fetching it too. */
  | { readonly kind: 'claim'; readonly key: SegmentKey }
  /** Send me the sheet, now or as soon as you have it. */
  | { readonly kind: 'ask-sheet'; readonly key: SegmentKey }
  /** Digests of the pieces from `first` on, and what they are vouched for by. */
  | { readonly kind: 'sheet'; readonly key: SegmentKey; readonly sheet: SheetPart }
  /** Of this segment I hold so many pieces from the start of my list on: bit n of the map is piece `first + n`. */
  | { readonly kind: 'some'; readonly key: SegmentKey; readonly first: number; readonly pieces: Uint8Array }
  /** Send me these pieces. */
  | { readonly kind: 'want'; readonly key: SegmentKey; readonly pieces: readonly number[] }
  /** I cannot send these pieces. */
  | { readonly kind: 'absent'; readonly key: SegmentKey; readonly pieces: readonly number[] };

/** A run of a sheet's digests. */
export interface SheetPart {
  /** What was signed, with one seal: this segment's. */
  readonly signed: SignedSeals;
  readonly first: number;
  readonly digests: Uint8Array;
}

const KIND = {
  held: 0x41,
  dropped: 0x42,
  claim: 0x43,
  'ask-sheet': 0x44,
  sheet: 0x45,
  some: 0x46,
  want: 0x47,
  absent: 0x48,
} as const;

const SOME_BYTES_MAX = HLS_SEGMENT_BYTES_MAX / HLS_PIECE_BYTES / 8;
const text = new TextEncoder();
const latin = new TextDecoder('ascii');

/** The number by which parts name a segment. */
export const tagOfKey = (key: SegmentKey): number => Number.parseInt(key.slice(0, 8), 16);

/** The key of a segment's name; `blake3` is the byte core's. */
export const keyOf = (blake3: (bytes: Uint8Array) => Uint8Array, name: string): SegmentKey =>
  toHex(blake3(text.encode(name)).subarray(0, HLS_KEY_BYTES));

/** Writes a message. */
export const encodeHlsMessage = (message: HlsMessage): Uint8Array<ArrayBuffer> => {
  switch (message.kind) {
    case 'hello':
    case 'status':
    case 'receipt':
    case 'bye':
      return encodeLinkMessage(message);
    case 'held':
    case 'dropped': {
      const writer = new Writer(16).u8(KIND[message.kind]).u16(message.keys.length);
      for (const key of message.keys) writeKey(writer, key);
      return writer.finish();
    }
    case 'claim':
    case 'ask-sheet':
      return writeKey(new Writer(16).u8(KIND[message.kind]), message.key).finish();
    case 'sheet':
      return writeSheet(writeKey(new Writer(1024).u8(KIND.sheet), message.key), message.sheet);
    case 'some':
      return writeKey(new Writer(64).u8(KIND.some), message.key)
        .u16(message.first)
        .u16(message.pieces.length)
        .bytes(message.pieces)
        .finish();
    case 'want':
    case 'absent': {
      const writer = writeKey(new Writer(64).u8(KIND[message.kind]), message.key).u8(message.pieces.length);
      for (const piece of message.pieces) writer.u16(piece);
      return writer.finish();
    }
  }
};

const writeKey = (writer: Writer, key: SegmentKey): Writer => writer.bytes(fromHex(key) ?? new Uint8Array(0));

const writeText = (writer: Writer, value: string): Writer => writer.u16(value.length).bytes(ascii(value));

const writeSheet = (writer: Writer, { signed, first, digests }: SheetPart): Uint8Array<ArrayBuffer> => {
  const [seal] = signed.seals;
  writeText(writeText(writer, signed.place), seal?.name ?? '');
  writer.u32(seal?.length ?? 0).bytes(seal?.root ?? new Uint8Array(ID_BYTES));
  writer.u8(signed.signature.length === 0 ? 0 : 1).bytes(signed.signature);
  return writer
    .u16(first)
    .u16(digests.length / ID_BYTES)
    .bytes(digests)
    .finish();
};

/** Reads a message of the control lane between HLS viewers. */
export const decodeHlsMessage = (bytes: Uint8Array): HlsMessage | Fault => {
  if (bytes.length > LINK_MESSAGE_BYTES_MAX) return fault('hls/bad-message', 'size');
  const kind = bytes[0] ?? 0;
  if (kind < KIND.held || kind > KIND.absent) return decodeShared(bytes);
  const reader = new Reader(bytes);
  const message = readMessage(reader);
  if (reader.broken) return fault('wire/short', 'segment message');
  if (message.kind !== 'fault' && !reader.done()) return fault('wire/long', 'segment message');
  return message;
};

const decodeShared = (bytes: Uint8Array): HlsMessage | Fault => {
  const message = decodeLinkMessage(bytes);
  switch (message.kind) {
    case 'hello':
    case 'status':
    case 'receipt':
    case 'bye':
    case 'fault':
      return message;
    default:
      return fault('hls/bad-message', message.kind);
  }
};

const readMessage = (reader: Reader): HlsMessage | Fault => {
  const kind = reader.u8();
  switch (kind) {
    case KIND.held:
      return readKeys('held', reader);
    case KIND.dropped:
      return readKeys('dropped', reader);
    case KIND.claim:
      return { kind: 'claim', key: readKey(reader) };
    case KIND['ask-sheet']:
      return { kind: 'ask-sheet', key: readKey(reader) };
    case KIND.sheet:
      return readSheet(readKey(reader), reader);
    case KIND.some: {
      const key = readKey(reader);
      const first = reader.u16();
      const length = reader.u16();
      if (length > SOME_BYTES_MAX) return fault('wire/bad-field', 'some');
      const pieces = reader.bytes(length).slice();
      return { kind: 'some', key, first, pieces };
    }
    case KIND.want:
      return readPieces('want', reader);
    case KIND.absent:
      return readPieces('absent', reader);
    default:
      return fault('wire/unknown-kind', `segment message ${kind}`);
  }
};

const readKey = (reader: Reader): SegmentKey => toHex(reader.bytes(HLS_KEY_BYTES));

const readKeys = (kind: 'held' | 'dropped', reader: Reader): HlsMessage | Fault => {
  const count = reader.u16();
  if (count === 0 || count > HLS_KEYS_MAX) return fault('wire/bad-field', `${kind} count`);
  return { kind, keys: Array.from({ length: count }, () => readKey(reader)) };
};

const readPieces = (kind: 'want' | 'absent', reader: Reader): HlsMessage | Fault => {
  const key = readKey(reader);
  const count = reader.u8();
  if (count === 0 || count > HLS_WANT_MAX) return fault('wire/bad-field', `${kind} count`);
  return { kind, key, pieces: Array.from({ length: count }, () => reader.u16()) };
};

const readText = (reader: Reader): string | undefined => {
  const length = reader.u16();
  if (length > HLS_NAME_MAX) return undefined;
  const bytes = reader.bytes(length);
  // Addresses have no other characters.
  return bytes.every((byte) => byte > 0x20 && byte < 0x7f) ? latin.decode(bytes) : undefined;
};

const readSheet = (key: SegmentKey, reader: Reader): HlsMessage | Fault => {
  const place = readText(reader);
  const name = readText(reader);
  if (reader.broken) return fault('wire/short', 'sheet');
  if (place === undefined || name === undefined) return fault('wire/bad-field', 'sheet name');
  const length = reader.u32();
  const root = reader.bytes(ID_BYTES).slice();
  const isSigned = reader.u8();
  const signature = reader.bytes(isSigned === 1 ? SIGNATURE_BYTES : 0).slice();
  const first = reader.u16();
  const count = reader.u16();
  if (count < 1 || count > HLS_DIGESTS_MAX) return fault('wire/bad-field', 'sheet digests');
  const digests = reader.bytes(count * ID_BYTES).slice();
  const seal = asSeal({ name, length, root });
  if (reader.broken) return fault('wire/short', 'sheet');
  if (seal === undefined || isSigned > 1) return fault('wire/bad-field', 'sheet');
  return { kind: 'sheet', key, sheet: { signed: { place, seals: [seal], signature }, first, digests } };
};

/** Cuts one piece of a segment into parts, each ready to send. */
export const splitSegmentPiece = (key: SegmentKey, piece: number, bytes: Uint8Array): Uint8Array<ArrayBuffer>[] => {
  const most = PART_BYTES_MAX - PART_HEADER_BYTES;
  const count = Math.ceil(bytes.length / most);
  return Array.from({ length: count }, (_, index) => {
    const payload = bytes.subarray(index * most, (index + 1) * most);
    const writer = new Writer(PART_HEADER_BYTES + payload.length).u8(PART_FRAME).u8((index << 4) | count);
    return writer.u32(tagOfKey(key)).u32(piece).bytes(payload).finish();
  });
};
