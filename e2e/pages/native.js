// What a page of a native-style customer does, and what a foreign player sees of it: every callback is written down, every
// painted frame counted.

/** @typedef {import('./native-api.d.ts').NativeSaid} NativeSaid */
/** @typedef {import('./native-api.d.ts').Watched} Watched */

const { XNet, retryingLoader } = globalThis.Shoal.native;
/** False and 0 stand for failure. */
const CVbyteP2P = globalThis.watchCalls('native', globalThis.Shoal.native.CVbyteP2P, (answer) => !answer);
const mpegts = globalThis.mpegts;
mpegts.LoggingControl.enableAll = false;

/** @type {NativeSaid[]} */
const said = [];
/** @type {Watched[]} */
const watched = [];

/** @param {'event' | 'error'} kind */
const callback = (kind) => (/** @type {number} */ code, /** @type {string} */ message, /** @type {number} */ id) => {
  globalThis.reach('native', kind === 'event' ? 'event' : 'code', code);
  said.push({ kind, code, message, id, atMs: performance.now() });
};

/** @param {string} [name] */
function create(name) {
  return CVbyteP2P.CreateInstance(callback('event'), callback('error'), name);
}

/**
 * Plays an address the way a customer's player does, and counts what is painted.
 * @param {string} url
 * @param {import('./native-api.d.ts').WatchHow} [how]
 */
function watch(url, { element = 0, kind = 'plain' } = {}) {
  const video = document.querySelectorAll('video')[element];
  if (video === undefined) throw new Error(`the page has no video ${element}`);
  /** @type {Watched} */
  const log = { painted: 0, longestGapMs: 0, ended: 0, failed: 0, opened: 0, video, destroy: () => undefined };
  let paintedAt = performance.now();
  /** @type {VideoFrameRequestCallback} */
  const step = (now) => {
    log.painted += 1;
    log.longestGapMs = Math.max(log.longestGapMs, now - paintedAt);
    paintedAt = now;
    video.requestVideoFrameCallback(step);
  };
  video.requestVideoFrameCallback(step);
  if (kind === 'player') {
    const player = globalThis.Shoal.createPlayer({ url, video });
    log.destroy = () => player.destroy();
    player.on('error', ({ code }) => {
      if (code === 'origin/unreachable') log.failed += 1;
    });
    return watched.push(log) - 1;
  }
  const open = () => {
    log.opened += 1;
    const config = kind === 'loader' ? { customLoader: retryingLoader(mpegts) } : {};
    const player = mpegts.createPlayer(
      { type: 'flv', isLive: true, url },
      { enableStashBuffer: false, enableWorker: kind === 'worker', ...config },
    );
    log.destroy = () => player.destroy();
    const over = () => {
      if (kind !== 'retry') return;
      player.destroy();
      open();
    };
    player.on(mpegts.Events.LOADING_COMPLETE, () => {
      log.ended += 1;
      console.debug(
        `ended ${performance.now()} ahead ${video.buffered.length ? video.buffered.end(video.buffered.length - 1) - video.currentTime : 0}`,
      );
      over();
    });
    player.on(mpegts.Events.ERROR, () => {
      log.failed += 1;
      over();
    });
    player.attachMediaElement(video);
    player.load();
    void Promise.resolve(player.play()).catch(() => undefined);
  };
  open();
  return watched.push(log) - 1;
}

/** How many colours an element shows. @param {number} seat */
function colours(seat) {
  const { video } = /** @type {Watched} */ (watched[seat]);
  const context = document.createElement('canvas').getContext('2d');
  if (context === null || video.videoWidth === 0) return 0;
  context.drawImage(video, 0, 0, 64, 36);
  return new Set(new Uint32Array(context.getImageData(0, 0, 64, 36).data.buffer)).size;
}

/**
 * Reads a response until so many bytes have come, and returns them.
 * @param {string} url
 * @param {number} bytes
 */
async function readSome(url, bytes) {
  const response = await fetch(url);
  const reader = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader();
  /** @type {number[]} */
  const head = [];
  let length = 0;
  while (length < bytes) {
    const { done, value } = await reader.read();
    if (done) break;
    if (head.length < 16) head.push(...value.subarray(0, 16));
    length += value.length;
  }
  await reader.cancel();
  return { status: response.status, type: response.headers.get('content-type'), length, head: head.slice(0, 3) };
}

globalThis.native = { loaded: false, CVbyteP2P, XNet, said, watched, create, watch, colours, readSome };
