/**
 * One pull: from the moment the player asks for a stream until it has enough. It feeds a demuxer no faster than it plays,
 * keeps a live picture near its source, and notices when nothing comes, nothing can be decoded, or the element is taken
 * away.
 */
import { playableUntil, rangesOf } from '../carrier/browser/buffered-ranges.ts';
import type { Run, RunMaker } from '../carrier/browser/mpegts-run.ts';
import { type MediaReport, PlayheadWatch } from '../carrier/browser/playhead-watch.ts';
import type { ParsedP2PPlayerOptions } from './options.ts';
import type { PullFault } from './state-codes.ts';
import type { TagQueue } from './tag-queue.ts';

/** What a pull says. */
export interface PullEvents {
  connected(): void;
  moving(): void;
  stalled(): void;
  ended(): void;
  broke(fault: PullFault, detail: string): void;
  /** Something that waited was taken. */
  room(): void;
  /** A fresh demuxer has taken the element: browsers stop it then, and it was playing. */
  stopped(): void;
}

/** More than this many seconds ahead are not decoded yet. */
const AHEAD_MAX_SECONDS = 10;
/** A live picture this far behind is not caught up with by playing faster. */
const SEEK_BEHIND_SECONDS = 4;
const CATCH_UP_RATE = 1.1;

/** One pull. */
export class Pull {
  readonly #options: ParsedP2PPlayerOptions;
  readonly #maker: RunMaker;
  readonly #queue: TagQueue;
  readonly #events: PullEvents;
  readonly #watch: PlayheadWatch;
  readonly #emptied = (): void => this.#elementEmptied();
  readonly #shown = (): void => this.#elementEnded();
  #run: Run;
  #source: string;
  /** `too-late`: something was left out, so what waits is for another demuxer. */
  #fed: 'nothing' | 'some' | 'too-late' | 'all' = 'nothing';
  #fedBytes = 0;
  readonly #tasks = new MessageChannel();
  #planned = false;
  #isLast = false;
  #timer: unknown;
  #state: 'open' | 'closed' = 'open';

  constructor(options: ParsedP2PPlayerOptions, maker: RunMaker, queue: TagQueue, events: PullEvents) {
    this.#options = options;
    this.#maker = maker;
    this.#queue = queue;
    this.#events = events;
    const { video } = options;
    this.#tasks.port1.onmessage = () => this.#feed();
    this.#run = this.#open();
    this.#source = sourceOf(video);
    this.#watch = new PlayheadWatch(video, {
      report: (report) => this.#report(report),
      moving: () => events.moving(),
      stalled: () => events.stalled(),
      resumed: () => events.moving(),
    });
    video.addEventListener('emptied', this.#emptied);
    video.addEventListener('ended', this.#shown);
    this.#waitForData();
  }

  /**
   * Data came: whatever of it has room is played, in a task of its own. mpegts.js goes on working after the task in which
   * it got data, and does not survive its end before that.
   */
  pump(): void {
    if (this.#state === 'closed' || this.#fed === 'all') return;
    if (this.#queue.bytes > this.#options.queueBytes) this.#overflow();
    if (this.#planned) return;
    this.#planned = true;
    this.#tasks.port2.postMessage(undefined);
  }

  /** Data came, whether or not it has room: the source lives. */
  heard(): void {
    if (this.#state === 'open') this.#waitForData();
  }

  /** A new file begins, or something was left out: what waits is for a fresh demuxer. */
  renew(): void {
    if (this.#fed === 'some') this.#fed = 'too-late';
  }

  /** Nothing follows; what waits is still shown. */
  finish(): void {
    this.#isLast = true;
    this.#options.clock.clearTimeout(this.#timer);
    this.pump();
  }

  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    const { video, clock } = this.#options;
    clock.clearTimeout(this.#timer);
    this.#watch.stop();
    video.removeEventListener('emptied', this.#emptied);
    video.removeEventListener('ended', this.#shown);
    this.#tasks.port1.close();
    this.#run.destroy();
  }

  #feed(): void {
    this.#planned = false;
    if (this.#state === 'closed' || this.#fed === 'all') return;
    if (this.#fed === 'too-late') this.#openAgain();
    const isFirst = this.#fed === 'nothing';
    const flv = this.#hasRoom() ? (isFirst ? this.#queue.takeFirst() : this.#queue.take()) : undefined;
    if (flv !== undefined) {
      this.#fed = 'some';
      this.#fedBytes += flv.byteLength;
      // Whoever hears this may have had enough.
      if (isFirst) this.#events.connected();
      this.#events.room();
      if (this.#state === 'open') this.#run.push(flv);
    }
    if (this.#isLast && this.#state === 'open') this.#endWhenFed();
  }

  #endWhenFed(): void {
    if (this.#fed === 'nothing') {
      this.#fed = 'all';
      this.#events.ended();
    } else if (this.#queue.bytes === 0) {
      this.#fed = 'all';
      this.#run.end();
    }
  }

  #openAgain(): void {
    const wasPlaying = !this.#options.video.paused;
    this.#run.destroy();
    this.#run = this.#open();
    if (wasPlaying) this.#events.stopped();
    this.#source = sourceOf(this.#options.video);
    this.#fed = 'nothing';
    this.#fedBytes = 0;
  }

  #open(): Run {
    const run = this.#maker.open(this.#options.video, ({ detail }) => {
      if (run === this.#run) this.#break(-1016, detail);
    });
    return run;
  }

  #hasRoom(): boolean {
    const { video, queueBytes } = this.#options;
    // Before the element knows what it plays, bytes are all there is to count.
    if (video.readyState === 0) return this.#fedBytes < queueBytes;
    return playableUntil(rangesOf(video.buffered), video.currentTime) - video.currentTime < AHEAD_MAX_SECONDS;
  }

  /** Live: go on at the newest keyframe. A recording has nothing that could be left out. */
  #overflow(): void {
    if (this.#options.scene === 'playback') {
      this.#break(-1016, 'more data than may wait');
      return;
    }
    this.#queue.skip();
    this.renew();
  }

  #report(report: MediaReport): void {
    this.pump();
    if (this.#options.scene === 'playback' || !report.playing) return;
    const { video, minCache, maxCache } = this.#options;
    const ahead = report.bufferedTo - report.at;
    if (ahead > maxCache + SEEK_BEHIND_SECONDS) video.currentTime = report.bufferedTo - minCache;
    const rate = ahead > maxCache ? CATCH_UP_RATE : ahead < (minCache + maxCache) / 2 ? 1 : video.playbackRate;
    if (video.playbackRate !== rate) video.playbackRate = rate;
  }

  #waitForData(): void {
    const { clock, dataTimeoutMs } = this.#options;
    clock.clearTimeout(this.#timer);
    if (this.#isLast) return;
    this.#timer = clock.setTimeout(() => this.#break(-1001, `${dataTimeoutMs} ms`), dataTimeoutMs);
  }

  /** Somebody else, or the browser, put something else on the element. */
  #elementEmptied(): void {
    if (sourceOf(this.#options.video) !== this.#source) this.#break(-1004, 'the element plays something else');
  }

  #elementEnded(): void {
    if (this.#fed === 'all') this.#events.ended();
  }

  #break(fault: PullFault, detail: string): void {
    if (this.#state === 'open') this.#events.broke(fault, detail);
  }
}

/** What an element plays, whichever way it was told. */
const sourceOf = (video: HTMLVideoElement): string => (video.srcObject === null ? video.src : 'object');
