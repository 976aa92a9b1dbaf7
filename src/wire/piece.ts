/**
 * The header of a piece and the parts in which a piece crosses a link. The byte core seals and verifies pieces; here
 * their header is only read, so that the engine can decide by it. A part is the same for every link, so the buffer a
 * viewer receives is the buffer it sends on.
 */
import { type Fault, fault } from '../errors.ts';
import { Reader, Writer } from './bytes.ts';
import {
  PART_BYTES_MAX,
  PART_HEADER_BYTES,
  PIECE_BODY_AT,
  PIECE_BODY_MAX,
  PIECE_BYTES_MAX,
  PIECE_HEADER_BYTES,
} from './limits.ts';

/** First byte of a piece. */
export const PIECE_FRAME = 0x10;
/** First byte of a part of a piece on a link. */
export const PART_FRAME = 0x30;
/** `tagStart` of a body in which no FLV tag begins. */
export const NO_TAG_START = 0xffff;

const FLAG_KEYFRAME = 1;
const FLAG_ENCRYPTED = 2;
const FLAG_LAST = 4;
const FLAGS_KNOWN = FLAG_KEYFRAME | FLAG_ENCRYPTED | FLAG_LAST;

/** What a piece says of itself, covered by its signature. */
export interface PieceHeader {
  readonly kind: 'piece';
  /** The body begins at the first byte of a random access point: a group starts here. */
  readonly keyframe: boolean;
  readonly encrypted: boolean;
  /** The source ended; no piece of this epoch follows. */
  readonly last: boolean;
  /** Body length, bytes. */
  readonly length: number;
  /** Names stream and epoch. */
  readonly epochTag: number;
  /** Counts from 0 in each epoch. */
  readonly sequence: number;
  /** FLV timestamp, ms. */
  readonly dtsMs: number;
  /** The origin's wall clock when it closed the piece, ms. */
  readonly cutMs: number;
  /** Which content key the body is encrypted with. */
  readonly generation: number;
  /** Where in the body the first FLV tag begins, or NO_TAG_START. */
  readonly tagStart: number;
  /** Pieces since the first piece of the group. */
  readonly groupOffset: number;
}

/** Bytes of a whole piece on the wire. */
export const pieceBytes = (header: PieceHeader): number => PIECE_BODY_AT + header.length;

/** The sequence of the first piece of the group a piece belongs to. */
export const groupStart = (header: PieceHeader): number => header.sequence - header.groupOffset;

/** Reads the header at the start of a piece, or of its first part's payload. */
export const decodePieceHeader = (bytes: Uint8Array): PieceHeader | Fault => {
  if (bytes.length < PIECE_HEADER_BYTES) return fault('wire/short', 'piece header');
  const reader = new Reader(bytes);
  const frame = reader.u8();
  const flags = reader.u8();
  const header: PieceHeader = {
    kind: 'piece',
    keyframe: (flags & FLAG_KEYFRAME) !== 0,
    encrypted: (flags & FLAG_ENCRYPTED) !== 0,
    last: (flags & FLAG_LAST) !== 0,
    length: reader.u16(),
    epochTag: reader.u32(),
    sequence: reader.u32(),
    dtsMs: reader.u32(),
    cutMs: reader.u48(),
    generation: reader.u16(),
    tagStart: reader.u16(),
    groupOffset: reader.u16(),
  };
  if (frame !== PIECE_FRAME) return fault('wire/unknown-kind', `piece frame ${frame}`);
  if ((flags & ~FLAGS_KNOWN) !== 0) return fault('wire/bad-field', 'piece flags');
  if (header.length < 1 || header.length > PIECE_BODY_MAX) return fault('wire/bad-field', 'piece length');
  if (header.tagStart !== NO_TAG_START && header.tagStart >= header.length)
    return fault('wire/bad-field', 'piece tagStart');
  if (header.keyframe && header.tagStart !== 0) return fault('wire/bad-field', 'piece keyframe without a tag at 0');
  if (header.groupOffset > header.sequence) return fault('wire/bad-field', 'piece groupOffset');
  return header;
};

/** Writes a header; the byte core does this for real pieces, tests and the simulator for ghosts. */
export const encodePieceHeader = (header: PieceHeader): Uint8Array<ArrayBuffer> =>
  new Writer(PIECE_HEADER_BYTES)
    .u8(PIECE_FRAME)
    .u8((header.keyframe ? FLAG_KEYFRAME : 0) | (header.encrypted ? FLAG_ENCRYPTED : 0) | (header.last ? FLAG_LAST : 0))
    .u16(header.length)
    .u32(header.epochTag)
    .u32(header.sequence)
    .u32(header.dtsMs)
    .u48(header.cutMs)
    .u16(header.generation)
    .u16(header.tagStart)
    .u16(header.groupOffset)
    .finish();

/** The header of one part. */
export interface Part {
  readonly kind: 'part';
  /** Place of this part among `count`. */
  readonly index: number;
  readonly count: number;
  readonly epochTag: number;
  readonly sequence: number;
  /** The part's share of the piece: a view of the message. */
  readonly payload: Uint8Array;
}

const PART_PAYLOAD_MAX = PART_BYTES_MAX - PART_HEADER_BYTES;

/** Reads one message of the pieces lane. */
export const decodePart = (bytes: Uint8Array): Part | Fault => {
  if (bytes.length > PART_BYTES_MAX) return fault('wire/bad-field', 'part size');
  const reader = new Reader(bytes);
  const frame = reader.u8();
  const place = reader.u8();
  const epochTag = reader.u32();
  const sequence = reader.u32();
  const payload = reader.rest();
  if (reader.broken || payload.length === 0) return fault('wire/short', 'part');
  if (frame !== PART_FRAME) return fault('wire/unknown-kind', `part frame ${frame}`);
  const index = place >> 4;
  const count = place & 15;
  if (count === 0 || index >= count || count > Math.ceil(PIECE_BYTES_MAX / PART_PAYLOAD_MAX)) {
    return fault('wire/bad-field', 'part place');
  }
  return { kind: 'part', index, count, epochTag, sequence, payload };
};

/** Cuts a whole piece into parts, each in a buffer of its own, ready to send; full parts first, for the fewest packets. */
export const splitPiece = (piece: Uint8Array, header: PieceHeader): Uint8Array<ArrayBuffer>[] => {
  const count = Math.ceil(piece.length / PART_PAYLOAD_MAX);
  return Array.from({ length: count }, (_, index) => {
    const payload = piece.subarray(index * PART_PAYLOAD_MAX, (index + 1) * PART_PAYLOAD_MAX);
    return new Writer(PART_HEADER_BYTES + payload.length)
      .u8(PART_FRAME)
      .u8((index << 4) | count)
      .u32(header.epochTag)
      .u32(header.sequence)
      .bytes(payload)
      .finish();
  });
};

/** Bytes a piece of this size puts on a link. */
export const partsBytes = (piece: number): number => piece + Math.ceil(piece / PART_PAYLOAD_MAX) * PART_HEADER_BYTES;
