/**
 * `shoal/p2p-player`: plays FLV that the page hands in, and keeps player and plugin together.
 */
import type { P2PPlayerOptions } from './options.ts';
import { P2PManager, type P2PManagerOptions } from './p2p-manager.ts';
import { P2PPlayer } from './p2p-player.ts';

/** The remote control of a player. */
export type { CallOptions, LivePlayerContext, Snapshot } from './live-player-context.ts';
export type { P2PPlayerOptions, PlayerClock } from './options.ts';
/** The manager, its sessions, and the plugin as they see it. */
export type { NetworkWatch, P2PManager, P2PManagerOptions } from './p2p-manager.ts';
export type { MessageCallback, PluginCalls, Refused } from './p2p-module.ts';
/** The player and what it says. */
export type { CloseCode, P2PPlayer, P2PPlayerEvents, P2PPlayerState, P2PPlayerStats } from './p2p-player.ts';
export type { LeaveReason, P2PSession, SessionOptions, SessionState } from './p2p-session.ts';
/** The codes of `statechange`. */
export { PULL_FAULTS, type PullFault, STATE_CODES, type StateCode, type StateRow } from './state-codes.ts';

/** Makes a player on a video element. Throws `options/invalid`. */
export const createP2PPlayer = (options: P2PPlayerOptions): P2PPlayer => new P2PPlayer(options);

/** Makes a manager of the flows around plugin and player. */
export const createP2PManager = <StreamInfo = object, InitArgument = object>(
  options: P2PManagerOptions<StreamInfo, InitArgument>,
): P2PManager<StreamInfo, InitArgument> => new P2PManager(options);
