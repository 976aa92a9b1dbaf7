/**
 * The page's end of the media: carries out the worker's orders on a video element and says where it stands. Each run of
 * bytes gets a fresh demuxer, unless it is another epoch of what plays; what fails is reported once and waits for the next
 * run.
 */

import type { Playhead } from '../../viewer/ports.ts';
import type { MediaOrder } from '../media-messages.ts';
import { clampToBuffered, rangesOf } from './buffered-ranges.ts';
import { FlvSeam } from './flv-seam.ts';
import { FlvTimeline } from './flv-timeline.ts';
import type { Run, RunFailure, RunMaker } from './mpegts-run.ts';
import { type MediaReport, PlayheadWatch } from './playhead-watch.ts';

/** What a sink says. */
export interface SinkEvents {
  playhead(playhead: Playhead): void;
  /** The picture moves: for the first time, or again after a pause. */
  moving(): void;
  stalled(): void;
  resumed(stalledMs: number): void;
  /** The last picture was shown. */
  ended(): void;
  failed(failure: RunFailure): void;
  /** The browser wants a click before it plays. */
  blocked(): void;
  /** The viewer pressed pause or play on the element itself. */
  paused(): void;
  played(): void;
}

/** Orders that can be carried out on a sink. */
export type SinkOrder = Exclude<MediaOrder, { readonly kind: 'notice' }>;

type State = 'idle' | 'running' | 'ending' | 'destroyed';

/** A video element fed by orders. */
export class MediaSink {
  readonly #video: HTMLVideoElement;
  readonly #events: SinkEvents;
  readonly #watch: PlayheadWatch;
  readonly #listeners: readonly (readonly [string, () => void])[];
  #maker: RunMaker | undefined;
  /** Orders that came before mpegts.js did. */
  #early: SinkOrder[] = [];
  /** Attached before it is needed, which saves the browser's set-up time at the first run. */
  #prepared: Run | undefined;
  #run: Run | undefined;
  #timeline = new FlvTimeline();
  readonly #seam = new FlvSeam();
  #state: State = 'idle';
  #wantsToPlay: boolean;

