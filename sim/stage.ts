/**
 * What the members of a world know of it: time, and how to reach each other. The world itself knows them all; none of
 * them knows the world.
 */
import type { ViewerInput } from '../src/core/viewer/io.ts';
import type { Head } from '../src/wire/head.ts';
import type { EventWheel } from './event-wheel.ts';
import type { GhostPiece, Group } from './ghost-piece.ts';
import type { Network } from './network.ts';

/** Virtual time. */
export interface VirtualTime {
  readonly now: number;
  /** Unix time of the origin, ms. */
  wallMs(): number;
  at(time: number, action: () => void): void;
}

/** What the tracker sees of somebody. */
export interface TrackedViewer {
  readonly name: string;
  readonly address: string;
  /** Which of the streams it watches. */
  readonly stream: number;
  readonly originRttMs: number;
  readonly up: boolean;
  /** Something arrives after a while. */
  later(delayMs: number, input: ViewerInput): void;
}

/** What the origin sees of a viewer. */
export interface ServedViewer extends TrackedViewer {
  readonly originLoss: number;
  readonly ghostLine: { downMs(bytes: number): number };
  headFromOrigin(at: number, head: Head, epochTag: number): void;
  pieceFromOrigin(at: number, piece: GhostPiece): void;
}

/** What servers see of the world. */
export interface ServerStage extends VirtualTime {
  readonly wheel: EventWheel;
  readonly network: Network;
  /** All pieces of a group have been cut. */
  groupEnded(group: Group): void;
  readonly checks: {
    /** The origin closed a piece. */
    cut(piece: GhostPiece): void;
  };
}
