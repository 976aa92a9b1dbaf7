/**
 * Viewer and origin: the frames of a `.pieces` response and of the piece socket (they are the same), and what a viewer
 * may ask over the socket. Every frame but a piece and a head says its length in its fields, so an HTTP response is the
 * plain concatenation of frames.
 */
import { type Fault, fault } from '../errors.ts';
import { Reader, Writer } from './bytes.ts';
import { HEAD_FRAME } from './head.ts';
import {
  HEAD_BYTES_MAX,
  ORIGIN_REQUEST_BYTES_MAX,
  PIECE_BODY_AT,
  PIECE_BODY_MAX,
  PRELUDE_BYTES_MAX,
  SIGNATURE_BYTES,
  TOKEN_BYTES,
  WANT_MAX,
} from './limits.ts';
import { PIECE_FRAME } from './piece.ts';

const KEY_FRAME = 0x12;
const APPLIED_FRAME = 0x13;
const ENDED_FRAME = 0x14;
const LOAD_FRAME = 0x15;
const CLOCK_FRAME = 0x16;
const ABSENT_FRAME = 0x17;
const MASK_REQUEST = 0x20;
const WANT_REQUEST = 0x21;
const KEY_REQUEST = 0x22;
const CLOCK_REQUEST = 0x23;
const TOKEN_REQUEST = 0x24;

/** Why a stream ended for this viewer. */
export const END_REASONS = ['source-ended', 'source-outage', 'shutting-down', 'slow-reader', 'refused'] as const;
export type EndReason = (typeof END_REASONS)[number];

/** What an origin says besides pieces and heads. */
export type OriginFrame =
  /** A content key: in clear over an admitted connection, or wrapped under the key of the viewer's code. */
  | {
      readonly kind: 'key';
      readonly generation: number;
      readonly wrapped: boolean;
      /** When the generation after this one begins, ms from now; 0 when keys do not rotate. */
      readonly nextInMs: number;
      readonly key: Uint8Array;
    }
  /** Pieces from `sequence` on follow the mask. */
  | { readonly kind: 'applied'; readonly mask: number; readonly sequence: number }
  | { readonly kind: 'ended'; readonly reason: EndReason }
  /** The origin is near (0..100) or above its limit; the viewer sheds what it can for this long. */
  | { readonly kind: 'load'; readonly percent: number; readonly retryAfterMs: number }
  /** The answer to a clock request: its stamp, and the origin's wall clock. */
  | { readonly kind: 'clock'; readonly stampMs: number; readonly wallMs: number }
  /** A wanted piece the origin does not have (any more, or yet). */
  | { readonly kind: 'absent'; readonly sequence: number };

/** What a viewer asks over the piece socket. */
export type OriginRequest =
  /** Send the substreams whose bit is set; pieces from `from` on, or from the next cut when it is LIVE. */
  | { readonly kind: 'mask'; readonly mask: number; readonly from: number }
  | { readonly kind: 'want'; readonly sequences: readonly number[] }
  | { readonly kind: 'key'; readonly generation: number }
  | { readonly kind: 'clock'; readonly stampMs: number }
  /** A fresh join token for a protected stream. */
  | { readonly kind: 'token'; readonly token: Uint8Array };

/** `from` of a mask that starts at the next cut. */
export const FROM_LIVE = 0xffff_ffff;
/** `from` of a mask that starts at the newest keyframe. */
export const FROM_KEYFRAME = 0xffff_fffe;

/** A content key in clear, and wrapped: nonce, ciphertext, tag. */
const KEY_BYTES = 32;
const WRAPPED_KEY_BYTES = 72;

/** Bytes of a frame that starts with these bytes; 0 when more must arrive first; a fault when it is no frame. */
export const frameLength = (start: Uint8Array): number | Fault => {
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  switch (start[0]) {
    case undefined:
      return 0;
    case PIECE_FRAME: {
      if (start.length < 4) return 0;
      const length = view.getUint16(2);
      return length < 1 || length > PIECE_BODY_MAX ? fault('wire/bad-field', 'piece length') : PIECE_BODY_AT + length;
    }
    case HEAD_FRAME: {
      if (start.length < HEAD_PRELUDE_AT + 2) return 0;
      const prelude = view.getUint16(HEAD_PRELUDE_AT);
      const length = HEAD_PRELUDE_AT + 2 + prelude + SIGNATURE_BYTES;
      return prelude > PRELUDE_BYTES_MAX || length > HEAD_BYTES_MAX ? fault('wire/bad-field', 'head size') : length;
    }
    case KEY_FRAME: {
      if (start.length < 9) return 0;
      const length = start[8] ?? 0;
      return length > WRAPPED_KEY_BYTES ? fault('wire/bad-field', 'key length') : 9 + length;
    }
    case APPLIED_FRAME:
      return 9;
    case ENDED_FRAME:
      return 2;
    case LOAD_FRAME:
      return 6;
    case CLOCK_FRAME:
      return 11;
    case ABSENT_FRAME:
      return 5;
    default:
      return fault('wire/unknown-kind', `origin frame ${start[0]}`);
  }
};

/** Where a head says the length of its prelude. */
const HEAD_PRELUDE_AT = 96;

