/**
 * The door of the SDK: one call makes a player, and an element never has two.
 */
import type { PlayerOptions } from './options.ts';
import { type Player, ShoalPlayer } from './player.ts';
import { browserWorld, type PlayerWorld } from './world.ts';

const playerOf = new WeakMap<HTMLVideoElement, Player>();

/**
 * Plays a live stream on a video element and shares it with its other viewers.
 *
 * Starts at once; listen to `started` and `error`. Throws `options/invalid` when an option cannot be used.
 */
export const createPlayer = (options: PlayerOptions): Player => createPlayerIn(browserWorld(), options);

/** `createPlayer` in a given world. */
export const createPlayerIn = (world: PlayerWorld, options: PlayerOptions): Player => {
  const { video } = options;
  const before = typeof video === 'object' && video !== null ? playerOf.get(video) : undefined;
  before?.destroy();
  const player = new ShoalPlayer(options, world);
  playerOf.set(video, player);
  return player;
};
