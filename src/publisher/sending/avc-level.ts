/**
 * Names of H.264 variants, best compression first, at the lowest level that has room for a picture size and rate.
 */

/** Level number, macroblocks in a picture, macroblocks a second. */
const LEVELS = [
  [30, 1620, 40_500],
  [31, 3600, 108_000],
  [32, 5120, 216_000],
  [40, 8192, 245_760],
  [42, 8704, 522_240],
  [51, 36_864, 983_040],
  [52, 36_864, 2_073_600],
] as const;

/** High, main and constrained baseline. */
const PROFILES = ['6400', '4d00', '42e0'] as const;
const MACROBLOCK = 16;

/** Codec names to try in turn; none for pictures beyond every level. */
export const avcCodecsFor = (width: number, height: number, frameRate: number): readonly string[] => {
  const blocks = Math.ceil(width / MACROBLOCK) * Math.ceil(height / MACROBLOCK);
  const level = LEVELS.find(([, picture, second]) => blocks <= picture && blocks * frameRate <= second);
  if (level === undefined) return [];
  const digits = level[0].toString(16).padStart(2, '0');
  return PROFILES.map((profile) => `avc1.${profile}${digits}`);
};
