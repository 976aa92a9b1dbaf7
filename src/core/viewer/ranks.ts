/**
 * Who should be the root of a substream's tree. Everybody computes the same from ids alone. A viewer fed by the origin
 * may join only a tree of lower rank, and whoever has a parent moves only to a tree of the same or a lower rank, so trees
 * merge one way and never into a circle.
 */
import type { ViewerName } from '../../wire/tracker.ts';

/** No tree: fed by nobody. */
export const NO_RANK = 0xffff;

const CANNOT_UPLOAD = 0x8000;
const NOT_SENIOR = 0x4000;
const HASH_BITS = 0x3fff;

const hash = (viewer: ViewerName, salt: number): number => {
  let word = 0x811c9dc5 ^ Math.imul(salt + 1, 0x9e3779b1);
  for (let at = 0; at < viewer.length; at++) word = Math.imul(word ^ viewer.charCodeAt(at), 0x01000193);
  word = Math.imul(word ^ (word >>> 15), 0x85ebca6b);
  word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
  return (word ^ (word >>> 16)) >>> 0;
};

/** A viewer's rank as a root: lower is better, and never NO_RANK. */
export const rootRank = (
  viewer: ViewerName,
  substream: number,
  is: { readonly uploading: boolean; readonly senior: boolean },
): number => {
  const rank =
    (is.uploading ? 0 : CANNOT_UPLOAD) | (is.senior ? 0 : NOT_SENIOR) | (hash(viewer, substream) & HASH_BITS);
  return Math.min(NO_RANK - 1, rank);
};
