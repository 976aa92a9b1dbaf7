// Room tokens: the customer's word that a user may enter a room for a while, made by the customer's server from a secret it
// shares with this one.

import { createHmac } from 'node:crypto';
import type { ErrorCode } from '../../../src/errors.ts';
import { sameText } from '../ingest/publish-keys.ts';
import type { TrackOwner } from './stream-code.ts';

const FORM = /^(\d{1,12})\.([\w-]{43})$/;

const signatureOf = (secret: string, { bizid, room, user }: TrackOwner, expiry: string): string =>
  createHmac('sha256', secret).update(['shoal room v1', bizid, room, user, expiry].join('\n')).digest('base64url');

/** A token for a user and a room, good until `expiresMs` (Unix time). */
export const makeRoomToken = (secret: string, owner: TrackOwner, expiresMs: number): string => {
  const expiry = String(Math.floor(expiresMs / 1000));
  return `${expiry}.${signatureOf(secret, owner, expiry)}`;
};

/** Why a token does not let in; undefined when it does. */
export const whyNotEnter = (
  secret: string,
  owner: TrackOwner,
  { token, nowMs }: { readonly token: string; readonly nowMs: number },
): ErrorCode | undefined => {
  const [, expiry, signature] = FORM.exec(token) ?? [];
  if (expiry === undefined || signature === undefined) return 'room/refused';
  if (!sameText(signature, signatureOf(secret, owner, expiry))) return 'room/refused';
  return Number(expiry) * 1000 > nowMs ? undefined : 'room/token-expired';
};
