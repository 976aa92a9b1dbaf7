/**
 * Makes the golden vectors: bytes and fields of every message, with real signatures where one is due, so that another
 * implementation can check itself against them. `npm run docs -- --write` puts them into src/wire/vectors.json.
 */
import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { toHex } from '../bytes.ts';
import { encodeHeadBody, HEAD_CONTEXT, sealHead } from '../head.ts';
import { encodeHlsMessage } from '../hls-link.ts';
import { type SegmentSeal, sealedText } from '../hls-seal.ts';
import { encodeLinkMessage, HELLO_CONTEXT_TEXT } from '../link.ts';
import { encodeOriginFrame, encodeOriginRequest } from '../origin.ts';
import { encodePieceHeader, splitPiece } from '../piece.ts';
import { encodeTokenBody, sealToken, TOKEN_CONTEXT } from '../token.ts';
import { encodeTrackerMessage } from '../tracker.ts';
import { PROTOCOL_VERSION } from '../version.ts';
import { hlsMessages } from './hls-samples.ts';
import { trackerAnswers, trackerRequests } from './json-samples.ts';
import {
  counting,
  headFields,
  linkMessages,
  originFrames,
  originRequests,
  pieceHeaders,
  tokenFields,
} from './samples.ts';

const ED25519_PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_PREFIX_BYTES = 12;

const keyOf = (seed: Uint8Array) =>
  createPrivateKey({ key: Buffer.concat([ED25519_PKCS8, seed]), format: 'der', type: 'pkcs8' });

/** The Ed25519 public key of a seed. */
export const publicKeyOf = (seed: Uint8Array): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(createPublicKey(keyOf(seed)).export({ format: 'der', type: 'spki' }).subarray(SPKI_PREFIX_BYTES));

const signed = (seed: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(sign(null, Buffer.concat(parts), keyOf(seed)));

/** Byte strings as hexadecimal, everything else as it is. */
const readable = (fields: object): unknown =>
  JSON.parse(JSON.stringify(fields, (_key, value: unknown) => (value instanceof Uint8Array ? toHex(value) : value)));

const ORIGIN_SEED = counting(32, 1);
const TRACKER_SEED = counting(32, 2);
const VIEWER_SEED = counting(32, 3);
const SEALS: { readonly place: string; readonly seals: readonly SegmentSeal[] } = {
  place: '/live/demo',
  seals: [
    { name: 'demo/hls/i1.mp4', length: 700, root: counting(32, 4) },
    { name: 'demo/hls/1.m4s#0-99', length: 100, root: counting(32, 5) },
  ],
};
const OWN_FINGERPRINT = counting(32, 150);
const THEIR_FINGERPRINT = counting(32, 180);

/** All vectors. */
export const makeVectors = (): Readonly<Record<string, unknown>> => {
  const head = { ...headFields, publicKey: publicKeyOf(ORIGIN_SEED) };
  const headBody = encodeHeadBody(head);
  const token = { ...tokenFields, viewerKey: publicKeyOf(VIEWER_SEED) };
  const tokenBody = encodeTokenBody(token);
  const sealedToken = sealToken(tokenBody, signed(TRACKER_SEED, TOKEN_CONTEXT, tokenBody));
  const helloContext = Buffer.from(HELLO_CONTEXT_TEXT, 'ascii');
  const proof = signed(VIEWER_SEED, helloContext, sealedToken, OWN_FINGERPRINT, THEIR_FINGERPRINT);
  return {
    head: {
      originSeed: toHex(ORIGIN_SEED),
      fields: readable(head),
      hex: toHex(sealHead(headBody, signed(ORIGIN_SEED, HEAD_CONTEXT, headBody))),
    },
    token: {
      trackerSeed: toHex(TRACKER_SEED),
      trackerKey: toHex(publicKeyOf(TRACKER_SEED)),
      fields: readable(token),
      hex: toHex(sealedToken),
    },
    hello: {
      viewerSeed: toHex(VIEWER_SEED),
      ownFingerprint: toHex(OWN_FINGERPRINT),
      theirFingerprint: toHex(THEIR_FINGERPRINT),
      hex: toHex(encodeLinkMessage({ kind: 'hello', version: PROTOCOL_VERSION, token: sealedToken, proof })),
    },
    link: linkMessages.map((message) => ({ fields: readable(message), hex: toHex(encodeLinkMessage(message)) })),
    hls: hlsMessages
      .filter(({ kind }) => !['hello', 'status', 'bye'].includes(kind))
      .map((message) => ({ fields: readable(message), hex: toHex(encodeHlsMessage(message)) })),
    seals: { place: SEALS.place, seals: readable(SEALS.seals), signed: toHex(sealedText(SEALS.place, SEALS.seals)) },
    originFrames: originFrames.map((frame) => ({ fields: readable(frame), hex: toHex(encodeOriginFrame(frame)) })),
    originRequests: originRequests.map((request) => ({
      fields: readable(request),
      hex: toHex(encodeOriginRequest(request)),
    })),
    pieceHeaders: pieceHeaders.map((header) => ({ fields: readable(header), hex: toHex(encodePieceHeader(header)) })),
    parts: pieceHeaders.map((header) => {
      const piece = counting(100);
      return { piece: toHex(piece), hex: splitPiece(piece, header).map(toHex) };
    }),
    trackerRequests: trackerRequests.map(encodeTrackerMessage),
    trackerAnswers: trackerAnswers.map(encodeTrackerMessage),
  };
};

/** The text of the vectors' file. */
export const vectorsText = (): string => `${JSON.stringify(makeVectors(), undefined, 2)}\n`;
