/**
 * A stream without a screen: the bytes of a live stream, shared like any player's, come to the page as one endless FLV.
 */
import { ShoalError } from '../errors.ts';
import type { TakeFlv } from './data-sink.ts';
import type { Player } from './face.ts';
import type { StreamOptions } from './options.ts';
import { ShoalPlayer } from './player.ts';
import { tellWatch } from './player-watch.ts';
import { type DataScreen, dataScreen } from './screen.ts';
import { browserWorld, type PlayerWorld } from './world.ts';

/** Options of `createStream`. */
export interface DataStreamOptions extends StreamOptions {
  /**
   * Takes the FLV: whole tags in order, each buffer the page's own. New runs of the source (its restart, a pause, a hole)
   * are spliced on, so that a reader needs to know nothing of them; `begins` is true only for the first buffer and for the
   * first after `restart`.
   */
  readonly onData: TakeFlv;
}

/** The bytes of a live stream. */
export interface DataStream extends Player {
  /** Begins a whole new FLV, from file header and newest keyframe on: for a reader that comes anew. */
  restart(): void;
}

/**
 * Hands the bytes of a live stream to the page and shares it with its other viewers. Speaks like a player: `started` is the
 * first sample, `ended` the end of the source. Throws `options/invalid`.
 */
export const createStream = (options: DataStreamOptions): DataStream => createStreamIn(browserWorld(), options);

/** `createStream` in a given world. */
export const createStreamIn = (world: PlayerWorld, options: DataStreamOptions): DataStream => {
  if (typeof options !== 'object' || options === null) throw new ShoalError('options/invalid', { detail: 'options' });
  if (typeof options.onData !== 'function') throw new ShoalError('options/invalid', { detail: 'onData' });
  const stream = new ShoalStream(options, world, dataScreen(world, options.onData));
  tellWatch(stream, undefined);
  return stream;
};

class ShoalStream extends ShoalPlayer implements DataStream {
  readonly #data: DataScreen;

  constructor(options: DataStreamOptions, world: PlayerWorld, screen: DataScreen) {
    super(options, world, screen);
    this.#data = screen;
  }

  restart(): void {
    this.#data.beginFile();
    this.rejoin();
  }
}
