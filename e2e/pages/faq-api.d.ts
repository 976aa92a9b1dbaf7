// What the page of the FAQ flows offers to the test that drives it.

import type * as Library from '../../src/p2p-player/index.ts';

/** One thing that happened on the page, in order. */
export interface FaqNote {
  readonly what: string;
  readonly detail: string;
}

/** What a test may say of a session; its callbacks are the page's. */
export type FaqSession = Partial<
  Pick<Library.SessionOptions, 'kind' | 'afterNetworkChange' | 'recover'> & {
    readonly player: Omit<Library.P2PPlayerOptions, 'video' | 'clock'>;
    readonly initParams: object;
  }
>;

declare global {
  var faq: {
    readonly notes: FaqNote[];
    readonly manager: Library.P2PManager<{ url: string }>;
    player: Library.P2PPlayer | undefined;
    session: Library.P2PSession<{ url: string }> | undefined;
    /** Starts the plugin. */
    init(initParams?: object): Promise<number>;
    /** What the documents show for entering a page: player and service in parallel. */
    enter(url: string, options?: FaqSession): void;
    /** What they show for leaving it. */
    leave(): Promise<void>;
    /** Timers that still wait. */
    timers(): number;
    /** Services start only when they are let go. */
    holdServices(): void;
    letServicesGo(): void;
    feedBytes(base64: string, options: FaqSession['player'], answers: 'heed' | 'ignore'): void;
    /** Moves the clock that manager and player wait by. */
    advance(ms: number): void;
    /** Feeds a player of its own from a plain address, without the plugin. */
    feed(url: string, options?: FaqSession['player'], chunkBytes?: number): void;
  };
}
