/**
 * What must hold in every simulation, looked at from outside the engines: the checks keep their own books and believe
 * nothing an engine says of itself.
 */
import type { GhostPiece } from './ghost-piece.ts';
import type { GhostViewer } from './ghost-viewer.ts';
import type { VirtualTime } from './stage.ts';
import { findCycles } from './tree-cycles.ts';

const SWEEP_EVERY_MS = 250;
const CYCLE_MAX_MS = 1_000;
/** A page's cap is kept over any ten seconds. */
const CAP_WINDOW_MS = 10_000;
const CAP_SLACK = 1.15;
/** A viewer keeps about twelve seconds of pieces, and some more while it sleeps. */
const KEPT_MAX = 1_024;
const HOLES_MAX = 512;
const NEIGHBOURS_MAX = 16;
/** How much later an engine may think a deadline is, ms: it knows the cut of a missing piece by the next one it holds. */
const CLOCK_SLACK_MS = 250;
const VIOLATIONS_MAX = 100;

/** What the checks look at besides the viewers that report to them. */
export interface Watched extends VirtualTime {
  readonly options: { readonly playout: 'clock' | 'media'; readonly delayMs: number };
  readonly origin: { readonly head: { readonly substreams: number } };
}

/** What the checks remember of a viewer. */
interface Book {
  lastPlayed: number;
  /** Cut times of pieces that are due and have not come, by sequence. */
  readonly due: Map<number, number>;
  missed: number;
  excusedUntil: number;
  sentAt: { readonly at: number; readonly bytes: number }[];
}

export class Checks {
  readonly #world: Watched;
  readonly #books = new Map<GhostViewer, Book>();
  /** Since when an edge child -> parent is part of a circle. */
  #cycles = new Map<string, number>();
  readonly violations: string[] = [];

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
    this.violations.push(`${Math.round(this.#world.now)} ms, ${viewer.name.slice(0, 4)}: ${what}`);
  }

  /** The origin closed a piece: everybody who plays needs it soon. */
  cut(header: GhostPiece): void {
    if (this.#world.options.playout !== 'clock') return;
    for (const book of this.#books.values()) if (book.lastPlayed >= 0) book.due.set(header.sequence, this.#world.now);
  }

  received(viewer: GhostViewer, header: GhostPiece): void {
    this.#books.get(viewer)?.due.delete(header.sequence);
  }

  played(viewer: GhostViewer, sequence: number): void {
    const book = this.#book(viewer);
    if (sequence <= book.lastPlayed) this.fail(viewer, `plays ${sequence} after ${book.lastPlayed}`);
    if (!viewer.holds(sequence)) this.fail(viewer, `plays ${sequence}, which it does not hold`);
    book.lastPlayed = sequence;
  }

  pushed(
    viewer: GhostViewer,
    push: { readonly sequence: number; readonly held: boolean; readonly links: number },
  ): void {
    if (!push.held) this.fail(viewer, `pushes ${push.sequence}, which it does not hold`);
  }

  /** Another epoch: sequences begin again. */
  epoch(viewer: GhostViewer): void {
    const book = this.#book(viewer);
    book.lastPlayed = -1;
    book.due.clear();
  }

  /** A page that slept may miss what was due while it did, and what it needs to get going again. */
  slept(viewer: GhostViewer): void {
    const book = this.#book(viewer);
    book.due.clear();
    book.excusedUntil = this.#world.now + 3_000;
    book.lastPlayed = -1;
  }

  left(viewer: GhostViewer): void {
    const book = this.#books.get(viewer);
    if (book !== undefined) this.#compareMisses(viewer, book);
    this.#books.delete(viewer);
  }

  /** At the end of a run. */
  finish(): void {
    for (const [viewer, book] of this.#books) this.#compareMisses(viewer, book);
  }

  #book(viewer: GhostViewer): Book {
    let book = this.#books.get(viewer);
    if (book === undefined) {
      book = { lastPlayed: -1, due: new Map(), missed: 0, excusedUntil: 0, sentAt: [] };
      this.#books.set(viewer, book);
    }
    return book;
  }

  #sweep(): void {
    for (const [viewer, book] of this.#books) {
      this.#sizes(viewer);
      this.#cap(viewer, book);
      this.#deadlines(viewer, book);
    }
    this.#circles();
  }

  #sizes(viewer: GhostViewer): void {
    const { engine } = viewer;
    if (viewer.kept > KEPT_MAX) this.fail(viewer, `keeps ${viewer.kept} pieces`);
    if (engine.holes > HOLES_MAX) this.fail(viewer, `works on ${engine.holes} holes`);
    if (engine.view.neighbours.count > NEIGHBOURS_MAX)
      this.fail(viewer, `has ${engine.view.neighbours.count} neighbours`);
  }

  #cap(viewer: GhostViewer, book: Book): void {
    if (viewer.capBytesPerSec === Number.POSITIVE_INFINITY) return;
    const { now } = this.#world;
    book.sentAt.push({ at: now, bytes: viewer.uplink.sentBytes });
    while ((book.sentAt[0]?.at ?? now) < now - CAP_WINDOW_MS) book.sentAt.shift();
    const first = book.sentAt[0];
    if (first === undefined || now - first.at < CAP_WINDOW_MS - SWEEP_EVERY_MS) return;
    const rate = ((viewer.uplink.sentBytes - first.bytes) * 1000) / (now - first.at);
    if (rate > viewer.capBytesPerSec * CAP_SLACK)
      this.fail(viewer, `uploads ${Math.round(rate)} of ${viewer.capBytesPerSec} B/s`);
  }

  /** What nothing newer has shown to exist is not known to be missing yet. */
  #deadlines(viewer: GhostViewer, book: Book): void {
    const before = this.#world.now - this.#world.options.delayMs - CLOCK_SLACK_MS;
    const { newest } = viewer.engine.view.pieces;
    for (const [sequence, at] of book.due) {
      if (at > before) break;
      if (sequence > newest) continue;
      book.due.delete(sequence);
      if (this.#world.now > book.excusedUntil) book.missed++;
    }
  }

  /** Every deadline seen to be missed is counted by the engine under a cause. */
  #compareMisses(viewer: GhostViewer, book: Book): void {
    const counted = viewer.engine.view.counters.missedDeadlines;
    if (book.missed > counted + 2 + counted * 0.1)
      this.fail(viewer, `missed ${book.missed} deadlines and gives causes for ${counted}`);
  }

  #circles(): void {
    const { now } = this.#world;
    const present = new Map<string, number>();
    for (let substream = 0; substream < this.#world.origin.head.substreams; substream++) {
      for (const edge of findCycles(this.#books.keys(), (viewer) => parentOf(viewer, substream))) {
        const key = `${substream} ${edge.child.name} ${edge.parent.name}`;
        const since = this.#cycles.get(key) ?? now;
        present.set(key, since);
        if (now - since > CYCLE_MAX_MS)
          this.fail(edge.child, `is in a circle in substream ${substream} since ${since} ms`);
      }
    }
    this.#cycles = present;
  }
}

const parentOf = (viewer: GhostViewer, substream: number): GhostViewer | undefined => {
  const source = viewer.engine.feeds.of(substream)?.source;
  return typeof source === 'number' ? viewer.farOf(source) : undefined;
};
