/**
 * One good example, and where it matters an extreme one, of everything that is said. Tests and golden vectors start
 * from these.
 */

import type { Head } from '../head.ts';
import { makeEpoch } from '../head.ts';
import { ANCESTORS_MAX, HAVE_BYTES_MAX, MISSING_MAX, SUBSTREAMS_MAX, TOKEN_BYTES, WANT_MAX } from '../limits.ts';
import { FAREWELLS, type LinkMessage, REFUSALS } from '../link.ts';
import { END_REASONS, FROM_KEYFRAME, FROM_LIVE, type OriginFrame, type OriginRequest } from '../origin.ts';
import { NO_TAG_START, type PieceHeader } from '../piece.ts';
import type { Token } from '../token.ts';
import { PROTOCOL_VERSION } from '../version.ts';

/** Bytes that count up from a start. */
export const counting = (length: number, start = 0): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length }, (_, at) => (start + at) & 0xff);

const ids = (count: number): Uint8Array[] => Array.from({ length: count }, (_, at) => counting(8, at * 16));
const sequences = (count: number): number[] => Array.from({ length: count }, (_, at) => 1000 + at * 12);

/** A stream, an epoch and a wall time the examples share. */
export const STREAM = counting(32);
export const EPOCH = makeEpoch(1_700_000_000_000, 0xdead_beef);
export const WALL_MS = 1_700_000_123_456;
export const EPOCH_TAG = 0xa957_38d6;

/** Every kind of link message. */
export const linkMessages: readonly LinkMessage[] = [
  { kind: 'hello', version: PROTOCOL_VERSION, token: counting(TOKEN_BYTES), proof: counting(64, 100) },
  { kind: 'subscribe', substream: 3, from: 4711, rank: 0x1234 },
  { kind: 'subscribe', substream: SUBSTREAMS_MAX - 1, from: 0xffff_ffff, rank: 0xffff },
  { kind: 'accept', substream: 3, first: 4715, ancestors: ids(2) },
  { kind: 'accept', substream: 0, first: 0, ancestors: [] },
  { kind: 'accept', substream: 31, first: 0xffff_ffff, ancestors: ids(ANCESTORS_MAX) },
  ...REFUSALS.map((reason, substream): LinkMessage => ({ kind: 'refuse', substream, reason })),
  ...REFUSALS.map((reason, substream): LinkMessage => ({ kind: 'drop', substream, reason })),
  { kind: 'unsubscribe', substream: 7 },
  { kind: 'receipt', bytes: 0x1234_5678_9abc, signature: counting(64, 9) },
  { kind: 'ancestors', substream: 7, ancestors: ids(3) },
  status(4, 2),
  status(SUBSTREAMS_MAX, HAVE_BYTES_MAX),
  status(0, 0),
  { kind: 'want', sequences: sequences(1) },
  { kind: 'want', sequences: sequences(WANT_MAX) },
  { kind: 'missing', sequences: sequences(MISSING_MAX) },
  { kind: 'absent', sequences: sequences(WANT_MAX) },
  ...FAREWELLS.map((reason): LinkMessage => ({ kind: 'bye', reason })),
];

function status(substreams: number, haveBytes: number): LinkMessage {
  return {
    kind: 'status',
    epochTag: EPOCH_TAG,
    base: 4600,
    have: counting(haveBytes, 0xf0),
    open: 0x8000_0005,
    relaying: 0x4000_0003,
    lags: counting(substreams, 4),
    ranks: Array.from({ length: substreams }, (_, at) => 0xffff - at),
    received: 0xffff_fff0,
    stamp: 0xabcd,
    echo: 0x1234,
    echoAgeMs: 0xffff,
  };
}

/** Every kind of origin frame. */
export const originFrames: readonly OriginFrame[] = [
  { kind: 'key', generation: 3, wrapped: false, nextInMs: 600_000, key: counting(32, 9) },
  { kind: 'key', generation: 0xffff, wrapped: true, nextInMs: 0, key: counting(72, 9) },
  { kind: 'applied', mask: 0xffff_ffff, sequence: 4711 },
  ...END_REASONS.map((reason): OriginFrame => ({ kind: 'ended', reason })),
  { kind: 'load', percent: 97, retryAfterMs: 1500 },
  { kind: 'clock', stampMs: 0xffff_ffff, wallMs: WALL_MS },
  { kind: 'absent', sequence: 4711 },
];

/** Every kind of origin request. */
export const originRequests: readonly OriginRequest[] = [
  { kind: 'mask', mask: 0xffff_ffff, from: FROM_KEYFRAME },
  { kind: 'mask', mask: 0, from: FROM_LIVE },
  { kind: 'want', sequences: sequences(1) },
  { kind: 'want', sequences: sequences(WANT_MAX) },
  { kind: 'key', generation: 4 },
  { kind: 'clock', stampMs: 123_456 },
  { kind: 'token', token: counting(TOKEN_BYTES) },
];

/** The fields of a head. */
export const headFields: Omit<Head, 'kind' | 'version'> = {
  stream: STREAM,
  epoch: EPOCH,
  revision: 2,
  substreams: 12,
  encrypted: true,
  generation: 3,
  fromSequence: 4000,
  byteRate: 130_000,
  madeMs: WALL_MS,
  publicKey: counting(32, 200),
  prelude: counting(40, 70),
};

/** The fields of a token. */
export const tokenFields: Token = {
  keyId: 0xcafe_f00d,
  issuedMs: WALL_MS,
  expiresMs: WALL_MS + 900_000,
  viewer: counting(8, 16),
  stream: STREAM,
  viewerKey: counting(32, 64),
};

/** The headers of a few pieces. */
export const pieceHeaders: readonly PieceHeader[] = [
  {
    kind: 'piece',
    keyframe: true,
    encrypted: true,
    last: false,
    length: 8192,
    epochTag: EPOCH_TAG,
    sequence: 4711,
    dtsMs: 188_440,
    cutMs: WALL_MS,
    generation: 3,
    tagStart: 0,
    groupOffset: 0,
  },
  {
    kind: 'piece',
    keyframe: false,
    encrypted: false,
    last: true,
    length: 1,
    epochTag: 0,
    sequence: 0xffff_ffff,
    dtsMs: 0xffff_ffff,
    cutMs: 0xffff_ffff_ffff,
    generation: 0xffff,
    tagStart: NO_TAG_START,
    groupOffset: 0xffff,
  },
];
