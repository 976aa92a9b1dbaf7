/**
 * Watches a media element: reports where it stands four times a second and at once when it starts to wait or goes on,
 * jumps over holes in its buffer, and nudges it when it stands still although it has data.
 */
import { jumpTarget, playableUntil, rangesOf } from './buffered-ranges.ts';

/** The part of a media element that is used. */
export interface MediaFace {
  currentTime: number;
  readonly paused: boolean;
  readonly ended: boolean;
  readonly seeking: boolean;
  readonly readyState: number;
  readonly buffered: TimeRanges;
  addEventListener(type: string, listener: () => void): void;
  removeEventListener(type: string, listener: () => void): void;
}

/** One look at the element, seconds on its own timeline. */
export interface MediaReport {
  readonly at: number;
  readonly bufferedTo: number;
  readonly playing: boolean;
  readonly stalled: boolean;
}

/** What is noticed. */
export interface PlayheadEvents {
  report(report: MediaReport): void;
  /** Time moves: for the first time, or again after a pause. */
  moving(): void;
  stalled(): void;
  resumed(stalledMs: number): void;
}

const LOOK_EVERY_MS = 250;
/** Standing still for this long with data ahead means a stuck decoder. */
const STUCK_MS = 1000;
const NUDGE_SECONDS = 0.05;
const HAVE_FUTURE_DATA = 3;
const WATCHED = ['waiting', 'pause', 'play', 'progress'] as const;

type State = 'waiting-to-start' | 'playing' | 'stalled';

/** Watches from its making until `stop`. */
export class PlayheadWatch {
  readonly #media: MediaFace;
  readonly #events: PlayheadEvents;
  readonly #now: () => number;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #look = (): void => this.look();
  /** The element says so before its time has moved. */
  readonly #plays = (): void => {
    if (!this.#media.paused) this.#onMoved(this.#now());
    this.look();
  };
  #state: State = 'waiting-to-start';
  #lastAt: number;
  #movedMs: number;
  #stalledMs = 0;

  constructor(media: MediaFace, events: PlayheadEvents, now: () => number = () => performance.now()) {
    this.#media = media;
    this.#events = events;
    this.#now = now;
    this.#lastAt = media.currentTime;
    this.#movedMs = now();
    this.#timer = setInterval(this.#look, LOOK_EVERY_MS);
    for (const type of WATCHED) media.addEventListener(type, this.#look);
    media.addEventListener('playing', this.#plays);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#media.removeEventListener('playing', this.#plays);
    for (const type of WATCHED) this.#media.removeEventListener(type, this.#look);
  }

  /** Playback was asked for: the next motion is news. */
  restart(): void {
    this.#rest(this.#now());
  }

  /** Looks now. */
  look(): void {
    const media = this.#media;
    const now = this.#now();
    const ranges = rangesOf(media.buffered);
    const at = media.currentTime;
    // A fresh run starts at zero again, which is no progress.
    const moved = at > this.#lastAt && !media.seeking;
    if (at !== this.#lastAt) this.#movedMs = now;
    this.#lastAt = at;
    const bufferedTo = playableUntil(ranges, at);
    const wantsToPlay = !media.paused && !media.ended;
    if (moved && wantsToPlay) this.#onMoved(now);
    else if (wantsToPlay && this.#isDry(now)) this.#onDry(now);
    if (!wantsToPlay) this.#rest(now);
    const playing = wantsToPlay && this.#state === 'playing';
    this.#events.report({ at, bufferedTo, playing, stalled: wantsToPlay && this.#state === 'stalled' });
    if (wantsToPlay && !moved && !media.seeking) this.#getGoing({ at, bufferedTo, now, ranges });
  }

  #isDry(now: number): boolean {
    return this.#media.readyState < HAVE_FUTURE_DATA && now - this.#movedMs >= LOOK_EVERY_MS;
  }

  #rest(now: number): void {
    this.#movedMs = now;
    this.#state = 'waiting-to-start';
  }

  #onMoved(now: number): void {
    const before = this.#state;
    this.#state = 'playing';
    if (before === 'waiting-to-start') this.#events.moving();
    if (before === 'stalled') this.#events.resumed(now - this.#stalledMs);
  }

  #onDry(now: number): void {
    if (this.#state !== 'playing') return;
    this.#state = 'stalled';
    this.#stalledMs = now - LOOK_EVERY_MS;
    this.#events.stalled();
  }

  #getGoing(here: {
    readonly at: number;
    readonly bufferedTo: number;
    readonly now: number;
    readonly ranges: ReturnType<typeof rangesOf>;
  }): void {
    const isStuck = here.now - this.#movedMs >= STUCK_MS;
    const target = this.#media.readyState < HAVE_FUTURE_DATA || isStuck ? jumpTarget(here.ranges, here.at) : undefined;
    if (target !== undefined) this.#media.currentTime = target;
    else if (isStuck && here.bufferedTo - here.at > 4 * NUDGE_SECONDS) {
      this.#movedMs = here.now;
      this.#media.currentTime = here.at + NUDGE_SECONDS;
    }
  }
}
