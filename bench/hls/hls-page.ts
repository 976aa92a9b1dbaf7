/**
 * The page of a tab that plays HLS, with Shoal or with the other library: both on the same hls.js, both watched alike.
 */
import type { HlsConfig } from 'hls.js';

/** What the outside may call besides `watch`. */
export interface Rival {
  /** Plays; resolves with the ms until the first picture was painted. */
  play(url: string, tracker: string): Promise<number>;
  stop(): void;
}

declare global {
  var rival: Rival;
}

interface Playing {
  loadSource(url: string): void;
  attachMedia(video: HTMLVideoElement): void;
  destroy(): void;
}

type RivalConfig = Partial<HlsConfig> & { readonly p2p: { readonly core: Readonly<Record<string, unknown>> } };

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
    // It shares whole segments only; its own readme has no word on parts.
    const core = { announceTrackers: [tracker], rtcConfig: { iceServers: [] }, swarmId: url };
    playing = new WithPeers({ lowLatencyMode: false, p2p: { core } });
    playing.attachMedia(video);
    playing.loadSource(url);
    video.play()?.catch(() => undefined);
    return painted;
  },
  stop() {
    playing?.destroy();
  },
};
