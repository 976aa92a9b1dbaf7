/**
 * The page of a measured tab: plays a stream with Shoal or with plain mpegts.js and writes down when each burnt-in clock
 * was painted. Everything is asked from outside through `globalThis.watch`.
 */
import type { Player, PlayerOptions, PlayerStats } from '../../src/index.ts';
import { BLOCK, FPS, PICTURE, readStamp } from '../camera/stamp.ts';

/** One painted picture: the time burnt in, and the time it was painted, both Unix ms modulo 2^32. */
export type Painted = readonly [stamp: number, at: number];

/** What the outside may call. */
export interface Watch {
  /** Plays; resolves with the ms until the first picture was painted. */
  shared(options: Omit<PlayerOptions, 'video'>): Promise<number>;
  plain(url: string): Promise<number>;
  /** What was painted since the last call. */
  painted(): Painted[];
  stats(): Promise<PlayerStats | undefined>;
  /** Playhead to the end of the buffer, ms. */
  bufferAheadMs(): number;
  stop(): void;
}

interface PlainPlayer {
  attachMediaElement(video: HTMLVideoElement): void;
  load(): void;
  play(): Promise<void> | undefined;
  destroy(): void;
}

declare global {
  var watch: Watch;
  var Shoal: { createPlayer(options: PlayerOptions): Player };
  var mpegts: { createPlayer(source: object, config: object): PlainPlayer };
}

/** The settings our own player gives mpegts.js. */
const SAME_SETTINGS = {
  enableStashBuffer: false,
  lazyLoad: false,
  liveBufferLatencyChasing: false,
  liveSync: false,
  autoCleanupSourceBuffer: true,
  autoCleanupMaxBackwardDuration: 20,
  autoCleanupMinBackwardDuration: 8,
};

const video = document.querySelector('video') as HTMLVideoElement;
const canvas = new OffscreenCanvas(PICTURE.width, 1);
const pen = canvas.getContext('2d', { willReadFrequently: true }) as OffscreenCanvasRenderingContext2D;
let painted: Painted[] = [];
let player: Player | undefined;
let plainPlayer: PlainPlayer | undefined;
let firstPaint: (() => void) | undefined;

/**
 * Reading pixels back costs milliseconds, which a machine with ten such tabs does not have: every so many pictures the
 * clock is read, and those in between are counted from it by their media time.
 */
const READ_EVERY = 10;
const INTERVAL_MS = 1000 / FPS;
let lastRead: { readonly stamp: number; readonly mediaTime: number } | undefined;
let sinceRead = 0;

const readPicture = (mediaTime: number): number | undefined => {
  pen.drawImage(video, 0, BLOCK / 2, PICTURE.width, 1, 0, 0, PICTURE.width, 1);
  const stamp = readStamp(pen.getImageData(0, 0, PICTURE.width, 1).data);
  lastRead = stamp === undefined ? undefined : { stamp, mediaTime };
  sinceRead = 0;
  return stamp;
};

const stampOf = (mediaTime: number): number | undefined => {
  sinceRead += 1;
  if (lastRead === undefined || sinceRead >= READ_EVERY) return readPicture(mediaTime);
  const pictures = Math.round(((mediaTime - lastRead.mediaTime) * 1000) / INTERVAL_MS);
  return (lastRead.stamp + pictures * INTERVAL_MS) % 0x1_0000_0000;
};

const onFrame = (_now: number, { mediaTime }: { readonly mediaTime: number }): void => {
  const at = (performance.timeOrigin + performance.now()) % 0x1_0000_0000;
  const stamp = stampOf(mediaTime);
  if (stamp !== undefined) painted.push([stamp, at]);
  firstPaint?.();
  firstPaint = undefined;
  video.requestVideoFrameCallback(onFrame);
};
video.requestVideoFrameCallback(onFrame);

const untilPainted = (begin: () => void): Promise<number> =>
  new Promise((resolve) => {
    const began = performance.now();
    firstPaint = () => resolve(performance.now() - began);
    begin();
  });

globalThis.watch = {
  shared: (options) =>
    untilPainted(() => {
      player = globalThis.Shoal.createPlayer({ ...options, video });
    }),
  plain: (url) =>
    untilPainted(() => {
      plainPlayer = globalThis.mpegts.createPlayer({ type: 'flv', isLive: true, url }, SAME_SETTINGS);
      plainPlayer.attachMediaElement(video);
      plainPlayer.load();
      // A tab that is closed in mid-start interrupts this; nobody waits for it.
      plainPlayer.play()?.catch(() => undefined);
    }),
  painted() {
    const all = painted;
    painted = [];
    return all;
  },
  stats: async () => player?.stats(),
  bufferAheadMs() {
    const { buffered, currentTime } = video;
    return buffered.length === 0 ? 0 : (buffered.end(buffered.length - 1) - currentTime) * 1000;
  },
  stop() {
    player?.destroy();
    plainPlayer?.destroy();
  },
};
