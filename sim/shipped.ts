/**
 * The engine that ships, with the numbers the checks look at.
 */
import type { Source } from '../src/core/viewer/io.ts';
import { ViewerEngine } from '../src/core/viewer/viewer-engine.ts';
import type { Head } from '../src/wire/head.ts';
import type { Decider, DeciderMaker } from './decider.ts';

/** The engine that ships. */
export class Shipped extends ViewerEngine implements Decider {
  get head(): Head | undefined {
    return this.view.head;
  }

  get epochTag(): number {
    return this.view.epochTag;
  }

  get newest(): number {
    return this.view.pieces.newest;
  }

  parentOf(substream: number): Source | undefined {
    return this.feeds.of(substream)?.source;
  }

  get serving(): number {
    return this.children.count;
  }

  get missing(): number {
    return this.holes;
  }

  get links(): number {
    return this.view.neighbours.count;
  }

  get roundTripsMs(): readonly number[] {
    return [...this.view.neighbours.all()].flatMap((each) => (each.rttKnown ? [each.rttMs] : []));
  }

  get explained(): number {
    return this.view.counters.missedDeadlines;
  }

  get causes(): Readonly<Record<string, number>> {
    return this.view.counters.missed;
  }

  get duplicates(): number {
    return this.view.counters.piecesDuplicate;
  }

  get fromNeighbours(): number {
    return this.view.counters.piecesFromNeighbours;
  }
}

/** Makes one. */
export const shipped: DeciderMaker = (options) => new Shipped(options);
