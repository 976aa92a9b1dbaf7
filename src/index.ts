/**
 * Shoal: live video that its viewers carry to each other at the latency of plain HTTP-FLV.
 *
 * @example
 * const player = createPlayer({ url: 'https://live.example/live/demo.flv', video });
 */

/** What a probe of the NAT found, and what is said of it. */
export type { NatChanged, NatFailed, NatReport } from './carrier/browser/nat-probe.ts';
/** What this browser can do, as data, as an answer, and in words. */
export {
  detectSupport,
  isSupported,
  type Need,
  type Support,
  type SupportReason,
  supportReasons,
} from './carrier/browser/support.ts';
/** Snapshots of the viewer behind a shared player, and of one of its neighbours. */
export type { NeighbourStats, SharingPolicy, ViewerStats } from './carrier/worker-control.ts';
/** The error table of Shoal: codes are stable, branch on them. */
export { type ErrorCode, type Severity, ShoalError } from './errors.ts';
/** A log that players and surfaces can share: levels, the last entries, subscribers, no secrets. */
export { logToConsole } from './log/console.ts';
export {
  createLog,
  formatEntry,
  type Log,
  type LogEntry,
  type LogLevel,
  type LogOptions,
  type LogWriter,
} from './log/log.ts';
/** Makes a player. */
export { createPlayer } from './player/create-player.ts';
/** Takes bytes of an FLV. */
export type { TakeFlv } from './player/data-sink.ts';
/** Makes a stream without a screen: its bytes come to the page. */
export { createStream, type DataStream, type DataStreamOptions } from './player/data-stream.ts';
/** What a player says, by event name. */
export type { PlayerEvents } from './player/events.ts';
/** A live stream on a video element. */
export type { Player } from './player/face.ts';
/** What a page may ask of a player. */
export type { Credentials, PlayerOptions, Sharing, StreamOptions } from './player/options.ts';
/** What a player knows of itself. */
export type { PlayerMode, PlayerState, PlayerStats, SharingLimit } from './player/stats.ts';
/** Gets ready for a player that will be made soon. */
export { warmUp } from './player/warm-up.ts';
/** A kind of NAT. */
export type { NatKind } from './wire/nat.ts';
/** An ICE server as the browser wants it. */
export type { IceServer } from './wire/service.ts';