/** Writes a frame. */
export const encodeOriginFrame = (frame: OriginFrame): Uint8Array<ArrayBuffer> => {
  switch (frame.kind) {
    case 'key':
      return new Writer(96)
        .u8(KEY_FRAME)
        .u16(frame.generation)
        .u8(frame.wrapped ? 1 : 0)
        .u32(frame.nextInMs)
        .u8(frame.key.length)
        .bytes(frame.key)
        .finish();
    case 'applied':
      return new Writer(9).u8(APPLIED_FRAME).u32(frame.mask).u32(frame.sequence).finish();
    case 'ended':
      return new Writer(2).u8(ENDED_FRAME).u8(END_REASONS.indexOf(frame.reason)).finish();
    case 'load':
      return new Writer(6).u8(LOAD_FRAME).u8(frame.percent).u32(frame.retryAfterMs).finish();
    case 'clock':
      return new Writer(11).u8(CLOCK_FRAME).u32(frame.stampMs).u48(frame.wallMs).finish();
    case 'absent':
      return new Writer(5).u8(ABSENT_FRAME).u32(frame.sequence).finish();
  }
};

/** Reads one whole frame that is neither a piece nor a head. */
export const decodeOriginFrame = (bytes: Uint8Array): OriginFrame | Fault => {
  const reader = new Reader(bytes);
  const frame = readOriginFrame(reader);
  if (reader.broken) return fault('wire/short', 'origin frame');
  if (frame.kind !== 'fault' && !reader.done()) return fault('wire/long', 'origin frame');
  return frame;
};

const readOriginFrame = (reader: Reader): OriginFrame | Fault => {
  const type = reader.u8();
  switch (type) {
    case KEY_FRAME: {
      const generation = reader.u16();
      const form = reader.u8();
      const nextInMs = reader.u32();
      const length = reader.u8();
      if (form > 1) return fault('wire/bad-field', 'key form');
      const wrapped = form === 1;
      if (length !== (wrapped ? WRAPPED_KEY_BYTES : KEY_BYTES)) return fault('wire/bad-field', 'key length');
      return { kind: 'key', generation, wrapped, nextInMs, key: reader.bytes(length) };
    }
    case APPLIED_FRAME:
      return { kind: 'applied', mask: reader.u32(), sequence: reader.u32() };
    case ENDED_FRAME: {
      const reason = END_REASONS[reader.u8()];
      return reason === undefined ? fault('wire/bad-field', 'end reason') : { kind: 'ended', reason };
    }
    case LOAD_FRAME: {
      const percent = reader.u8();
      return { kind: 'load', percent, retryAfterMs: reader.u32() };
    }
    case CLOCK_FRAME: {
      const stampMs = reader.u32();
      return { kind: 'clock', stampMs, wallMs: reader.u48() };
    }
    case ABSENT_FRAME:
      return { kind: 'absent', sequence: reader.u32() };
    default:
      return fault('wire/unknown-kind', `origin frame ${type}`);
  }
};

/** Writes a request. */
export const encodeOriginRequest = (request: OriginRequest): Uint8Array<ArrayBuffer> => {
  switch (request.kind) {
    case 'mask':
      return new Writer(9).u8(MASK_REQUEST).u32(request.mask).u32(request.from).finish();
    case 'want': {
      const writer = new Writer(2 + request.sequences.length * 4).u8(WANT_REQUEST).u8(request.sequences.length);
      for (const sequence of request.sequences) writer.u32(sequence);
      return writer.finish();
    }
    case 'key':
      return new Writer(3).u8(KEY_REQUEST).u16(request.generation).finish();
    case 'clock':
      return new Writer(5).u8(CLOCK_REQUEST).u32(request.stampMs).finish();
    case 'token':
      return new Writer(1 + TOKEN_BYTES).u8(TOKEN_REQUEST).bytes(request.token).finish();
  }
};

/** Reads a request. */
export const decodeOriginRequest = (bytes: Uint8Array): OriginRequest | Fault => {
  if (bytes.length > ORIGIN_REQUEST_BYTES_MAX) return fault('wire/bad-field', 'request size');
  const reader = new Reader(bytes);
  const request = readOriginRequest(reader);
  if (reader.broken) return fault('wire/short', 'origin request');
  if (request.kind !== 'fault' && !reader.done()) return fault('wire/long', 'origin request');
  return request;
};

const readOriginRequest = (reader: Reader): OriginRequest | Fault => {
  const type = reader.u8();
  switch (type) {
    case MASK_REQUEST:
      return { kind: 'mask', mask: reader.u32(), from: reader.u32() };
    case WANT_REQUEST: {
      const count = reader.u8();
      if (count === 0 || count > WANT_MAX) return fault('wire/bad-field', 'want count');
      return { kind: 'want', sequences: Array.from({ length: count }, () => reader.u32()) };
    }
    case KEY_REQUEST:
      return { kind: 'key', generation: reader.u16() };
    case CLOCK_REQUEST:
      return { kind: 'clock', stampMs: reader.u32() };
    case TOKEN_REQUEST:
      return { kind: 'token', token: reader.bytes(TOKEN_BYTES) };
    default:
      return fault('wire/unknown-kind', `origin request ${type}`);
  }
};
