/**
 * Playing a stream's own address as it is, without sharing: where there is no Shoal, or the browser or the page does
 * not allow what sharing needs. A response that ends is asked for again, ever more slowly.
 */
import type { Run, RunMaker } from '../carrier/browser/mpegts-run.ts';
import { PlayheadWatch } from '../carrier/browser/playhead-watch.ts';
import { ShoalError, severityOf } from '../errors.ts';
import type { Playback, PlaybackEvents } from './playback.ts';

/** What is played and on what. */
export interface PlainStart {
  readonly url: string;
  readonly video: HTMLVideoElement;
  readonly playing: boolean;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;

type State = 'playing' | 'paused' | 'destroyed';

/** The way of playing that does not share. */
export class PlainPlayback implements Playback {
  readonly #start: PlainStart;
  readonly #maker: Promise<RunMaker>;
  readonly #events: PlaybackEvents;
  readonly #watch: PlayheadWatch;
  #url: string;
  #run: Pick<Run, 'destroy'> | undefined;
  #state: State;
  #waitMs = FIRST_WAIT_MS;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(start: PlainStart, maker: Promise<RunMaker>, events: PlaybackEvents) {
    this.#start = start;
    this.#maker = maker;
    this.#events = events;
    this.#url = start.url;
    this.#state = start.playing ? 'playing' : 'paused';
    this.#watch = new PlayheadWatch(start.video, {
      report: ({ at, bufferedTo }) => events.buffered((bufferedTo - at) * 1000),
      moving: () => {
        this.#waitMs = FIRST_WAIT_MS;
        events.moving();
      },
      stalled: () => events.stalled(),
      resumed: (stalledMs) => events.resumed(stalledMs),
    });
    if (start.playing) this.#open();
  }

  /** A live response that was paused is opened anew, which is the live edge. */
  setPlaying(playing: boolean): void {
    if (this.#state === 'destroyed') return;
    this.#state = playing ? 'playing' : 'paused';
    this.#close();
    if (playing) this.#open();
    else this.#start.video.pause();
  }

  setPolicy(): void {
    // Nothing is shared, whatever the policy.
  }

  setCredentials(credentials: string): void {
    const url = new URL(this.#url);
    url.search = credentials;
    this.#url = url.href;
  }

  stats(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  explain(): Promise<readonly string[]> {
    return Promise.resolve(['The stream is played from its own address as it is; nothing is shared.']);
  }

  destroy(): void {
    this.#state = 'destroyed';
    this.#watch.stop();
    this.#close();
  }

  #close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#run?.destroy();
    this.#run = undefined;
  }

  #open(): void {
    this.#maker.then(
      (maker) => {
        if (this.#state === 'playing' && this.#run === undefined) this.#openOn(maker);
      },
      (cause: unknown) => this.#events.lost(new ShoalError('media/playback-failed', { cause })),
    );
  }

  #openOn(maker: RunMaker): void {
    const { video } = this.#start;
    this.#run = maker.openPlain(video, { url: this.#url, ended: () => this.#again() }, ({ code, detail }) => {
      const error = new ShoalError(code, { detail });
      if (severityOf(code) === 'fatal') {
        this.#close();
        this.#events.lost(error);
        return;
      }
      this.#events.error(error);
      this.#again();
    });
    video.play()?.catch((error: unknown) => {
      const isBlocked = error instanceof DOMException && error.name === 'NotAllowedError';
      if (isBlocked && this.#state === 'playing') this.#events.error(new ShoalError('media/autoplay-blocked'));
    });
  }

  #again(): void {
    if (this.#state !== 'playing' || this.#timer !== undefined) return;
    const wait = this.#waitMs;
    this.#waitMs = Math.min(wait * 2, LONGEST_WAIT_MS);
    this.#timer = setTimeout(() => {
      this.#close();
      this.#open();
    }, wait);
  }
}
