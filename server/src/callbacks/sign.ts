// How a callback proves where it comes from: `sign` = MD5(key + t), as the seed system has it, which covers nothing but the
// expiry; and over the whole body an HMAC in a header, for receivers that want to know that nothing was changed.

import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** How long a callback is good for, seconds. */
export const CALLBACK_LIFE_SECONDS = 600;

/** Header with the HMAC-SHA256 of the body under the key, in hexadecimal. */
export const BODY_SIGNATURE_HEADER = 'x-shoal-signature';

/** `MD5(key + t)`, t in decimal. */
export const signOf = (key: string, t: number): string => createHash('md5').update(`${key}${t}`, 'utf8').digest('hex');

/** The signature of a whole body. */
export const bodySignatureOf = (key: string, body: string): string =>
  createHmac('sha256', key).update(body, 'utf8').digest('hex');

/** Compares without telling by its time how much was right, nor how long the right one is. */
export const sameSign = (given: string, wanted: string): boolean =>
  timingSafeEqual(createHash('sha256').update(given).digest(), createHash('sha256').update(wanted).digest());
