/**
 * What a swarm test puts into a page before the page's own scripts: it hears of every player the page makes, writes down
 * what they say and what is really painted, and holds the page's peer connections, so that a test can cut them.
 */
import type { Player } from '../player/face.ts';
import type { PlayerStats } from '../player/stats.ts';
import { type FrameLog, watchFrames } from './agent-frames.ts';
import { holdLinks, type Links } from './agent-links.ts';

/** One thing a player said. */
export interface Said {
  readonly name: 'state' | 'started' | 'stalled' | 'resumed' | 'epoch' | 'error' | 'fellBack' | 'ended';
  /** Since the page began, ms. */
  readonly atMs: number;
  /** The event; of an error its code, severity, detail and message. */
  readonly event: Readonly<Record<string, unknown>>;
}

/** A player of the page. */
export interface Seat {
  readonly player: Player;
  readonly video: HTMLVideoElement | undefined;
  readonly said: Said[];
  readonly frames: FrameLog;
}

/** What the agent answers. Seats count in the order in which the players were made. */
export interface Agent extends Links {
  readonly seats: readonly Seat[];
  /** Told by the SDK. */
  playerMade(player: Player, video: HTMLVideoElement | undefined): void;
  count(): number;
  stats(seat: number): Promise<PlayerStats>;
  explain(seat: number): Promise<readonly string[]>;
  said(seat: number): readonly Said[];
  frames(seat: number): FrameLog;
  forgetStalls(seat: number): void;
}

/** The script that installs the agent; runs in every page before its own scripts. */
export const agentScript = (): string =>
  // Some compilers name functions by calling a helper of theirs, which a page does not have.
  `(() => { const __name = (one) => one; (${installAgent})(${watchFrames}, ${holdLinks}); })();`;

/** Runs in the page, so it uses nothing but what it is given. */
function installAgent(watch: typeof watchFrames, hold: typeof holdLinks): void {
  const EVENTS = ['state', 'started', 'stalled', 'resumed', 'epoch', 'error', 'fellBack', 'ended'] as const;
  const seats: Seat[] = [];

  const seatOf = (at: number): Seat => {
    const seat = seats[at];
    if (seat === undefined) throw new RangeError(`the page has made ${seats.length} players, so there is no ${at}`);
    return seat;
  };

  const plainOf = (event: object): Record<string, unknown> => {
    if (!(event instanceof Error)) return { ...event };
    const { code, severity, detail } = event as unknown as Record<string, unknown>;
    return { code, severity, detail, message: event.message };
  };

  const agent: Agent = {
    ...hold(),
    seats,
    playerMade(player, video) {
      const frames = { painted: 0, stalls: [], lastAtMs: undefined, mediaTime: 0, playedSeconds: 0 };
      const seat: Seat = { player, video, said: [], frames };
      for (const name of EVENTS) {
        player.on(name, (event) => {
          seat.said.push({ name, atMs: performance.now(), event: plainOf(event) });
        });
      }
      if (video !== undefined) watch(video, frames, () => player.state === 'destroyed');
      seats.push(seat);
    },
    count: () => seats.length,
    stats: (at) => seatOf(at).player.stats(),
    explain: (at) => seatOf(at).player.explain(),
    said: (at) => seatOf(at).said,
    frames: (at) => seatOf(at).frames,
    forgetStalls(at) {
      seatOf(at).frames.stalls = [];
    },
  };
  Object.defineProperty(globalThis, Symbol.for('shoal.swarm-test'), { value: agent });
}
