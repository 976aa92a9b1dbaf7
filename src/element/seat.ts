/**
 * One player at a time on the element's video, and what the element adds to it: sound that the browser refuses is given
 * up before the picture is.
 */
import { type ErrorCode, ShoalError, severityOf } from '../errors.ts';
import { createPlayer } from '../player/create-player.ts';
import type { PlayerEvents } from '../player/events.ts';
import type { Player } from '../player/face.ts';
import type { PlayerOptions } from '../player/options.ts';
import type { PlayerState } from '../player/stats.ts';
import { isTrouble } from './labels.ts';

/** Where an element's life stands: a player's states, and `idle` while it has none. */
export type SeatState = PlayerState | 'idle';

/** Whether there is sound: `muted` by the browser's wish, `blocked` when it wants a click even so. */
export type SoundState = 'as-asked' | 'muted-by-browser' | 'blocked';

/** What a seat says. */
export interface SeatEvents {
  /** Something to look at changed. */
  changed(): void;
  /** An event of the player. */
  said<Name extends keyof PlayerEvents>(name: Name, event: PlayerEvents[Name]): void;
  soundChanged(sound: SoundState): void;
}

const NAMES: readonly (keyof PlayerEvents)[] = [
  'state',
  'started',
  'stalled',
  'resumed',
  'epoch',
  'error',
  'fellBack',
  'natChanged',
  'natError',
  'ended',
];

/** The seat of one element. */
export class Seat {
  readonly #video: HTMLVideoElement;
  readonly #events: SeatEvents;
  #player: Player | undefined;
  #state: SeatState = 'idle';
  #sound: SoundState = 'as-asked';
  #error: ShoalError | undefined;
  #trouble: ShoalError | undefined;
  #hasShown = false;
  #wantsStats = false;

  constructor(video: HTMLVideoElement, events: SeatEvents) {
    this.#video = video;
    this.#events = events;
  }

  get player(): Player | undefined {
    return this.#player;
  }

  get state(): SeatState {
    return this.#state;
  }

  get sound(): SoundState {
    return this.#sound;
  }

  /** Why it failed. */
  get error(): ShoalError | undefined {
    return this.#error;
  }

  /** What went wrong in a start that is still tried. */
  get trouble(): ShoalError | undefined {
    return this.#state === 'starting' ? this.#trouble : undefined;
  }

  /** A picture of this start was seen. */
  get hasShown(): boolean {
    return this.#hasShown;
  }

  /** Starts; the player before ends. Options that cannot be used fail like everything else: by state and event. */
  start(options: PlayerOptions): void {
    this.stop();
    this.#state = 'starting';
    try {
      this.#listen(createPlayer(options));
    } catch (thrown) {
      const error = thrown instanceof ShoalError ? thrown : new ShoalError('options/invalid', { cause: thrown });
      this.#fail(error);
    }
    this.#events.changed();
  }

  /** Ends the player, if there is one. */
  stop(): void {
    const player = this.#player;
    this.#player = undefined;
    player?.destroy();
    this.#state = 'idle';
    this.#error = undefined;
    this.#trouble = undefined;
    this.#hasShown = false;
    this.#setSound('as-asked');
    this.#events.changed();
  }

  /** Plays on: after a pause, or after the browser wanted a click. */
  play(): void {
    if (this.#sound === 'blocked') {
      this.#setSound('as-asked');
      void this.#video.play().catch(() => this.#setSound('blocked'));
      return;
    }
    this.#player?.resume();
  }

  /** The person wants to hear it, which the browser must have seen. */
  unmute(): void {
    this.#video.muted = false;
    if (this.#sound === 'muted-by-browser') this.#setSound('as-asked');
  }

  /** Somebody listens to snapshots, which cost a call to the worker each second. */
  tellStats(): void {
    if (this.#wantsStats) return;
    this.#wantsStats = true;
    this.#player?.on('stats', (stats) => this.#events.said('stats', stats));
  }

  #listen(player: Player): void {
    this.#player = player;
    for (const name of NAMES) player.on(name, (event) => this.#hear(player, name, event));
    if (this.#wantsStats) player.on('stats', (stats) => this.#events.said('stats', stats));
  }

  #hear<Name extends keyof PlayerEvents>(player: Player, name: Name, event: PlayerEvents[Name]): void {
    if (player !== this.#player) return;
    if (name === 'state') this.#state = player.state;
    if (name === 'started') this.#hasShown = true;
    if (event instanceof ShoalError) this.#heed(event);
    this.#events.changed();
    this.#events.said(name, event);
  }

  #heed(error: ShoalError): void {
    if (error.code === 'media/autoplay-blocked') void this.#playMuted();
    if (severityOf(error.code) === 'fatal' || this.#state === 'failed') this.#error = error;
    if (isTrouble(error.code) && !isAdviceHeld(this.#trouble?.code)) this.#trouble = error;
  }

  #fail(error: ShoalError): void {
    this.#state = 'failed';
    this.#error = error;
    this.#events.said('state', { state: 'failed' });
    this.#events.said('error', error);
  }

  async #playMuted(): Promise<void> {
    if (this.#video.muted) {
      this.#setSound('blocked');
      return;
    }
    const player = this.#player;
    this.#video.muted = true;
    try {
      await this.#video.play();
      if (player === this.#player) this.#setSound('muted-by-browser');
    } catch {
      if (player === this.#player) this.#setSound('blocked');
    }
  }

  #setSound(sound: SoundState): void {
    if (sound === this.#sound) return;
    this.#sound = sound;
    this.#events.soundChanged(sound);
    this.#events.changed();
  }
}

/** What a page can change itself is said rather than what follows from it. */
const isAdviceHeld = (code: ErrorCode | undefined): boolean => code?.startsWith('support/') === true;
