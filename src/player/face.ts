/**
 * The face of a player: what a page may ask of a live stream that plays.
 */
import type { Log } from '../log/log.ts';
import type { PlayerEvents } from './events.ts';
import type { Credentials, Sharing } from './options.ts';
import type { PlayerMode, PlayerState, PlayerStats } from './stats.ts';

/** A live stream that plays: on a video element, or as bytes. */
export interface Player {
  readonly state: PlayerState;
  readonly mode: PlayerMode;
  /** What happened, without secrets. */
  readonly log: Log;
  /** Listens to an event; returns how to stop listening. */
  on<Name extends keyof PlayerEvents>(name: Name, listener: (event: PlayerEvents[Name]) => void): () => void;
  off<Name extends keyof PlayerEvents>(name: Name, listener: (event: PlayerEvents[Name]) => void): void;
  /** A snapshot of this moment. */
  stats(): Promise<PlayerStats>;
  /** Why sharing is as it is, in words, most important first. */
  explain(): Promise<readonly string[]>;
  pause(): void;
  /** Plays on at the live edge. */
  resume(): void;
  /** Changes sharing at once; `remember` keeps it for this site in this browser. */
  setSharing(sharing: Sharing, options?: { readonly remember?: boolean }): void;
  /** Kilobits a second; undefined for no cap. */
  setUploadCap(kbps: number | undefined): void;
  /** Hands in new credentials in mid-play. */
  renew(credentials: Credentials): void;
  /** Ends everything at once; safe to call twice and in the middle of a start. */
  destroy(): void;
}
