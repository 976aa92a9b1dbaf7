/**
 * What must hold in every simulation, looked at from outside the deciders: the checks keep their own books and believe
 * nothing a decider says of itself.
 */
import type { GhostPiece } from './ghost-piece.ts';
import { GhostViewer } from './ghost-viewer.ts';
import type { PieceState } from './link-end.ts';
import type { VirtualTime } from './stage.ts';
import { findCycles } from './tree-cycles.ts';

const SWEEP_EVERY_MS = 500;
const CYCLE_MAX_MS = 1_000;
/** A page's cap is kept over any ten seconds. */
const CAP_WINDOW_MS = 10_000;
const CAP_SLACK = 1.15;
/** A viewer keeps about twelve seconds of pieces, and some more while it sleeps. */
const KEPT_SECONDS = 18;
const HOLES_MAX = 512;
const LINKS_MAX = 16;
const SERVED_MAX = 256;
/** Nothing that a data channel would give up waits in an uplink for longer; control messages are few. */
const QUEUE_MAX_MS = 1_500;
/** ... unless it is no more than setting up all links takes. */
const QUEUED_MAX_BYTES = 100_000;
const VIOLATIONS_MAX = 100;
/** Deadlines are explained when causes are given for all but so many, or such a share, of those seen from outside. */
const UNEXPLAINED_MAX = 2;
const UNEXPLAINED_SHARE = 0.1;

/** What the checks look at besides the viewers that report to them. */
export interface Watched extends VirtualTime {
  readonly options: { readonly playout: 'clock' | 'media' };
  readonly origins: readonly { readonly head: { readonly substreams: number } }[];
}

/** What the checks remember of a viewer. */
interface Book {
  lastPlayed: number;
  /** Times and bytes sent, oldest first, where a cap is kept. */
  readonly sent: number[];
}

export class Checks {
  readonly #world: Watched;
  readonly #books = new Map<GhostViewer, Book>();
  /** Since when an edge child -> parent is part of a circle. */
  #cycles = new Map<string, number>();
  readonly violations: string[] = [];
  /** Missed deadlines seen from outside, and those that deciders gave causes for. */
  missed = 0;
  explained = 0;

  constructor(world: Watched) {
    this.#world = world;
  }

