/**
 * What the members of a world know of it: time, and how to reach each other. The world itself knows them all; none of
 * them knows the world.
 */
import type { ViewerInput } from '../src/core/viewer/io.ts';
import type { Head } from '../src/wire/head.ts';
import type { GhostPiece, Group } from './ghost-piece.ts';

/** Virtual time. */
export interface VirtualTime {
  readonly now: number;
  /** Unix time of the origin, ms. */
  wallMs(): number;
  at(time: number, action: () => void): void;
}

/** What servers see of a viewer. */
export interface ServedViewer {
  readonly name: string;
  readonly originRttMs: number;
  readonly up: boolean;
  input(input: ViewerInput): void;
  head(head: Head, epochTag: number, from: 'origin' | number): void;
  piece(header: GhostPiece, from: 'origin' | number): void;
}

/** What servers see of the world. */
export interface ServerStage extends VirtualTime {
  /** Delivers something after a while, if the viewer is still up. */
  toViewer(viewer: ServedViewer, delayMs: number, deliver: () => void): void;
  /** All pieces of a group have been cut. */
  groupEnded(group: Group): void;
  readonly checks: {
    /** The origin closed a piece. */
    cut(header: GhostPiece): void;
  };
}
