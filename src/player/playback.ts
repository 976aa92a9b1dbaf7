/**
 * A way to play a stream. A player has one at a time and changes it when one comes to nothing.
 */
import type { HlsStats, SharingPolicy, ViewerNotice, ViewerStats } from '../carrier/worker-control.ts';
import type { ShoalError } from '../errors.ts';
import type { NatKind } from '../wire/nat.ts';

/** What every way of playing can do. */
export interface Playback {
  /** Pauses, or plays on at the live edge. */
  setPlaying(playing: boolean): void;
  setPolicy(policy: SharingPolicy): void;
  setCredentials(credentials: string): void;
  /** What kind of NAT the page is behind, for ways of playing that have neighbours. */
  setNat?(nat: NatKind): void;
  /** The viewer's snapshot, where there is a viewer. */
  stats(): Promise<ViewerStats | undefined>;
  /** What is shared of HLS, where that is what is played. */
  hlsStats?(): Promise<(HlsStats & { readonly latencyMs: number | undefined }) | undefined>;
  explain(): Promise<readonly string[]>;
  /** Lets go of the element and of everything open, at once. */
  destroy(): void;
}

/** What a playback reports. */
export interface PlaybackEvents {
  /** The picture moves: at the start, or after a pause. */
  moving(): void;
  stalled(): void;
  resumed(stalledMs: number): void;
  ended(): void;
  /** How much is buffered ahead, a few times a second. */
  buffered(aheadMs: number): void;
  /** The viewer paused or played by the element's own controls. */
  paused(): void;
  played(): void;
  notice(notice: ViewerNotice): void;
  /** Something went wrong and is worked around. */
  error(error: ShoalError): void;
  /** This way of playing has come to an end. */
  lost(error: ShoalError): void;
}
