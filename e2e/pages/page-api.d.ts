// What the test page offers to the test that drives it.

import type * as Library from '../../src/index.ts';

/** One thing a player said. */
export interface Said {
  readonly name: 'state' | 'started' | 'stalled' | 'resumed' | 'epoch' | 'error' | 'fellBack' | 'ended';
  readonly atMs: number;
  readonly event: Readonly<Record<string, unknown>>;
}

/** What was painted on one element. */
export interface FrameLog {
  painted: number;
  /** Pauses of more than 250 ms between two painted frames, for want of data. */
  stalls: { readonly atMs: number; readonly gapMs: number }[];
  lastAtMs: number | undefined;
  mediaTime: number;
}

/** A frame as read back: mean colour, how many different colours, and a hash of all. */
export interface Picture {
  readonly red: number;
  readonly green: number;
  readonly blue: number;
  readonly colours: number;
  readonly hash: number;
}

/** Options a test can send into a page. */
export type PlayOptions = Omit<Library.PlayerOptions, 'video' | 'consent' | 'tokenProvider' | 'debug'>;

/** One player on one element. */
export interface Seat {
  readonly player: Library.Player;
  readonly video: HTMLVideoElement;
  readonly said: Said[];
  readonly frames: FrameLog;
}

declare global {
  var Shoal: typeof Library;
  var stage: {
    readonly seats: readonly Seat[];
    seatOf(seat: number): Seat;
    play(options: PlayOptions, element?: number): number;
    pictures(seat: number, count: number): Promise<Picture[]>;
  };
}
