/**
 * The head of a stream: what a viewer must know before its first piece. The origin signs it, anybody may pass it on.
 * Later heads of one epoch (codec headers changed) carry a higher revision.
 */
import { type Fault, fault } from '../errors.ts';
import { ascii, Reader, sameBytes, Writer } from './bytes.ts';
import {
  EPOCH_BYTES,
  HEAD_BYTES_MAX,
  ID_BYTES,
  PRELUDE_BYTES_MAX,
  SIGNATURE_BYTES,
  SUBSTREAMS_MAX,
  SUBSTREAMS_MIN,
} from './limits.ts';
import { PROTOCOL_VERSION, speaks } from './version.ts';

/** First byte of a head. */
export const HEAD_FRAME = 0x11;
/** What an origin signs before the head's own bytes. */
export const HEAD_CONTEXT = ascii('shoal head v1');
/** What an origin hashes before its public key and the stream path to name a stream. */
export const STREAM_CONTEXT = ascii('shoal stream v1');

const FLAG_ENCRYPTED = 1;

/** A decoded head. */
export interface Head {
  readonly kind: 'head';
  readonly version: number;
  /** Names the stream on every host that serves it. */
  readonly stream: Uint8Array;
  /** Start time and random; compare with `compareEpochs`. */
  readonly epoch: Uint8Array;
  /** Rises when the prelude changes within the epoch. */
  readonly revision: number;
  /** K, the number of substreams. */
  readonly substreams: number;
  readonly encrypted: boolean;
  /** Generation of the content key in use when the head was made. */
  readonly generation: number;
  /** The first piece this head is good for. */
  readonly fromSequence: number;
  /** Typical bytes a second of the stream, for upload budgets. */
  readonly byteRate: number;
  /** The origin's wall clock when it made the head, ms. */
  readonly madeMs: number;
  /** The origin's Ed25519 key: every piece of the epoch verifies with it. */
  readonly publicKey: Uint8Array;
  /** FLV header, metadata and codec headers: what a demuxer needs before the first keyframe. */
  readonly prelude: Uint8Array;
}

/** A head as received: the fields, the bytes its signature covers, and the signature. */
export interface SealedHead {
  readonly head: Head;
  /** Verify `HEAD_CONTEXT | signed` with `head.publicKey`. */
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

/** The bytes an origin signs (after HEAD_CONTEXT). */
export const encodeHeadBody = (head: Omit<Head, 'kind' | 'version'>): Uint8Array<ArrayBuffer> =>
  new Writer(256 + head.prelude.length)
    .u8(HEAD_FRAME)
    .u8(PROTOCOL_VERSION)
    .bytes(head.stream)
    .bytes(head.epoch)
    .u16(head.revision)
    .u8(head.substreams)
    .u8(head.encrypted ? FLAG_ENCRYPTED : 0)
    .u16(head.generation)
    .u32(head.fromSequence)
    .u32(head.byteRate)
    .u48(head.madeMs)
    .bytes(head.publicKey)
    .u16(head.prelude.length)
    .bytes(head.prelude)
    .finish();

/** A whole head: the signed bytes, then the signature. */
export const sealHead = (body: Uint8Array, signature: Uint8Array): Uint8Array<ArrayBuffer> =>
  new Writer(body.length + SIGNATURE_BYTES).bytes(body).bytes(signature).finish();

/** Reads a head; whether the signature verifies is the caller's question to the byte core. */
export const decodeHead = (bytes: Uint8Array): SealedHead | Fault => {
  if (bytes.length > HEAD_BYTES_MAX) return fault('wire/bad-field', 'head size');
  const reader = new Reader(bytes);
  if (reader.u8() !== HEAD_FRAME) return fault('wire/unknown-kind', 'head frame');
  const version = reader.u8();
  if (!speaks(version)) return fault('wire/bad-version', `head version ${version}`);
  const stream = reader.bytes(ID_BYTES);
  const epoch = reader.bytes(EPOCH_BYTES);
  const revision = reader.u16();
  const substreams = reader.u8();
  const flags = reader.u8();
  const generation = reader.u16();
  const fromSequence = reader.u32();
  const byteRate = reader.u32();
  const madeMs = reader.u48();
  const publicKey = reader.bytes(ID_BYTES);
  const preludeLength = reader.u16();
  if (preludeLength > PRELUDE_BYTES_MAX) return fault('wire/bad-field', 'head prelude');
  const prelude = reader.bytes(preludeLength);
  const signature = reader.bytes(SIGNATURE_BYTES);
  if (reader.broken) return fault('wire/short', 'head');
  if (!reader.done()) return fault('wire/long', 'head');
  if ((flags & ~FLAG_ENCRYPTED) !== 0) return fault('wire/bad-field', 'head flags');
  if (substreams < SUBSTREAMS_MIN || substreams > SUBSTREAMS_MAX) return fault('wire/bad-field', 'head substreams');
  const head: Head = {
    kind: 'head',
    version,
    stream,
    epoch,
    revision,
    substreams,
    encrypted: (flags & FLAG_ENCRYPTED) !== 0,
    generation,
    fromSequence,
    byteRate,
    madeMs,
    publicKey,
    prelude,
  };
  return { head, signed: bytes.subarray(0, bytes.length - SIGNATURE_BYTES), signature };
};

/** Makes an epoch of a start time and 32 random bits. */
export const makeEpoch = (startMs: number, random: number): Uint8Array<ArrayBuffer> =>
  new Writer(EPOCH_BYTES).u48(startMs).u32(random).finish();

/** Negative when a is older than b, 0 when they are the same; ties of time are ordered by the random part. */
export const compareEpochs = (a: Uint8Array, b: Uint8Array): number => {
  for (let at = 0; at < EPOCH_BYTES; at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
};

/** Whether two heads describe the same epoch of the same stream. */
export const sameEpoch = (a: Head, b: Head): boolean => sameBytes(a.stream, b.stream) && sameBytes(a.epoch, b.epoch);

/** K for a stream: half a second between two pieces of one substream, within the limits. */
export const substreamsFor = (piecesPerSecond: number): number =>
  Math.min(SUBSTREAMS_MAX, Math.max(SUBSTREAMS_MIN, Math.round(piecesPerSecond / 2)));
