/**
 * In which substreams each row takes children: the engine's own rule for keeping places together, worked out once in a
 * beat, for neighbours hear of it only now and then.
 */
import { Breadth, FAN_OUT } from '../../src/core/viewer/breadth.ts';
import type { Budgets } from './budgets.ts';
import type { Crowd } from './crowd.ts';
import type { Feeds } from './feeds.ts';
import type { Links } from './links.ts';
import { NOBODY, type Trees } from './trees.ts';

export class Offers {
  readonly #trees: Trees;
  readonly #feeds: Feeds;
  readonly #links: Links;
  readonly #budgets: Budgets;
  readonly #crowd: Crowd;
  readonly #breadths: Breadth[] = [];
  readonly #masks: Uint32Array;
  readonly #maskedAt: Float64Array;
  /** What `Breadth` is asked about, filled in anew each time. */
  readonly #places = { offered: 0, taken: 0, begun: 0, neighbours: 0 };

  constructor(parts: { crowd: Crowd; trees: Trees; feeds: Feeds; links: Links; budgets: Budgets }) {
    this.#crowd = parts.crowd;
    this.#trees = parts.trees;
    this.#feeds = parts.feeds;
    this.#links = parts.links;
    this.#budgets = parts.budgets;
    this.#masks = new Uint32Array(parts.crowd.capacity);
    this.#maskedAt = new Float64Array(parts.crowd.capacity).fill(-1);
  }

  get bytes(): number {
    return this.#masks.byteLength + this.#maskedAt.byteLength;
  }

  begin(row: number): void {
    this.#breadths[row] = new Breadth();
    this.#maskedAt[row] = -1;
  }

  /** Now and then: whether a place has not been taken for long. */
  look(row: number, now: number): void {
    if (this.#crowd.mayUpload(row)) this.#breadths[row]?.look(now, this.#placesOf(row));
  }

  /** Whether a child would be taken now in a substream. */
  takes(row: number, substream: number, now: number): boolean {
    if (!this.hasSlots(row)) return false;
    if (this.#trees.childCounts[row * this.#trees.substreams + substream]! >= FAN_OUT) return false;
    return (this.#mask(row, now) & (1 << substream)) !== 0;
  }

  hasSlots(row: number): boolean {
    return this.#crowd.mayUpload(row) && this.#trees.served[row]! < this.#budgets.slots(row);
  }

  #mask(row: number, now: number): number {
    if (this.#maskedAt[row] === now) return this.#masks[row]!;
    const { substreams, sources, childCounts } = this.#trees;
    const more = this.#breadths[row]?.more(this.#placesOf(row)) ?? 0;
    let mask = 0;
    for (let substream = 0; substream < substreams; substream++) {
      const feed = row * substreams + substream;
      if (sources[feed] === NOBODY) continue;
      if (childCounts[feed]! > 0 || (more > 0 && this.#earlierThan(row, substream) <= more)) mask |= 1 << substream;
    }
    this.#maskedAt[row] = now;
    this.#masks[row] = mask >>> 0;
    return mask >>> 0;
  }

  /** Substreams without children whose pieces come earlier. */
  #earlierThan(row: number, substream: number): number {
    const { substreams, sources, childCounts } = this.#trees;
    const lag = this.#lagOf(row * substreams + substream);
    let earlier = 0;
    for (let other = 0; other < substreams; other++) {
      const feed = row * substreams + other;
      if (other === substream || sources[feed] === NOBODY || childCounts[feed]! > 0) continue;
      const theirs = this.#lagOf(feed);
      if (theirs < lag || (theirs === lag && other < substream)) earlier++;
    }
    return earlier;
  }

  /** Unknown ones last. */
  #lagOf(feed: number): number {
    const lag = this.#feeds.lagOf(feed);
    return lag < 0 ? Number.POSITIVE_INFINITY : lag;
  }

  #placesOf(row: number) {
    const { substreams, childCounts } = this.#trees;
    let begun = 0;
    for (let substream = 0; substream < substreams; substream++)
      if (childCounts[row * substreams + substream]! > 0) begun++;
    this.#places.begun = begun;
    this.#places.offered = this.#budgets.slots(row);
    this.#places.taken = this.#trees.served[row]!;
    this.#places.neighbours = this.#links.counts[row]!;
    return this.#places;
  }
}
