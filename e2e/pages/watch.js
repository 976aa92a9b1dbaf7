// What a test page does: makes players when told to, and reads back what is painted.
// The page's own script is this small on purpose: everything under test is in shoal.global.js.

/** @typedef {import('./page-api.d.ts').Picture} Picture */

const GRID = { width: 64, height: 36 };

/** What the swarm test put into the page; it knows the players. @type {import('../../src/swarm-test/agent.ts').Agent} */
const agent = Reflect.get(globalThis, Symbol.for('shoal.swarm-test'));

/**
 * Makes a player on a video element and returns its number.
 * @param {import('./page-api.d.ts').PlayOptions} options
 * @param {number} [element] which video element, in the order of the page
 */
function play(options, element = 0) {
  const video = document.querySelectorAll('video')[element];
  if (video === undefined) throw new Error(`the page has no video ${element}`);
  globalThis.Shoal.createPlayer({ ...options, video });
  return agent.count() - 1;
}

/**
 * Reads the next painted frames back from a canvas.
 * @param {number} seat
 * @param {number} count
 * @returns {Promise<Picture[]>}
 */
async function pictures(seat, count) {
  const { video } = seatOf(seat);
  if (video === undefined) throw new Error(`player ${seat} has no element`);
  const canvas = Object.assign(document.createElement('canvas'), GRID);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null) throw new Error('no canvas');
  /** @type {Picture[]} */
  const seen = [];
  while (seen.length < count) {
    await new Promise((resolve) => {
      video.requestVideoFrameCallback(resolve);
    });
    context.drawImage(video, 0, 0, GRID.width, GRID.height);
    seen.push(pictureOf(context.getImageData(0, 0, GRID.width, GRID.height).data));
  }
  return seen;
}

/**
 * @param {Uint8ClampedArray} pixels
 * @returns {Picture}
 */
function pictureOf(pixels) {
  let [red, green, blue, hash] = [0, 0, 0, 0];
  const colours = new Set();
  for (let at = 0; at < pixels.length; at += 4) {
    const [r = 0, g = 0, b = 0] = pixels.subarray(at, at + 3);
    red += r;
    green += g;
    blue += b;
    colours.add((r << 16) | (g << 8) | b);
    hash = (Math.imul(hash, 31) + ((r << 16) | (g << 8) | b)) | 0;
  }
  const count = pixels.length / 4;
  return { red: red / count, green: green / count, blue: blue / count, colours: colours.size, hash };
}

/** @param {number} seat */
function seatOf(seat) {
  const found = agent.seats[seat];
  if (found === undefined) throw new Error(`there is no player ${seat}`);
  return found;
}

globalThis.stage = { seatOf, play, pictures };
