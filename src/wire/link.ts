/**
 * Viewer to viewer, control lane: a reliable ordered channel. Pieces travel beside it as parts (piece.ts). The first
 * byte is the kind; nothing is guessed from content. A head crosses a link as its own signed bytes (head.ts).
 */
import { type Fault, fault } from '../errors.ts';
import { Reader, Writer } from './bytes.ts';
import { HEAD_FRAME } from './head.ts';
import {
  ANCESTORS_MAX,
  HAVE_BYTES_MAX,
  HEAD_BYTES_MAX,
  LINK_MESSAGE_BYTES_MAX,
  MISSING_MAX,
  SIGNATURE_BYTES,
  SUBSTREAMS_MAX,
  TOKEN_BYTES,
  VIEWER_ID_BYTES,
  WANT_MAX,
} from './limits.ts';

const KIND = {
  hello: 0x31,
  subscribe: 0x32,
  accept: 0x33,
  refuse: 0x34,
  unsubscribe: 0x35,
  drop: 0x36,
  ancestors: 0x37,
  status: 0x38,
  want: 0x39,
  missing: 0x3a,
  absent: 0x3b,
  bye: 0x3c,
  receipt: 0x3d,
} as const;

/** Why a parent says no, or stops. */
export const REFUSALS = ['full', 'loop', 'not-held', 'not-interior', 'leaving', 'congested', 'policy'] as const;
export type Refusal = (typeof REFUSALS)[number];

/** Why a neighbour closes a link. */
export const FAREWELLS = ['leaving', 'too-many-links', 'idle', 'bad-behaviour'] as const;
export type Farewell = (typeof FAREWELLS)[number];

/** What one viewer tells a neighbour about itself, four times a second on busy links. */
export interface Status {
  readonly kind: 'status';
  readonly epochTag: number;
  /** Every piece below it that is still kept is held; `have` begins here. */
  readonly base: number;
  /** Bit n (most significant first) of byte n / 8: piece `base + n` is held. */
  readonly have: Uint8Array;
  /** Substreams in which a child would be accepted now, one bit each. */
  readonly open: number;
  /** Substreams it has children in, one bit each: it is sent those first. */
  readonly relaying: number;
  /** Per substream: lag behind the cut in units of 10 ms, 255 when unknown. */
  readonly lags: Uint8Array;
  /** Per substream: rank of the tree's root; a root may only join a tree of lower rank. */
  readonly ranks: readonly number[];
  /** Bytes of the pieces lane received over this link, modulo 2^32. */
  readonly received: number;
  /** Sender's clock, ms modulo 65,536; the newest stamp heard and how long ago, for the round trip. */
  readonly stamp: number;
  readonly echo: number;
  readonly echoAgeMs: number;
}

/** Everything said on the control lane, except heads. */
export type LinkMessage =
  /** Who I am: a join token, and my viewer key's signature over both DTLS fingerprints. */
  | { readonly kind: 'hello'; readonly version: number; readonly token: Uint8Array; readonly proof: Uint8Array }
  /** Please push a substream, from this sequence on. `rank` is the rank of my own tree when I am its root, else 0xffff. */
  | { readonly kind: 'subscribe'; readonly substream: number; readonly from: number; readonly rank: number }
  /** I push it from `first` on; `ancestors` are the viewers above me, nearest first. */
  | {
      readonly kind: 'accept';
      readonly substream: number;
      readonly first: number;
      readonly ancestors: readonly Uint8Array[];
    }
  | { readonly kind: 'refuse'; readonly substream: number; readonly reason: Refusal }
  | { readonly kind: 'unsubscribe'; readonly substream: number }
  /** I stop pushing it. */
  | { readonly kind: 'drop'; readonly substream: number; readonly reason: Refusal }
  /** The viewers above me changed. */
  | { readonly kind: 'ancestors'; readonly substream: number; readonly ancestors: readonly Uint8Array[] }
  | Status
  /** Send me these once. */
  | { readonly kind: 'want'; readonly sequences: readonly number[] }
  /** I miss these myself; wait for me before you ask elsewhere. */
  | { readonly kind: 'missing'; readonly sequences: readonly number[] }
  /** I cannot send these. */
  | { readonly kind: 'absent'; readonly sequences: readonly number[] }
  | { readonly kind: 'bye'; readonly reason: Farewell }
  /** So many bytes of pieces I sent you on this stream, all told; signed by my viewer key (receipts.ts). */
  | { readonly kind: 'receipt'; readonly bytes: number; readonly signature: Uint8Array };

/** The hello's proof is a signature over this context, the token, and both fingerprints. */
export const HELLO_CONTEXT_TEXT = 'shoal hello v1';

/** Whether a control-lane message is a head. */
export const isHead = (bytes: Uint8Array): boolean => bytes[0] === HEAD_FRAME;

/** Writes a message. */
export const encodeLinkMessage = (message: LinkMessage): Uint8Array<ArrayBuffer> => {
  const writer = new Writer(64).u8(KIND[message.kind]);
  switch (message.kind) {
    case 'hello':
      return writer.u8(message.version).bytes(message.token).bytes(message.proof).finish();
    case 'subscribe':
      return writer.u8(message.substream).u32(message.from).u16(message.rank).finish();
    case 'accept':
      writer.u8(message.substream).u32(message.first);
      return writeIds(writer, message.ancestors);
    case 'ancestors':
      return writeIds(writer.u8(message.substream), message.ancestors);
    case 'refuse':
    case 'drop':
      return writer.u8(message.substream).u8(REFUSALS.indexOf(message.reason)).finish();
    case 'unsubscribe':
      return writer.u8(message.substream).finish();
    case 'status':
      return writeStatus(writer, message);
    case 'want':
    case 'missing':
    case 'absent':
      writer.u8(message.sequences.length);
      for (const sequence of message.sequences) writer.u32(sequence);
      return writer.finish();
    case 'bye':
      return writer.u8(FAREWELLS.indexOf(message.reason)).finish();
    case 'receipt':
      return writer.u48(message.bytes).bytes(message.signature).finish();
  }
};

