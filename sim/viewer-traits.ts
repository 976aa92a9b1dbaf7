/**
 * What a simulated viewer is like, and the world as it sees it.
 */
import type { PlayoutMode } from '../src/core/viewer/playout.ts';
import type { Conduct } from './conduct.ts';
import type { DeciderMaker } from './decider.ts';
import type { LineRates } from './ghost-line.ts';
import type { GhostOrigin } from './ghost-origin.ts';
import type { GhostPiece } from './ghost-piece.ts';
import type { GhostTracker } from './ghost-tracker.ts';
import type { LedgerRules } from './ledger.ts';
import type { Line } from './lines.ts';
import type { LinkEnd, LinkOwner, PieceState } from './link-end.ts';
import type { LocalClock } from './local-clock.ts';
import type { Processor } from './processor.ts';
import type { ServerStage } from './stage.ts';
import type { Totals } from './totals.ts';

/** What a viewer is like. */
export interface ViewerTraits extends LineRates {
  readonly name: string;
  readonly seed: number;
  readonly address: string;
  readonly region: number;
  readonly line: Line;
  /** The page's own cap, bytes a second. */
  readonly capBytesPerSec: number;
  readonly originRttMs: number;
  readonly originLoss: number;
  readonly clock: LocalClock;
  /** Timers of a page in the background fire at most once a second. Its worker's do not, and the engine runs there. */
  readonly page: 'visible' | 'hidden';
  readonly playout: PlayoutMode;
  /** Which of the origin's streams it watches. */
  readonly stream: number;
  /** What its page shares with others, if anything. */
  readonly processor: Processor | undefined;
  readonly decider: DeciderMaker;
  /** What it does against the rules, if anything. */
  readonly conduct: Conduct | undefined;
}

/** Who is told of what a viewer does. */
interface Watcher<V> {
  received(viewer: V, piece: GhostPiece, state: PieceState): void;
  played(viewer: V, sequence: number): void;
  pushed(viewer: V, push: { readonly sequence: number; readonly held: boolean }): void;
  epoch(viewer: V): void;
  slept(viewer: V): void;
}

/** The world as a viewer sees it. */
export interface ViewerStage<V> extends ServerStage {
  readonly tracker: GhostTracker;
  readonly rules: LedgerRules;
  readonly totals: Totals;
  readonly checks: ServerStage['checks'] & Watcher<V>;
  origin(stream: number): GhostOrigin;
  viewer(name: string): LinkDialler | undefined;
  /** Both ends have signalled: the link opens, or this pair cannot connect. */
  establish(a: Dialled, b: Dialled): void;
}

/** Somebody a link can be made with. */
export interface LinkDialler extends LinkOwner {
  readonly page: ViewerTraits['page'];
  readonly up: boolean;
  connect(end: LinkEnd): void;
}

/** One side of a link in the making. */
export interface Dialled {
  readonly viewer: LinkDialler;
  readonly link: number;
}
