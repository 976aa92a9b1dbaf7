/**
 * What a device's xp2pInfo says without being opened: whether it is one, and how old the device's software is.
 */

/** What was found. */
export type Xp2pInfo =
  | { readonly kind: 'ok'; readonly version: string }
  | { readonly kind: 'malformed' }
  | { readonly kind: 'too-old'; readonly version: string };

const FORM = /^XP2P[A-Za-z0-9+/_-]{4,4000}={0,2}%(\d{1,4}\.\d{1,4}\.\d{1,4})[a-z]*$/;
const OLDEST = [2, 3, 0] as const;

/** Reads one. */
export const readXp2pInfo = (text: string): Xp2pInfo => {
  const version = FORM.exec(text)?.[1];
  if (version === undefined) return { kind: 'malformed' };
  return { kind: isTooOld(version.split('.').map(Number)) ? 'too-old' : 'ok', version };
};

const isTooOld = (version: readonly number[]): boolean => {
  for (const [at, oldest] of OLDEST.entries()) {
    const part = version[at] ?? 0;
    if (part !== oldest) return part < oldest;
  }
  return false;
};