const writeIds = (writer: Writer, ids: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => {
  writer.u8(ids.length);
  for (const id of ids) writer.bytes(id);
  return writer.finish();
};

const writeStatus = (writer: Writer, status: Status): Uint8Array<ArrayBuffer> => {
  writer
    .u32(status.epochTag)
    .u32(status.base)
    .u8(status.have.length)
    .bytes(status.have)
    .u32(status.open)
    .u32(status.relaying);
  writer.u8(status.lags.length).bytes(status.lags);
  for (const rank of status.ranks) writer.u16(rank);
  return writer.u32(status.received).u16(status.stamp).u16(status.echo).u16(status.echoAgeMs).finish();
};

/** Reads a message of the control lane that is not a head. */
export const decodeLinkMessage = (bytes: Uint8Array): LinkMessage | Fault => {
  if (bytes.length > Math.min(LINK_MESSAGE_BYTES_MAX, HEAD_BYTES_MAX)) return fault('wire/bad-field', 'message size');
  const reader = new Reader(bytes);
  const message = readLinkMessage(reader);
  if (reader.broken) return fault('wire/short', 'link message');
  if (message.kind !== 'fault' && !reader.done()) return fault('wire/long', 'link message');
  return message;
};

const readLinkMessage = (reader: Reader): LinkMessage | Fault => {
  const type = reader.u8();
  switch (type) {
    case KIND.hello:
      return {
        kind: 'hello',
        version: reader.u8(),
        token: reader.bytes(TOKEN_BYTES),
        proof: reader.bytes(SIGNATURE_BYTES),
      };
    case KIND.subscribe:
      return withSubstream({ kind: 'subscribe', substream: reader.u8(), from: reader.u32(), rank: reader.u16() });
    case KIND.accept:
      return withIds({ kind: 'accept', substream: reader.u8(), first: reader.u32() }, reader);
    case KIND.ancestors:
      return withIds({ kind: 'ancestors', substream: reader.u8() }, reader);
    case KIND.refuse:
      return withReason('refuse', reader);
    case KIND.drop:
      return withReason('drop', reader);
    case KIND.unsubscribe:
      return withSubstream({ kind: 'unsubscribe', substream: reader.u8() });
    case KIND.status:
      return readStatus(reader);
    case KIND.want:
      return withSequences('want', WANT_MAX, reader);
    case KIND.missing:
      return withSequences('missing', MISSING_MAX, reader);
    case KIND.absent:
      return withSequences('absent', WANT_MAX, reader);
    case KIND.bye: {
      const reason = FAREWELLS[reader.u8()];
      return reason === undefined ? fault('wire/bad-field', 'bye reason') : { kind: 'bye', reason };
    }
    case KIND.receipt:
      return { kind: 'receipt', bytes: reader.u48(), signature: reader.bytes(SIGNATURE_BYTES) };
    default:
      return fault('wire/unknown-kind', `link message ${type}`);
  }
};

const withSubstream = <const M extends { readonly substream: number }>(message: M): M | Fault =>
  message.substream < SUBSTREAMS_MAX ? message : fault('wire/bad-field', 'substream');

const withReason = (kind: 'refuse' | 'drop', reader: Reader): LinkMessage | Fault => {
  const substream = reader.u8();
  const reason = REFUSALS[reader.u8()];
  if (reason === undefined) return fault('wire/bad-field', 'refusal');
  return withSubstream({ kind, substream, reason });
};

const withIds = <const M extends { readonly substream: number }>(
  message: M,
  reader: Reader,
): (M & { readonly ancestors: readonly Uint8Array[] }) | Fault => {
  const count = reader.u8();
  if (count > ANCESTORS_MAX) return fault('wire/bad-field', 'ancestors');
  const ancestors = Array.from({ length: count }, () => reader.bytes(VIEWER_ID_BYTES).slice());
  return withSubstream({ ...message, ancestors });
};

const withSequences = (kind: 'want' | 'missing' | 'absent', most: number, reader: Reader): LinkMessage | Fault => {
  const count = reader.u8();
  if (count === 0 || count > most) return fault('wire/bad-field', `${kind} count`);
  return { kind, sequences: Array.from({ length: count }, () => reader.u32()) };
};

const readStatus = (reader: Reader): Status | Fault => {
  const epochTag = reader.u32();
  const base = reader.u32();
  const haveBytes = reader.u8();
  if (haveBytes > HAVE_BYTES_MAX) return fault('wire/bad-field', 'have');
  const have = reader.bytes(haveBytes).slice();
  const open = reader.u32();
  const relaying = reader.u32();
  const substreams = reader.u8();
  if (substreams > SUBSTREAMS_MAX) return fault('wire/bad-field', 'lags');
  const lags = reader.bytes(substreams).slice();
  const ranks = Array.from({ length: substreams }, () => reader.u16());
  return {
    kind: 'status',
    epochTag,
    base,
    have,
    open,
    relaying,
    lags,
    ranks,
    received: reader.u32(),
    stamp: reader.u16(),
    echo: reader.u16(),
    echoAgeMs: reader.u16(),
  };
};
