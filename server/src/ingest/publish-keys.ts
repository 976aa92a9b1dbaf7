// Keys that let somebody publish one stream for a while: when they expire, and a signature over that and the path. They
// stand in the query of the publish address as `key`, so that encoders which know only an address can use them.

import { createHmac, timingSafeEqual } from 'node:crypto';

const EXPIRY = /^([0-9a-z]{1,9})\.([\w-]{22})$/;
const SIGNATURE_BYTES = 16;

const signatureOf = (secret: string, path: string, expiry: string): string =>
  createHmac('sha256', secret)
    .update(`shoal publish v1\n${path}\n${expiry}`)
    .digest()
    .subarray(0, SIGNATURE_BYTES)
    .toString('base64url');

/** A key for a path, good until `expiresMs` (Unix time). */
export const makePublishKey = (secret: string, path: string, expiresMs: number): string => {
  const expiry = Math.floor(expiresMs / 1000).toString(36);
  return `${expiry}.${signatureOf(secret, path, expiry)}`;
};

/** Whether a key was made from the secret for this path and has not expired. */
export const isPublishKey = (secret: string, path: string, key: string, nowMs: number): boolean => {
  const [, expiry, signature] = EXPIRY.exec(key) ?? [];
  if (expiry === undefined || signature === undefined) return false;
  return sameText(signature, signatureOf(secret, path, expiry)) && Number.parseInt(expiry, 36) * 1000 > nowMs;
};

/** Compares without telling by its time how much was right. */
export const sameText = (given: string, wanted: string): boolean => {
  const a = Buffer.from(given);
  const b = Buffer.from(wanted);
  return a.length === b.length && timingSafeEqual(a, b);
};
