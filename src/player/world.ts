/**
 * What a player takes from the browser, in one place, so that tests can hand in another one.
 */

import { playHls } from '../carrier/browser/hls-player.ts';
import { MediaSink, type SinkEvents, type SinkOrder } from '../carrier/browser/media-sink.ts';
import { loadRuns, type RunMaker } from '../carrier/browser/mpegts-run.ts';
import { watchNat } from '../carrier/browser/nat-probe.ts';
import { isLineMetered, type PageEvents, watchPage } from '../carrier/browser/page-life.ts';
import { type PolicyLack, watchPolicy } from '../carrier/browser/policy-watch.ts';
import { loadSettings, type Settings, saveSettings } from '../carrier/browser/settings.ts';
import { createBrowserPeer } from '../carrier/browser/simple-peer.ts';
import { detectSupport, type Support } from '../carrier/browser/support.ts';
import type { WorkerFace } from '../carrier/browser/worker-host.ts';
import { startWorker, warmWorker } from '../carrier/browser/worker-text.ts';
import type { CreatePeer } from '../carrier/peer-dial.ts';

/** A video element fed by orders. */
export interface SinkFace {
  order(order: SinkOrder): void;
  setPlaying(playing: boolean): void;
  destroy(): void;
}

/** The browser, as a player sees it. */
export interface PlayerWorld {
  readonly support: Support;
  readonly baseUrl: string;
  readonly locks: Pick<LockManager, 'request'> | undefined;
  readonly fetch: typeof fetch;
  readonly createPeer: CreatePeer<RTCDataChannel>;
  readonly playHls: typeof playHls;
  startWorker(): WorkerFace;
  /** A worker is about to be asked for. */
  warmWorker(): void;
  loadRuns(): Promise<RunMaker>;
  createSink(
    video: HTMLVideoElement,
    maker: Promise<RunMaker>,
    options: { readonly events: SinkEvents; readonly autoplay: boolean },
  ): SinkFace;
  loadSettings(): Promise<Settings>;
  saveSettings(change: Partial<Settings>): Promise<void>;
  isLineMetered(): boolean;
  isHidden(): boolean;
  watchPage(events: PageEvents): () => void;
  readonly watchNat: typeof watchNat;
  /** Hears what the page's policy forbids. */
  watchPolicy(heard: (lack: PolicyLack) => void): () => void;
  /** Seed of a viewer's dice. */
  seed(): number;
  now(): number;
}

/** The real one. */
export const browserWorld = (): PlayerWorld => ({
  support: detectSupport(),
  baseUrl: document.baseURI,
  locks: navigator.locks,
  fetch: (input, init) => fetch(input, init),
  createPeer: createBrowserPeer,
  playHls,
  startWorker,
  warmWorker,
  loadRuns,
  createSink: (video, maker, options) => new MediaSink(video, maker, options),
  loadSettings,
  saveSettings,
  isLineMetered,
  isHidden: () => document.visibilityState === 'hidden',
  watchPage,
  watchNat,
  watchPolicy: (heard) => watchPolicy(document, heard),
  seed: () => crypto.getRandomValues(new Uint32Array(1))[0] ?? 0,
  now: () => performance.now(),
});
