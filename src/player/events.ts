/**
 * The events of a player, and the emitter behind `on`. A listener that throws hurts neither the player nor the next
 * listener: its error is reported to the page like any uncaught one.
 */
import type { NatChanged, NatFailed } from '../carrier/browser/nat-probe.ts';
import type { ErrorCode, ShoalError } from '../errors.ts';
import type { PlayerMode, PlayerState, PlayerStats } from './stats.ts';

/** What a player says, by event name. */
export interface PlayerEvents {
  /** The player entered this state. */
  state: { readonly state: PlayerState };
  /** The first picture moves. */
  started: { readonly mode: PlayerMode; readonly startupMs: number };
  /** Playback waits for data. */
  stalled: { readonly atMs: number };
  /** Playback goes on after a stall. */
  resumed: { readonly stalledMs: number };
  /** A snapshot, about once a second while somebody listens. */
  stats: PlayerStats;
  /** The origin began a new cutting of the stream, as after its restart. */
  epoch: { readonly epoch: string };
  /** Something went wrong; `severity` says whether the player goes on. */
  error: ShoalError;
  /** The player gave sharing up for a while (`origin`) or for good (`plain`: the original URL is played as it is). */
  fellBack: {
    readonly to: 'origin' | 'plain';
    readonly reason: ErrorCode | 'stalls';
    readonly url: string;
    /** How long, ms; undefined: for good. */
    readonly forMs: number | undefined;
  };
  /** The NAT is of another kind, or the address outside is another one, as after a change of network. */
  natChanged: NatChanged;
  /** No configured STUN server answers; the player plays on. */
  natError: NatFailed;
  /** The source ended and everything was shown. */
  ended: Record<never, never>;
}

/** Calls listeners by event name. */
export class Emitter<Events> {
  readonly #listeners = new Map<keyof Events, Set<(event: never) => void>>();
  #held: (() => void)[] | undefined;

  /** Keeps what is said in this task until its end: nobody can listen to what is still being made. */
  hold(): void {
    this.#held = [];
    queueMicrotask(() => {
      const held = this.#held ?? [];
      this.#held = undefined;
      for (const say of held) say();
    });
  }

  /** Adds a listener; returns how to remove it. */
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    listeners.add(listener);
    return () => this.off(name, listener);
  }

  off<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): void {
    this.#listeners.get(name)?.delete(listener);
  }

  has(name: keyof Events): boolean {
    return (this.#listeners.get(name)?.size ?? 0) > 0;
  }

  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    if (this.#held !== undefined) {
      this.#held.push(() => this.emit(name, event));
      return;
    }
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      try {
        (listener as (event: Events[Name]) => void)(event);
      } catch (error) {
        reportError(error);
      }
    }
  }

  clear(): void {
    this.#listeners.clear();
  }
}

/** Like an error nobody caught, but after everybody was told. */
export const reportError = (error: unknown): void => {
  setTimeout(() => {
    throw error;
  });
};
