/**
 * The page of a tab that plays HLS, with Shoal or with the other library: both on the same hls.js, both watched alike.
 */
import type { HlsConfig } from 'hls.js';

/** What the outside may call besides `watch`. */
export interface Rival {
  /** Plays; resolves with the ms until the first picture was painted. */
  play(url: string, tracker: string): Promise<number>;
  /** What its own events said so far. */
  told(): RivalTold;
  stop(): void;
}

/** Counts from the other library's events. */
export interface RivalTold {
  /** Neighbours it is connected to now. */
  readonly neighbours: number;
  readonly neighbourBytes: number;
  readonly serverBytes: number;
  /** What it complained about: tracker and neighbours. */
  readonly complaints: readonly string[];
}

declare global {
  var rival: Rival;
}

interface Playing {
  loadSource(url: string): void;
  attachMedia(video: HTMLVideoElement): void;
  destroy(): void;
}

interface RivalEngine {
  addEventListener(event: string, listener: (...told: never[]) => void): void;
}

type RivalConfig = Partial<HlsConfig> & {
  readonly p2p: {
    readonly core: Readonly<Record<string, unknown>>;
    onHlsJsCreated(made: { readonly p2pEngine: RivalEngine }): void;
  };
};

const told = { neighbours: 0, neighbourBytes: 0, serverBytes: 0, complaints: [] as string[] };

const listen = (engine: RivalEngine): void => {
  const complain = (what: { readonly error?: unknown; readonly warning?: unknown }): void => {
    told.complaints.push(String(what.error ?? what.warning));
  };
  engine.addEventListener('onPeerConnect', () => told.neighbours++);
  engine.addEventListener('onPeerClose', () => told.neighbours--);
  engine.addEventListener('onChunkDownloaded', (bytes: number, from: 'http' | 'p2p') => {
    told[from === 'p2p' ? 'neighbourBytes' : 'serverBytes'] += bytes;
  });
  for (const event of ['onPeerError', 'onTrackerError', 'onTrackerWarning']) engine.addEventListener(event, complain);
};

let playing: Playing | undefined;

globalThis.rival = {
  async play(url, tracker) {
    const video = document.querySelector('video') as HTMLVideoElement;
    const began = performance.now();
    const painted = new Promise<number>((resolve) => {
      video.requestVideoFrameCallback(() => resolve(performance.now() - began));
    });
    // Files of the packages as they are published; the first one finds the second by the page's import map.
    const [engine, library]: readonly [string, string] = ['/p2p-hls.js', '/hls.mjs'];
    const { HlsJsP2PEngine } = await import(/* @vite-ignore */ engine);
    const { default: Hls } = await import(/* @vite-ignore */ library);
    const WithPeers: new (config: RivalConfig) => Playing = HlsJsP2PEngine.injectMixin(Hls);
    // As its own documentation has it for live streams: everything as it is by itself, and a tracker of one's own.
    const core = { announceTrackers: [tracker], rtcConfig: { iceServers: [] }, swarmId: url };
    const onHlsJsCreated = (made: { readonly p2pEngine: RivalEngine }): void => listen(made.p2pEngine);
    playing = new WithPeers({ lowLatencyMode: false, p2p: { core, onHlsJsCreated } });
    playing.attachMedia(video);
    playing.loadSource(url);
    video.play()?.catch(() => undefined);
    return painted;
  },
  told: () => told,
  stop() {
    playing?.destroy();
  },
};
