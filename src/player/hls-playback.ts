/**
 * Playing an .m3u8 address plainly.
 */
import { PlayheadWatch } from '../carrier/browser/playhead-watch.ts';
import { ShoalError } from '../errors.ts';
import type { PlainStart } from './plain-playback.ts';
import type { Playback, PlaybackEvents } from './playback.ts';
import type { PlayerWorld } from './world.ts';

/** The way of playing HLS. */
export class HlsPlayback implements Playback {
  readonly #video: HTMLVideoElement;
  readonly #events: PlaybackEvents;
  readonly #watch: PlayheadWatch;
  #hls: { destroy(): void } | undefined;
  #state: 'playing' | 'paused' | 'destroyed';

  constructor(start: PlainStart, play: PlayerWorld['playHls'], events: PlaybackEvents) {
    const { video, url, playing } = start;
    this.#video = video;
    this.#events = events;
    this.#state = playing ? 'playing' : 'paused';
    this.#watch = new PlayheadWatch(video, {
      report: ({ at, bufferedTo }) => events.buffered((bufferedTo - at) * 1000),
      moving: () => events.moving(),
      stalled: () => events.stalled(),
      resumed: (stalledMs) => events.resumed(stalledMs),
    });
    play(video, url, ({ code, detail }) => events.lost(new ShoalError(code, { detail }))).then(
      (hls) => {
        if (this.#state === 'destroyed') {
          hls.destroy();
          return;
        }
        this.#hls = hls;
        if (this.#state === 'playing') this.setPlaying(true);
      },
      (cause: unknown) => events.lost(new ShoalError('media/playback-failed', { cause })),
    );
  }

  setPlaying(playing: boolean): void {
    if (this.#state === 'destroyed') return;
    this.#state = playing ? 'playing' : 'paused';
    if (playing) this.#play();
    else this.#video.pause();
  }

  #play(): void {
    this.#video.play()?.catch((error: unknown) => {
      const isBlocked = error instanceof DOMException && error.name === 'NotAllowedError';
      if (isBlocked && this.#state === 'playing') this.#events.error(new ShoalError('media/autoplay-blocked'));
    });
  }

  setPolicy(): void {
    // Nothing is shared, whatever the policy.
  }

  setCredentials(): void {
    // An HLS address carries its own.
  }

  stats(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  explain(): Promise<readonly string[]> {
    return Promise.resolve(['HLS is played plainly; nothing is shared.']);
  }

  destroy(): void {
    this.#state = 'destroyed';
    this.#watch.stop();
    this.#hls?.destroy();
  }
}
