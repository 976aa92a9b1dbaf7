/**
 * What a page may ask of a P2P player, and the one function that checks it.
 */
import { ShoalError } from '../errors.ts';

/** Timers and time; a test hands in its own. */
export interface PlayerClock {
  now(): number;
  setTimeout(act: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}

/** Options of `createP2PPlayer`. */
export interface P2PPlayerOptions {
  readonly video: HTMLVideoElement;
  /** Whether it begins by itself as soon as it is ready; may be set later. Default false, as the FAQ wants it. */
  readonly autoplay?: boolean;
  readonly muted?: boolean;
  /** `live` (default) catches up with its source and may skip; `playback` shows everything at its pace. */
  readonly scene?: 'live' | 'playback';
  /** Seconds ahead between which a live picture is held; default 0.4 and 1.5. */
  readonly minCache?: number;
  readonly maxCache?: number;
  /** Most bytes that wait to be decoded; default 8 MiB. */
  readonly queueBytes?: number;
  /** A pull without data for this long is broken; default 8000. */
  readonly dataTimeoutMs?: number;
  /** Tries before it gives up, and how long it waits before each; default 3 and 1000. */
  readonly retries?: number;
  readonly retryMs?: number;
  readonly clock?: PlayerClock;
}

/** Options that passed. */
export type ParsedP2PPlayerOptions = Required<P2PPlayerOptions>;

/** The browser's own. */
export const systemClock: PlayerClock = {
  now: () => performance.now(),
  setTimeout: (act, ms) => setTimeout(act, ms),
  clearTimeout: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
};

/** Checks options, or throws `options/invalid` naming the one that is wrong. */
export const parseP2PPlayerOptions = (options: P2PPlayerOptions): ParsedP2PPlayerOptions => {
  const { video } = options ?? {};
  if (typeof video !== 'object' || video === null || !('play' in video)) throw invalid('video');
  const { scene = 'live', minCache = 0.4, maxCache = 1.5 } = options;
  if (scene !== 'live' && scene !== 'playback') throw invalid('scene: wanted live or playback');
  within(minCache, 0.05, 60, 'minCache');
  within(maxCache, 0.1, 60, 'maxCache');
  if (minCache >= maxCache) throw invalid('minCache: wanted less than maxCache');
  return {
    video,
    scene,
    minCache,
    maxCache,
    autoplay: options.autoplay ?? false,
    muted: options.muted ?? video.muted,
    queueBytes: within(options.queueBytes ?? 8 * 1024 * 1024, 64 * 1024, 256 * 1024 * 1024, 'queueBytes'),
    dataTimeoutMs: within(options.dataTimeoutMs ?? 8000, 100, 600_000, 'dataTimeoutMs'),
    retries: within(options.retries ?? 3, 0, 100, 'retries'),
    retryMs: within(options.retryMs ?? 1000, 0, 600_000, 'retryMs'),
    clock: options.clock ?? systemClock,
  };
};

const invalid = (detail: string): ShoalError => new ShoalError('options/invalid', { detail });

const within = (value: unknown, least: number, most: number, option: string): number => {
  if (typeof value === 'number' && value >= least && value <= most) return value;
  throw invalid(`${option}: wanted a number from ${least} to ${most}`);
};
