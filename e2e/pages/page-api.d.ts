// What the test page offers to the test that drives it.

import type * as Library from '../../src/index.ts';
import type { Seat } from '../../src/swarm-test/agent.ts';

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

declare global {
  var Shoal: typeof Library &
    typeof import('../../src/p2p-player/index.ts') &
    typeof import('../../src/recorder/index.ts') &
    typeof import('../../src/device/index.ts') & { readonly native: typeof import('../../src/native/index.ts') };
  var stage: {
    seatOf(seat: number): Seat;
    play(options: PlayOptions, element?: number): number;
    pictures(seat: number, count: number): Promise<Picture[]>;
  };
}
