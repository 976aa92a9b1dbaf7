/**
 * The door of the SDK: one call makes a player, and an element never has two.
 */

import type { Player } from './face.ts';
import { type PlayerOptions, parseVideo } from './options.ts';
import { ShoalPlayer } from './player.ts';
import { tellWatch } from './player-watch.ts';
import { videoScreen } from './screen.ts';
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
  const video = parseVideo(options);
  const before = playerOf.get(video);
  before?.destroy();
  const player = new ShoalPlayer(options, world, videoScreen(world, video));
  playerOf.set(video, player);
  tellWatch(player, video);
  return player;
};
