// What the query of a stream URL says to us.

import { FROM_KEYFRAME, FROM_LIVE } from '../../../src/wire/origin.ts';

const WHOLE = 0xffff_ffff;
const TAG_CHARS_MAX = 64;

/** What a viewer of pieces asks for with its first request. */
export interface PiecesQuery {
  readonly mask: number;
  readonly from: number;
}

const whole32 = (text: string): number | undefined => {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  return value <= WHOLE ? value : undefined;
};

/** Reads `mask` (or `substreams`) and `from`; undefined when one of them makes no sense. */
export const readPiecesQuery = (query: URLSearchParams): PiecesQuery | undefined => {
  const maskText = query.get('mask') ?? query.get('substreams');
  const fromText = query.get('from') ?? 'keyframe';
  const mask = maskText === null ? WHOLE : whole32(maskText);
  const from = fromText === 'live' ? FROM_LIVE : fromText === 'keyframe' ? FROM_KEYFRAME : whole32(fromText);
  return mask === undefined || from === undefined ? undefined : { mask, from };
};

/** Which content keys a viewer of pieces asks for: those that belong to its code, or none. */
export const keyWishOf = (
  query: URLSearchParams,
): { readonly code: string | null; readonly keys: 'wanted' | 'left' } => ({
  code: query.get('code'),
  keys: query.get('keys') === 'off' ? 'left' : 'wanted',
});

/** The label a test or a bench gives a connection. */
export const tagOf = (query: URLSearchParams): string => (query.get('tag') ?? '').slice(0, TAG_CHARS_MAX);
