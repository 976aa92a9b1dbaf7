// What a test page does: makes players when told to, writes down what they say, and watches what is really painted.
// The page's own script is this small on purpose: everything under test is in shoal.global.js.

/** @typedef {import('./page-api.d.ts').FrameLog} FrameLog */
/** @typedef {import('./page-api.d.ts').Seat} Seat */
/** @typedef {import('./page-api.d.ts').Picture} Picture */

/** A pause that a person sees. */
const STALL_MS = 250;
/** With less than this ahead an element has nothing to paint: two frames. */
const DRY_SECONDS = 0.08;
const GRID = { width: 64, height: 36 };
const EVENTS = /** @type {const} */ (['state', 'started', 'stalled', 'resumed', 'epoch', 'error', 'fellBack', 'ended']);

/** @type {Seat[]} */
const seats = [];

/**
 * Makes a player on a video element and returns its number.
 * @param {import('./page-api.d.ts').PlayOptions} options
 * @param {number} [element] which video element, in the order of the page
 */
function play(options, element = 0) {
  const video = document.querySelectorAll('video')[element];
  if (video === undefined) throw new Error(`the page has no video ${element}`);
  const player = globalThis.Shoal.createPlayer({ ...options, video });
  /** @type {Seat} */
  const seat = { player, video, said: [], frames: watchFrames(video) };
  for (const name of EVENTS) {
    player.on(name, (event) => {
      seat.said.push({ name, atMs: performance.now(), event: plainOf(event) });
    });
  }
  return seats.push(seat) - 1;
}

/**
 * What of an event can be handed to the test.
 * @param {object} event
 */
function plainOf(event) {
  if (!(event instanceof Error)) return { ...event };
  const { code, severity, detail, message } = /** @type {import('../../src/errors.ts').ShoalError} */ (event);
  return { code, severity, detail, message };
}

/**
 * Logs every painted frame of an element, and the pauses between them that nothing but missing data explains: a page
 * that is blocked, or a machine that is busy, paints late too, but has something to paint.
 * @param {HTMLVideoElement} video
 * @returns {FrameLog}
 */
function watchFrames(video) {
  /** @type {FrameLog} */
  const log = { painted: 0, stalls: [], lastAtMs: undefined, mediaTime: 0 };
  let presented = 0;
  let driedAtMs = Number.NEGATIVE_INFINITY;
  setInterval(() => {
    if (!video.paused && aheadOf(video) < DRY_SECONDS) driedAtMs = performance.now();
  }, 25);
  /** @type {VideoFrameRequestCallback} */
  const step = (_now, frame) => {
    const since = log.lastAtMs;
    if (since !== undefined && frame.presentedFrames - presented === 1) {
      const gapMs = frame.presentationTime - since;
      if (gapMs > STALL_MS && driedAtMs > since) log.stalls.push({ atMs: since, gapMs });
    }
    log.painted += 1;
    log.lastAtMs = frame.presentationTime;
    log.mediaTime = frame.mediaTime;
    presented = frame.presentedFrames;
    video.requestVideoFrameCallback(step);
  };
  video.requestVideoFrameCallback(step);
  return log;
}

/**
 * Seconds that can be played from where the element stands.
 * @param {HTMLVideoElement} video
 */
function aheadOf({ buffered, currentTime }) {
  for (let at = 0; at < buffered.length; at++) {
    if (buffered.start(at) - 0.02 <= currentTime && currentTime < buffered.end(at))
      return buffered.end(at) - currentTime;
  }
  return 0;
}

/**
 * Reads the next painted frames back from a canvas.
 * @param {number} seat
 * @param {number} count
 * @returns {Promise<Picture[]>}
 */
async function pictures(seat, count) {
  const { video } = seatOf(seat);
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
  const found = seats[seat];
  if (found === undefined) throw new Error(`there is no player ${seat}`);
  return found;
}

globalThis.stage = { seats, seatOf, play, pictures };
