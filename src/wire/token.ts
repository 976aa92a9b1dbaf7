/**
 * The join token: the tracker's signed word that a viewer may take part in one stream for a while. It gates new links
 * only; a link that is open outlives it. It holds the viewer's public key, so it is useless to a thief.
 */
import { type Fault, fault } from '../errors.ts';
import { ascii, Reader, Writer } from './bytes.ts';
import { ID_BYTES, SIGNATURE_BYTES, TOKEN_BYTES, VIEWER_ID_BYTES } from './limits.ts';

/** What a tracker signs before the token's own bytes. */
export const TOKEN_CONTEXT = ascii('shoal token v1');
/** How long a token is good for; it is renewed at half of it. */
export const TOKEN_LIFE_MS = 15 * 60_000;

const TOKEN_VERSION = 1;

/** A decoded token. */
export interface Token {
  readonly stream: Uint8Array;
  readonly viewer: Uint8Array;
  /** Signs the viewer's hellos. */
  readonly viewerKey: Uint8Array;
  /** Tracker's wall clock at issue and expiry, ms. */
  readonly issuedMs: number;
  readonly expiresMs: number;
  /** Which of the accepted token keys signed it. */
  readonly keyId: number;
}

/** A token as received. */
export interface SealedToken {
  readonly token: Token;
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

/** The bytes a tracker signs (after TOKEN_CONTEXT). */
export const encodeTokenBody = (token: Token): Uint8Array<ArrayBuffer> =>
  new Writer(TOKEN_BYTES)
    .u8(TOKEN_VERSION)
    .u8(0)
    .u32(token.keyId)
    .u48(token.issuedMs)
    .u48(token.expiresMs)
    .u32(0)
    .bytes(token.viewer)
    .bytes(token.stream)
    .bytes(token.viewerKey.subarray(0, ID_BYTES))
    .finish();

/** A whole token. */
export const sealToken = (body: Uint8Array, signature: Uint8Array): Uint8Array<ArrayBuffer> =>
  new Writer(TOKEN_BYTES).bytes(body).bytes(signature).finish();

/** Reads a token; signature and expiry are the caller's questions. */
export const decodeToken = (bytes: Uint8Array): SealedToken | Fault => {
  if (bytes.length !== TOKEN_BYTES) return fault('token/malformed', `length ${bytes.length}`);
  const reader = new Reader(bytes);
  const version = reader.u8();
  if (version !== TOKEN_VERSION) return fault('token/malformed', `version ${version}`);
  if (reader.u8() !== 0) return fault('token/malformed', 'reserved byte');
  const keyId = reader.u32();
  const issuedMs = reader.u48();
  const expiresMs = reader.u48();
  if (reader.u32() !== 0) return fault('token/malformed', 'reserved word');
  const viewer = reader.bytes(VIEWER_ID_BYTES);
  const stream = reader.bytes(ID_BYTES);
  const viewerKey = reader.bytes(ID_BYTES);
  const signature = reader.bytes(SIGNATURE_BYTES);
  return {
    token: { stream, viewer, viewerKey, issuedMs, expiresMs, keyId },
    signed: bytes.subarray(0, TOKEN_BYTES - SIGNATURE_BYTES),
    signature,
  };
};
