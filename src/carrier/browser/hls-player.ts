/**
 * hls.js behind one door, loaded when a page plays an .m3u8 address. Browsers that give pages no MediaSource play HLS
 * themselves, and then nothing can be shared.
 */
import { type HlsLibrary, type HlsPlayer, loadHls } from './hls-library.ts';
import { makeLoaders } from './hls-loader.ts';
import type { RunFailure } from './mpegts-run.ts';
import type { SegmentSource } from './segment-source.ts';

/** What is played and on what. */
export interface HlsStart {
  readonly video: HTMLVideoElement;
  readonly url: string;
  /** Where segments come from; absent: from their server. */
  readonly source?: SegmentSource;
}

/** What is heard of it. */
export interface HlsEvents {
  failed(failure: RunFailure): void;
  /** Something went wrong and hls.js gets over it. */
  troubled(failure: RunFailure): void;
  ended(): void;
}

/** HLS being played. */
export interface HlsRun {
  /** `native`: by the browser itself. */
  readonly by: 'hls.js' | 'native';
  /** Goes to the live edge; nothing where there is none. */
  toLiveEdge(): void;
  /** Distance from the live edge, ms, and the heights of the levels; undefined where that is not known. */
  readonly latencyMs: number | undefined;
  destroy(): void;
}

/** Parts are shared only where there is time for a neighbour to send them, and for a busy machine to be late now and then. */
const LOW_LATENCY_TARGET_SECONDS = 2.7;
const RECOVERIES_MAX = 3;

/** Plays an .m3u8 address on a video element. */
export const playHls = async (start: HlsStart, events: HlsEvents): Promise<HlsRun> => {
  const Library = await loadHls();
  if (!Library.isSupported()) return playNatively(start, events);
  const { video, url, source } = start;
  const plain = Library.DefaultConfig.loader;
  const loaders = source === undefined ? {} : makeLoaders(plain, source, () => aheadMs(video));
  const hls = new Library({
    lowLatencyMode: true,
    backBufferLength: 15,
    maxLiveSyncPlaybackRate: 1.05,
    ...loaders,
  });
  listen(Library, hls, events);
  if (source !== undefined) leaveTimeForNeighbours(Library, hls);
  hls.loadSource(url);
  hls.attachMedia(video);
  const ended = (): void => events.ended();
  video.addEventListener('ended', ended);
  return {
    by: 'hls.js',
    toLiveEdge() {
      const edge = hls.liveSyncPosition;
      if (hls.latestLevelDetails?.live === true && edge !== null && edge > video.currentTime) video.currentTime = edge;
    },
    get latencyMs() {
      return hls.latestLevelDetails?.live === true ? hls.latency * 1000 : undefined;
    },
    destroy() {
      video.removeEventListener('ended', ended);
      hls.destroy();
    },
  };
};

const listen = (Library: HlsLibrary, hls: HlsPlayer, events: HlsEvents): void => {
  let recoveries = 0;
  hls.on(Library.Events.ERROR, (_event, { fatal, type, details }) => {
    const code = type === Library.ErrorTypes.NETWORK_ERROR ? 'origin/unreachable' : 'media/playback-failed';
    if (!fatal) return;
    if (type === Library.ErrorTypes.MEDIA_ERROR && recoveries < RECOVERIES_MAX) {
      recoveries++;
      events.troubled({ code, detail: details });
      hls.recoverMediaError();
    } else events.failed({ code, detail: details });
  });
};

const leaveTimeForNeighbours = (Library: HlsLibrary, hls: HlsPlayer): void => {
  hls.once(Library.Events.LEVEL_LOADED, (_event, { details }) => {
    if (details.live && details.partTarget > 0 && details.partHoldBack < LOW_LATENCY_TARGET_SECONDS) {
      hls.targetLatency = LOW_LATENCY_TARGET_SECONDS;
    }
  });
};

/** How long the player can go on with what it has. */
const aheadMs = (video: HTMLVideoElement): number => {
  const { buffered, currentTime, playbackRate } = video;
  for (let at = 0; at < buffered.length; at++) {
    if (buffered.start(at) > currentTime + 0.3 || buffered.end(at) < currentTime) continue;
    return ((buffered.end(at) - currentTime) * 1000) / Math.max(0.5, playbackRate);
  }
  return 0;
};

const playNatively = ({ video, url }: HlsStart, events: HlsEvents): HlsRun => {
  const failed = (): void =>
    events.failed({ code: 'media/playback-failed', detail: video.error?.message ?? 'native HLS' });
  const ended = (): void => events.ended();
  video.addEventListener('error', failed);
  video.addEventListener('ended', ended);
  video.src = url;
  return {
    by: 'native',
    toLiveEdge() {
      const { seekable } = video;
      if (video.duration === Number.POSITIVE_INFINITY && seekable.length > 0) {
        video.currentTime = seekable.end(seekable.length - 1);
      }
    },
    latencyMs: undefined,
    destroy() {
      video.removeEventListener('error', failed);
      video.removeEventListener('ended', ended);
      video.removeAttribute('src');
      video.load();
    },
  };
};
