/**
 * mpegts.js behind one door: a run is a fresh demuxer and MediaSource fed with whole FLV tags. Its own chasing of the
 * live edge stays off, since in a mesh the end of the buffer is not the live edge. This is the one file that knows it;
 * it is loaded when the first player needs it.
 */
import type Mpegts from 'mpegts.js';

/** Why a run came to nothing. */
export interface RunFailure {
  readonly code: 'media/playback-failed' | 'media/unsupported-codec' | 'origin/unreachable';
  readonly detail: string;
}

/** One demuxer attached to a media element. */
export interface Run {
  /** Hands in whole tags; the first buffer begins with an FLV header. The buffer is not to be used afterwards. */
  push(flv: ArrayBuffer): void;
  /** Nothing follows. */
  end(): void;
  destroy(): void;
}

/** How a plain stream is opened. */
export interface PlainStream {
  readonly url: string;
  /** The response ended. */
  ended(): void;
}

/** Makes runs. */
export interface RunMaker {
  open(video: HTMLVideoElement, failed: (failure: RunFailure) => void): Run;
  /** Plays an FLV address as it is, without us in between. */
  openPlain(video: HTMLVideoElement, stream: PlainStream, failed: (failure: RunFailure) => void): Pick<Run, 'destroy'>;
}

/** Loads mpegts.js once. */
export const loadRuns = async (): Promise<RunMaker> => {
  const { default: mpegts } = await import('mpegts.js');
  mpegts.LoggingControl.applyConfig(QUIET);
  return {
    open: (video, failed) => openRun(mpegts, video, failed),
    openPlain: (video, stream, failed) => openPlain(mpegts, video, { stream, failed }),
  };
};

type Library = typeof Mpegts;

const QUIET = {
  enableDebug: false,
  enableVerbose: false,
  enableInfo: false,
  enableWarn: false,
  enableError: false,
};

const CONFIG = {
  isLive: true,
  enableWorker: false,
  enableStashBuffer: false,
  lazyLoad: false,
  deferLoadAfterSourceOpen: false,
  liveBufferLatencyChasing: false,
  liveSync: false,
  autoCleanupSourceBuffer: true,
  autoCleanupMaxBackwardDuration: 15,
  autoCleanupMinBackwardDuration: 8,
  statisticsInfoReportInterval: 10_000,
} as const;

/** What a loader of ours does for its run. */
interface Feed {
  push(flv: ArrayBuffer): void;
  end(): void;
}

const openRun = (mpegts: Library, video: HTMLVideoElement, failed: (failure: RunFailure) => void): Run => {
  let feed: Feed | undefined;
  let state: 'open' | 'destroyed' = 'open';
  const waiting: ArrayBuffer[] = [];
  const fail = (failure: RunFailure): void => {
    if (state === 'open') failed(failure);
  };
  const loader = loaderClass(mpegts, {
    opened(opened) {
      feed = opened;
      for (const flv of waiting.splice(0)) opened.push(flv);
    },
    // mpegts.js gives its source up only when the browser's buffer is full.
    abandoned: () => fail({ code: 'media/playback-failed', detail: 'buffer full' }),
  });
  const player = mpegts.createPlayer(
    { type: 'flv', isLive: true, url: 'shoal:run' },
    { ...CONFIG, customLoader: loader },
  );
  watchErrors(mpegts, player, fail);
  player.attachMediaElement(video);
  player.load();
  return {
    push(flv) {
      if (feed === undefined) waiting.push(flv);
      else feed.push(flv);
    },
    end: () => feed?.end(),
    destroy() {
      if (state === 'destroyed') return;
      state = 'destroyed';
      feed = undefined;
      player.destroy();
    },
  };
};

const openPlain = (
  mpegts: Library,
  video: HTMLVideoElement,
  how: { readonly stream: PlainStream; readonly failed: (failure: RunFailure) => void },
): Pick<Run, 'destroy'> => {
  let state: 'open' | 'destroyed' = 'open';
  const player = mpegts.createPlayer(
    { type: 'flv', isLive: true, url: how.stream.url },
    { ...CONFIG, liveSync: true, liveSyncMaxLatency: 3, liveSyncTargetLatency: 1, liveSyncPlaybackRate: 1.1 },
  );
  watchErrors(mpegts, player, (failure) => {
    if (state === 'open') how.failed(failure);
  });
  player.on(mpegts.Events.LOADING_COMPLETE, () => {
    if (state === 'open') how.stream.ended();
  });
  player.attachMediaElement(video);
  player.load();
  return {
    destroy() {
      if (state === 'destroyed') return;
      state = 'destroyed';
      player.destroy();
    },
  };
};

/** MediaSource's code for a type it does not take. */
const NOT_SUPPORTED = 9;

const watchErrors = (mpegts: Library, player: Mpegts.Player, failed: (failure: RunFailure) => void): void => {
  player.on(mpegts.Events.ERROR, (kind: unknown, detail: unknown, info: unknown) => {
    const { code, msg } = (info ?? {}) as { readonly code?: unknown; readonly msg?: unknown };
    const text = `${String(detail)}: ${String(msg)}`;
    const isCodec = detail === mpegts.ErrorDetails.MEDIA_CODEC_UNSUPPORTED || code === NOT_SUPPORTED;
    if (kind === mpegts.ErrorTypes.NETWORK_ERROR) failed({ code: 'origin/unreachable', detail: text });
    else failed({ code: isCodec ? 'media/unsupported-codec' : 'media/playback-failed', detail: text });
  });
};

interface LoaderEvents {
  opened(feed: Feed): void;
  abandoned(): void;
}

/** mpegts.js makes its loader itself, so each run has a class of its own that knows its run. */
const loaderClass = (mpegts: Library, events: LoaderEvents) => {
  const { kBuffering, kComplete } = mpegts.LoaderStatus;
  return class extends mpegts.BaseLoader {
    #received = 0;

    constructor() {
      super('shoal');
      this._needStash = false;
    }

    override open(): void {
      this._status = kBuffering;
      events.opened({
        push: (flv) => {
          if (this._status !== kBuffering) return;
          const start = this.#received;
          this.#received += flv.byteLength;
          this.onDataArrival(flv, start, this.#received);
        },
        end: () => {
          if (this._status !== kBuffering) return;
          this._status = kComplete;
          this.onComplete(0, this.#received - 1);
        },
      });
    }

    override abort(): void {
      this._status = kComplete;
      events.abandoned();
    }

    override destroy(): void {
      this._status = kComplete;
      super.destroy();
    }
  };
};
