/**
 * A machine-readable clock in a picture: one row of blocks along the top, 32 bits of milliseconds and a check byte. Big
 * black and white blocks survive any encoder; the check tells a torn reading from a true one.
 */

/** Picture size the stamp is made for. */
export const PICTURE = { width: 640, height: 360 } as const;
/** Pictures a second. */
export const FPS = 25;
/** Edge of a block, pixels. */
export const BLOCK = 16;

const BITS = 32;
const CHECK_BITS = 8;
const WHITE = 235;
const BLACK = 16;

const checkOf = (stamp: number): number =>
  ((stamp & 0xff) + ((stamp >>> 8) & 0xff) + ((stamp >>> 16) & 0xff) + (stamp >>> 24) + 0x5a) & 0xff;

const bitsOf = (stamp: number): boolean[] => {
  const check = checkOf(stamp);
  const high = Array.from({ length: BITS }, (_, bit) => ((stamp >>> (BITS - 1 - bit)) & 1) === 1);
  const low = Array.from({ length: CHECK_BITS }, (_, bit) => ((check >>> (CHECK_BITS - 1 - bit)) & 1) === 1);
  return [...high, ...low];
};

/** Draws a stamp (Unix ms modulo 2^32) into the luma plane of a picture. */
export const drawStamp = (luma: Uint8Array, stamp: number): void => {
  bitsOf(stamp >>> 0).forEach((bit, block) => {
    for (let row = 0; row < BLOCK; row++) {
      const from = row * PICTURE.width + block * BLOCK;
      luma.fill(bit ? WHITE : BLACK, from, from + BLOCK);
    }
  });
};

/** Reads a stamp from one row of RGBA pixels through the middle of the blocks; undefined when it is torn. */
export const readStamp = (rgba: Uint8ClampedArray): number | undefined => {
  let stamp = 0;
  let check = 0;
  for (let block = 0; block < BITS + CHECK_BITS; block++) {
    const bit = (rgba[(block * BLOCK + BLOCK / 2) * 4 + 1] ?? 0) > 127 ? 1 : 0;
    if (block < BITS) stamp = ((stamp << 1) | bit) >>> 0;
    else check = (check << 1) | bit;
  }
  return check === checkOf(stamp) ? stamp : undefined;
};