  constructor(video: HTMLVideoElement, maker: Promise<RunMaker>, options: { events: SinkEvents; autoplay: boolean }) {
    this.#video = video;
    this.#events = options.events;
    this.#wantsToPlay = options.autoplay;
    this.#watch = new PlayheadWatch(video, {
      report: (report) => this.#report(report),
      moving: () => this.#events.moving(),
      stalled: () => this.#events.stalled(),
      resumed: (stalledMs) => this.#events.resumed(stalledMs),
    });
    this.#listeners = [
      ['seeking', () => this.#keepInBuffer()],
      ['ended', () => this.#events.ended()],
      ['error', () => this.#elementFailed()],
      ['pause', () => this.#elementPaused()],
      ['play', () => this.#elementPlayed()],
    ];
    for (const [type, listener] of this.#listeners) video.addEventListener(type, listener);
    maker.then(
      (loaded) => this.#loaded(loaded),
      (cause: unknown) => this.#fail({ code: 'media/playback-failed', detail: `mpegts.js: ${String(cause)}` }),
    );
  }

  /** Carries out an order. */
  order(order: SinkOrder): void {
    if (this.#state === 'destroyed') return;
    if (this.#maker === undefined) {
      // A new run makes what waits for the old one worthless.
      if (order.kind === 'run') this.#early = [];
      this.#early.push(order);
      return;
    }
    this.#obey(order);
  }

  /** Pauses or plays, as the page wishes; not reported as the viewer's doing. */
  setPlaying(playing: boolean): void {
    this.#wantsToPlay = playing;
    if (playing) {
      this.#watch.restart();
      this.#play();
    } else this.#video.pause();
  }

  /** Frees the element. */
  destroy(): void {
    if (this.#state === 'destroyed') return;
    this.#state = 'destroyed';
    this.#watch.stop();
    for (const [type, listener] of this.#listeners) this.#video.removeEventListener(type, listener);
    this.#prepared?.destroy();
    this.#run?.destroy();
  }

  #loaded(maker: RunMaker): void {
    if (this.#state === 'destroyed') return;
    this.#maker = maker;
    this.#prepared = this.#open(maker);
    for (const order of this.#early.splice(0)) this.#obey(order);
  }

  #obey(order: SinkOrder): void {
    switch (order.kind) {
      case 'run':
        if (order.seam === true && this.#canJoin()) this.#seam.interrupt();
        else this.#startRun();
        return;
      case 'bytes':
        return this.#take(order.flv);
      case 'rate':
        if (this.#video.playbackRate !== order.rate) this.#video.playbackRate = order.rate;
        return;
      case 'seek':
        this.#seek(order.dtsMs);
        return;
      case 'ended':
        if (this.#seam.isJoining) this.#startOther(this.#seam.giveUp());
        this.#state = 'ending';
        this.#run?.end();
    }
  }

  /** Whether what plays can go on with another epoch: somebody who paused, or saw the end, goes on live. */
  #canJoin(): boolean {
    const { paused, ended, error } = this.#video;
    const isPlaying = this.#state === 'running' && this.#run !== undefined && !paused && !ended && error === null;
    return isPlaying && this.#timeline.baseMs !== undefined;
  }

  #take(flv: ArrayBuffer): void {
    const { verdict, buffers } = this.#seam.push(flv);
    if (verdict === 'other-run') return this.#startOther(buffers);
    for (const buffer of buffers) this.#feed(buffer);
  }

  #feed(flv: ArrayBuffer): void {
    this.#timeline.push(flv);
    this.#run?.push(flv);
  }

  #startOther(buffers: readonly ArrayBuffer[]): void {
    this.#startRun();
    for (const buffer of buffers) this.#take(buffer);
  }

  #startRun(): void {
    if (this.#maker === undefined) return;
    this.#run?.destroy();
    this.#run = this.#prepared ?? this.#open(this.#maker);
    this.#prepared = undefined;
    this.#timeline = new FlvTimeline();
    this.#seam.begin();
    this.#state = 'running';
    if (this.#wantsToPlay) this.#play();
  }

  #open(maker: RunMaker): Run {
    const run = maker.open(this.#video, (failure) => {
      if (run === this.#run || run === this.#prepared) this.#fail(failure);
    });
    return run;
  }

  #play(): void {
    this.#video.play()?.catch((error: unknown) => {
      const isBlocked = error instanceof DOMException && error.name === 'NotAllowedError';
      if (!isBlocked || this.#state === 'destroyed') return;
      this.#wantsToPlay = false;
      this.#events.blocked();
    });
  }

  #fail(failure: RunFailure): void {
    if (this.#state === 'destroyed') return;
    this.#run?.destroy();
    this.#run = undefined;
    this.#seam.giveUp();
    this.#prepared?.destroy();
    this.#prepared = undefined;
    this.#events.failed(failure);
  }

  /** Media time zero on the scale of the present epoch; unknown until it is clear whether that goes on with what plays. */
  get #baseMs(): number | undefined {
    const { baseMs } = this.#timeline;
    return baseMs === undefined || this.#seam.isJoining ? undefined : baseMs - this.#seam.offsetMs;
  }

  #report(report: MediaReport): void {
    const base = this.#baseMs;
    if (base === undefined || this.#run === undefined) return;
    const { at, bufferedTo, playing, stalled } = report;
    this.#events.playhead({ shownMs: base + at * 1000, bufferedMs: base + bufferedTo * 1000, playing, stalled });
  }

  #seek(dtsMs: number): void {
    const base = this.#baseMs;
    if (base === undefined) return;
    const target = clampToBuffered(rangesOf(this.#video.buffered), (dtsMs - base) / 1000);
    if (target !== undefined) this.#video.currentTime = target;
  }

  /** A seek outside the buffer would make mpegts.js throw the buffer away. */
  #keepInBuffer(): void {
    if (this.#run === undefined) return;
    const at = this.#video.currentTime;
    const target = clampToBuffered(rangesOf(this.#video.buffered), at);
    if (target !== undefined && Math.abs(target - at) > 0.01) this.#video.currentTime = target;
  }

  #elementFailed(): void {
    const { error } = this.#video;
    if (this.#run === undefined || error === null) return;
    this.#fail({ code: 'media/playback-failed', detail: `media error ${error.code} ${error.message}` });
  }

  /** Changing runs pauses the element too, but by the time the event comes it plays again. */
  #elementPaused(): void {
    if (!this.#video.paused || this.#run === undefined || !this.#wantsToPlay || this.#video.ended) return;
    // A hidden page's muted video is paused by the browser, not by the viewer; it goes on when it is seen again.
    if (document.visibilityState === 'hidden') return;
    this.#wantsToPlay = false;
    this.#events.paused();
  }

  #elementPlayed(): void {
    if (this.#video.paused || this.#wantsToPlay) return;
    this.#wantsToPlay = true;
    this.#events.played();
  }
}
