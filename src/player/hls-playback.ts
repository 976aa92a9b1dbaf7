/**
 * Playing an .m3u8 address: hls.js on the element, segments from neighbours where they can be shared.
 */
import type { HlsRun } from '../carrier/browser/hls-player.ts';
import { PlayheadWatch } from '../carrier/browser/playhead-watch.ts';
import type { HlsStats, SharingPolicy } from '../carrier/worker-control.ts';
import { ShoalError, severityOf } from '../errors.ts';
import type { NatKind } from '../wire/nat.ts';
import type { HlsSharing } from './hls-sharing.ts';
import type { PlainStart } from './plain-playback.ts';
import type { Playback, PlaybackEvents } from './playback.ts';
import type { PlayerWorld } from './world.ts';

/** What is played, and who shares it. */
export interface HlsPlaybackStart extends PlainStart {
  readonly sharing: HlsSharing;
}

/** The way of playing HLS. */
export class HlsPlayback implements Playback {
  readonly #start: HlsPlaybackStart;
  readonly #events: PlaybackEvents;
  readonly #watch: PlayheadWatch;
  readonly #unlisten: () => void;
  #run: HlsRun | undefined;
  #state: 'playing' | 'paused' | 'destroyed';

  constructor(start: HlsPlaybackStart, play: PlayerWorld['playHls'], events: PlaybackEvents) {
    const { video, url, playing, sharing } = start;
    this.#start = start;
    this.#events = events;
    this.#state = playing ? 'playing' : 'paused';
    this.#watch = new PlayheadWatch(video, {
      report: ({ at, bufferedTo }) => events.buffered((bufferedTo - at) * 1000),
      moving: () => events.moving(),
      stalled: () => events.stalled(),
      resumed: (stalledMs) => events.resumed(stalledMs),
    });
    this.#unlisten = this.#listenToElement(video);
    play(
      { video, url, source: sharing },
      {
        failed: ({ code, detail }) => events.lost(new ShoalError(code, { detail })),
        troubled: ({ code, detail }) =>
          severityOf(code) === 'recoverable' && events.error(new ShoalError(code, { detail })),
        ended: () => events.ended(),
      },
    ).then(
      (run) => this.#runs(run),
      (cause: unknown) => events.lost(new ShoalError('media/playback-failed', { cause })),
    );
  }

  setPlaying(playing: boolean): void {
    if (this.#state === 'destroyed') return;
    const wasPaused = this.#state === 'paused';
    this.#state = playing ? 'playing' : 'paused';
    if (!playing) {
      this.#start.video.pause();
      return;
    }
    // A film goes on where it was.
    if (wasPaused) this.#run?.toLiveEdge();
    this.#play();
  }

  setPolicy(policy: SharingPolicy): void {
    this.#start.sharing.setPolicy(policy);
  }

  setNat(nat: NatKind): void {
    this.#start.sharing.setNat(nat);
  }

  setCredentials(credentials: string): void {
    this.#start.sharing.setCredentials(credentials);
  }

  /** There is no viewer of FLV. */
  stats(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  async hlsStats(): Promise<(HlsStats & { readonly latencyMs: number | undefined }) | undefined> {
    const stats = await this.#start.sharing.stats();
    return stats === undefined ? undefined : { ...stats, latencyMs: this.#run?.latencyMs };
  }

  explain(): Promise<readonly string[]> {
    if (this.#run?.by === 'native') {
      return Promise.resolve([
        'This browser plays HLS itself and gives its segments to no page, so nothing is shared.',
      ]);
    }
    return this.#start.sharing.explain();
  }

  destroy(): void {
    this.#state = 'destroyed';
    this.#watch.stop();
    this.#unlisten();
    this.#run?.destroy();
    this.#start.sharing.destroy();
  }

  #runs(run: HlsRun): void {
    if (this.#state === 'destroyed') {
      run.destroy();
      return;
    }
    this.#run = run;
    if (this.#state === 'playing') this.#play();
  }

  #play(): void {
    this.#start.video.play()?.catch((error: unknown) => {
      const isBlocked = error instanceof DOMException && error.name === 'NotAllowedError';
      if (isBlocked && this.#state === 'playing') this.#events.error(new ShoalError('media/autoplay-blocked'));
    });
  }

  /** Whoever uses the element's own controls pauses and plays too; the end of a film is no pause. */
  #listenToElement(video: HTMLVideoElement): () => void {
    const paused = (): void => {
      if (this.#state === 'playing' && !video.ended && !video.seeking && video.readyState > 0) this.#events.paused();
    };
    const played = (): void => {
      if (this.#state === 'paused') this.#events.played();
    };
    video.addEventListener('pause', paused);
    video.addEventListener('play', played);
    return () => {
      video.removeEventListener('pause', paused);
      video.removeEventListener('play', played);
    };
  }
}
