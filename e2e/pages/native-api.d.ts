import type { NativeSurface, retryingLoader, XNetSurface } from '../../src/native/index.ts';

/** One call of a callback. */
export interface NativeSaid {
  readonly kind: 'event' | 'error';
  readonly code: number;
  readonly message: string;
  readonly id: number;
  readonly atMs: number;
}

/** How a customer's player is made. */
export interface WatchHow {
  readonly element?: number;
  /** `retry` begins anew when a response ends, `loader` has our loader, `worker` has mpegts.js's own worker, `player` is ours. */
  readonly kind?: 'plain' | 'retry' | 'loader' | 'worker' | 'player';
}

/** What was seen of a customer's player. */
export interface Watched {
  painted: number;
  /** Between two painted frames, since it was last set to zero. */
  longestGapMs: number;
  /** Responses that ended, and that broke off. */
  ended: number;
  failed: number;
  /** Players made. */
  opened: number;
  readonly video: HTMLVideoElement;
  destroy: () => void;
}

declare global {
  var native: {
    /** `LoadAndInit` has answered true. */
    loaded: boolean;
    readonly CVbyteP2P: NativeSurface;
    readonly XNet: XNetSurface;
    readonly said: NativeSaid[];
    readonly watched: Watched[];
    create(name?: string): Promise<number>;
    watch(url: string, how?: WatchHow): number;
    colours(seat: number): number;
    readSome(
      url: string,
      bytes: number,
    ): Promise<{
      readonly status: number;
      readonly type: string | null;
      readonly length: number;
      readonly head: readonly number[];
    }>;
  };
  var mpegts: typeof import('mpegts.js').default;
}

export type { retryingLoader };