  start(): void {
    this.#world.at(this.#world.now + SWEEP_EVERY_MS, () => {
      this.#sweep();
      this.start();
    });
  }

  /** Notes a broken law. */
  fail(viewer: GhostViewer, what: string): void {
    if (this.violations.length >= VIOLATIONS_MAX) return;
    this.violations.push(`${Math.round(this.#world.now)} ms, ${viewer.name.slice(0, 5)}: ${what}`);
  }

  /** The origin closed a piece. */
  cut(_piece: GhostPiece): void {
    this.#circlesDue = true;
  }

  received(viewer: GhostViewer, piece: GhostPiece, state: PieceState): void {
    if (state === 'bad' && viewer.honest) this.fail(viewer, `takes ${piece.sequence}, which the origin did not sign`);
  }

  played(viewer: GhostViewer, sequence: number): void {
    const book = this.#book(viewer);
    if (sequence <= book.lastPlayed) this.fail(viewer, `plays ${sequence} after ${book.lastPlayed}`);
    if (!viewer.holds(sequence)) this.fail(viewer, `plays ${sequence}, which it does not hold`);
    book.lastPlayed = sequence;
  }

  pushed(viewer: GhostViewer, push: { readonly sequence: number; readonly held: boolean }): void {
    if (!push.held) this.fail(viewer, `pushes ${push.sequence}, which it does not hold`);
  }

  /** Another epoch: sequences begin again. */
  epoch(viewer: GhostViewer): void {
    this.#book(viewer).lastPlayed = -1;
  }

  /** A page that slept plays on from wherever it wakes. */
  slept(viewer: GhostViewer): void {
    this.#book(viewer).lastPlayed = -1;
  }

  left(viewer: GhostViewer): void {
    this.#compareMisses(viewer);
    this.#books.delete(viewer);
  }

  /** At the end of a run. */
  finish(): void {
    for (const viewer of this.#books.keys()) this.#compareMisses(viewer);
  }

  #circlesDue = false;

  #book(viewer: GhostViewer): Book {
    let book = this.#books.get(viewer);
    if (book === undefined) {
      book = { lastPlayed: -1, sent: [] };
      this.#books.set(viewer, book);
    }
    return book;
  }

  #sweep(): void {
    for (const [viewer, book] of this.#books) {
      this.#sizes(viewer);
      this.#cap(viewer, book);
    }
    if (this.#circlesDue) this.#circles();
    this.#circlesDue = false;
  }

  #sizes(viewer: GhostViewer): void {
    const { decider } = viewer;
    if (viewer.kept > viewer.origin.piecesPerSecond * KEPT_SECONDS + 64)
      this.fail(viewer, `keeps ${viewer.kept} pieces`);
    if (decider.missing > HOLES_MAX) this.fail(viewer, `works on ${decider.missing} holes`);
    if (decider.links > LINKS_MAX) this.fail(viewer, `has ${decider.links} neighbours`);
    if (decider.serving > SERVED_MAX) this.fail(viewer, `serves ${decider.serving} subscriptions`);
    const queueMs = viewer.ghostLine.queueMs(this.#world.now);
    const queued = (queueMs * viewer.traits.uplinkBitsPerSec) / 8000;
    if (queueMs > QUEUE_MAX_MS && queued > QUEUED_MAX_BYTES)
      this.fail(viewer, `has a queue of ${Math.round(queueMs)} ms`);
  }

  #cap(viewer: GhostViewer, book: Book): void {
    const { capBytesPerSec } = viewer.traits;
    if (capBytesPerSec === Number.POSITIVE_INFINITY) return;
    const { now } = this.#world;
    const { sent } = book;
    const { sentBytes } = viewer.ghostLine;
    sent.push(now, sentBytes);
    while ((sent[0] ?? now) < now - CAP_WINDOW_MS) sent.splice(0, 2);
    const [firstAt = now, firstBytes = sentBytes] = sent;
    if (now - firstAt < CAP_WINDOW_MS - SWEEP_EVERY_MS) return;
    const rate = ((sentBytes - firstBytes) * 1000) / (now - firstAt);
    if (rate > capBytesPerSec * CAP_SLACK) this.fail(viewer, `uploads ${Math.round(rate)} of ${capBytesPerSec} B/s`);
  }

  /** Every deadline seen to be missed is counted by the decider under a cause. */
  #compareMisses(viewer: GhostViewer): void {
    if (this.#world.options.playout !== 'clock' || !viewer.honest) return;
    const missed = viewer.ledger.missedByFar;
    const { explained } = viewer.decider;
    this.missed += missed;
    this.explained += Math.min(missed, explained);
    if (missed > explained + UNEXPLAINED_MAX + explained * UNEXPLAINED_SHARE)
      this.fail(viewer, `missed ${missed} deadlines and gives causes for ${explained}`);
  }

  #circles(): void {
    const { now } = this.#world;
    const present = new Map<string, number>();
    const substreams = Math.max(...this.#world.origins.map((origin) => origin.head.substreams));
    for (let substream = 0; substream < substreams; substream++) {
      for (const edge of findCycles(this.#books.keys(), (viewer) => this.#parentOf(viewer, substream))) {
        const key = `${substream} ${edge.child.name} ${edge.parent.name}`;
        const since = this.#cycles.get(key) ?? now;
        present.set(key, since);
        if (now - since > CYCLE_MAX_MS)
          this.fail(edge.child, `is in a circle in substream ${substream} since ${since} ms`);
      }
    }
    this.#cycles = present;
  }

  #parentOf(viewer: GhostViewer, substream: number): GhostViewer | undefined {
    const source = viewer.decider.parentOf(substream);
    if (typeof source !== 'number') return undefined;
    const far = viewer.farOf(source);
    return far instanceof GhostViewer ? far : undefined;
  }
}
