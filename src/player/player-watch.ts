/**
 * The one hook for tests: where a page has put a watcher under `Symbol.for('shoal.swarm-test')` before it made a player,
 * the watcher hears of it. It gets what the page itself got and nothing more; without one, as on every page that is not
 * tested, nothing happens.
 */
import type { Player } from './face.ts';

/** Whoever wants to hear of players. */
export interface PlayerWatch {
  /** `video` is undefined for a stream without a screen. */
  playerMade(player: Player, video: HTMLVideoElement | undefined): void;
}

/** Tells the watcher, if there is one. */
export const tellWatch = (player: Player, video: HTMLVideoElement | undefined): void => {
  const watch = (globalThis as unknown as Record<symbol, Partial<PlayerWatch> | undefined>)[WATCH];
  if (typeof watch?.playerMade === 'function') watch.playerMade(player, video);
};

const WATCH = Symbol.for('shoal.swarm-test');
