// Requests that an app signs with its secret: for a token, and for its accounts. The secret itself never travels.

import { createHmac, timingSafeEqual } from 'node:crypto';

/** What is signed. */
export interface SignedText {
  readonly appId: string;
  readonly appKey: string;
  /** The package name where a token is wanted, `accounts` where the accounts are. */
  readonly about: string;
  /** Unix time, s. */
  readonly t: number;
}

/** What an app is known by to whoever makes requests for it. */
export interface AppCredentials {
  readonly appId: string;
  readonly appKey: string;
  readonly secret: string;
}

/** A signed time may be this far from ours. */
export const SIGNED_WITHIN_S = 300;

/** The signature: HMAC-SHA256 over the lines, hexadecimal. */
export const signatureOf = (secret: string, { appId, appKey, about, t }: SignedText): string =>
  createHmac('sha256', secret).update([appId, appKey, about, t].join('\n')).digest('hex');

/** Whether a signature is good. */
export const isSigned = (secret: string, text: SignedText, signature: string): boolean => {
  const given = Buffer.from(signature, 'utf8');
  const wanted = Buffer.from(signatureOf(secret, text), 'utf8');
  return given.length === wanted.length && timingSafeEqual(given, wanted);
};

/** The body of `POST /token`, for a customer's own server. */
export const signTokenRequest = (
  { appId, appKey, secret }: AppCredentials,
  options: { readonly package?: string; readonly nowMs?: number } = {},
): {
  readonly appId: string;
  readonly appKey: string;
  readonly package: string;
  readonly t: number;
  readonly sign: string;
} => {
  const name = options.package ?? '';
  const t = Math.floor((options.nowMs ?? Date.now()) / 1000);
  return { appId, appKey, package: name, t, sign: signatureOf(secret, { appId, appKey, about: name, t }) };
};

/** The query of `GET /accounts` by which an app reads its own accounts. */
export const signAccountsRequest = ({ appId, appKey, secret }: AppCredentials, nowMs = Date.now()): string => {
  const t = Math.floor(nowMs / 1000);
  const sign = signatureOf(secret, { appId, appKey, about: 'accounts', t });
  return new URLSearchParams({ appId, appKey, t: String(t), sign }).toString();
};
