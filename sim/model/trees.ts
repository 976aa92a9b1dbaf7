/**
 * Who feeds whom in which substream. A feed has one source and perhaps a candidate on trial; both stand in the list of
 * children of whoever pushes. The lists keep the order in which children came, for that is the order of pushing.
 */
import type { Crowd } from './crowd.ts';
import type { OriginLimits } from './origin-limits.ts';
import { ANCESTORS_MAX, FAN_OUT } from './rules.ts';

/** Sources that are no viewer. */
export const NOBODY = -1;
export const ORIGIN = -2;

export class Trees {
  readonly substreams: number;
  readonly #crowd: Crowd;
  readonly #origin: OriginLimits;
  /** By feed, which is row times substreams plus substream. */
  readonly sources: Int32Array;
  readonly trials: Int32Array;
  readonly #children: Int32Array;
  readonly childCounts: Uint8Array;
  /** Children of a row over all substreams, and its trials under way. */
  readonly served: Uint16Array;
  readonly trying: Uint8Array;
  /** Rows without a parent, by substream: fed by the origin or by nobody. */
  readonly #heads: Int32Array[];
  readonly #headCounts: Int32Array;
  readonly #headPlaces: Int32Array;

  constructor(crowd: Crowd, substreams: number, origin: OriginLimits) {
    this.#origin = origin;
    const feeds = crowd.capacity * substreams;
    this.#crowd = crowd;
    this.substreams = substreams;
    this.sources = new Int32Array(feeds).fill(NOBODY);
    this.trials = new Int32Array(feeds).fill(NOBODY);
    this.#children = new Int32Array(feeds * FAN_OUT);
    this.childCounts = new Uint8Array(feeds);
    this.served = new Uint16Array(crowd.capacity);
    this.trying = new Uint8Array(crowd.capacity);
    this.#heads = Array.from({ length: substreams }, () => new Int32Array(crowd.capacity));
    this.#headCounts = new Int32Array(substreams);
    this.#headPlaces = new Int32Array(feeds).fill(-1);
  }

  get bytes(): number {
    const columns = [this.sources, this.trials, this.#children, this.childCounts, this.served, this.trying];
    const all = [...columns, ...this.#heads, this.#headPlaces];
    return all.reduce((sum, each) => sum + each.byteLength, 0);
  }

  /** Rows of a substream without a parent, the gone among them for a while. */
  headsOf(substream: number): Int32Array {
    return this.#heads[substream]!.subarray(0, this.#headCounts[substream]!);
  }

  childAt(feed: number, place: number): number {
    return this.#children[feed * FAN_OUT + place]!;
  }

  /** Gives a feed another source; the candidate on trial is let in, everybody else is added to the list. */
  setSource(row: number, substream: number, source: number): void {
    const feed = row * this.substreams + substream;
    const before = this.sources[feed]!;
    if (before === source) return;
    if (before === ORIGIN) this.#origin.count(-1);
    if (source === ORIGIN) this.#origin.count(1);
    if (before >= 0) this.#removeChild(before, substream, row);
    this.sources[feed] = source;
    if (source >= 0) {
      if (this.trials[feed] === source) this.#endTrial(row, feed);
      else this.#addChild(source, substream, row);
      this.#removeHead(row, substream);
    } else this.#addHead(row, substream);
  }

  beginTrial(row: number, substream: number, candidate: number): void {
    this.trials[row * this.substreams + substream] = candidate;
    this.trying[row]!++;
    this.#addChild(candidate, substream, row);
  }

  /** Nothing came of it. */
  dropTrial(row: number, substream: number): void {
    const feed = row * this.substreams + substream;
    const candidate = this.trials[feed]!;
    if (candidate < 0) return;
    this.#endTrial(row, feed);
    this.#removeChild(candidate, substream, row);
  }

  /** The row is used for somebody else: nothing may refer to it any more. */
  clear(row: number): void {
    for (let substream = 0; substream < this.substreams; substream++) {
      const feed = row * this.substreams + substream;
      this.dropTrial(row, substream);
      this.setSource(row, substream, NOBODY);
      this.#removeHead(row, substream);
      while (this.childCounts[feed]! > 0) {
        const child = this.childAt(feed, this.childCounts[feed]! - 1);
        if (this.trials[child * this.substreams + substream] === row) this.dropTrial(child, substream);
        else this.setSource(child, substream, NOBODY);
      }
    }
  }

  /** The top of a feed's tree, or -1 where the way up ends at nobody, at the gone, or never. */
  rootOf(row: number, substream: number, besides = -1): number {
    let at = row;
    for (let steps = 0; steps <= ANCESTORS_MAX; steps++) {
      if (at === besides || this.#crowd.state[at] !== 1) return -1;
      const source = this.sources[at * this.substreams + substream]!;
      if (source === ORIGIN) return at;
      if (source < 0) return -1;
      at = source;
    }
    return -1;
  }

  #endTrial(row: number, feed: number): void {
    this.trials[feed] = NOBODY;
    this.trying[row]!--;
  }

  #addChild(parent: number, substream: number, child: number): void {
    const feed = parent * this.substreams + substream;
    const place = this.childCounts[feed]!++;
    this.#children[feed * FAN_OUT + place] = child;
    this.served[parent]!++;
  }

  #removeChild(parent: number, substream: number, child: number): void {
    const feed = parent * this.substreams + substream;
    const count = this.childCounts[feed]!;
    let place = 0;
    while (place < count && this.childAt(feed, place) !== child) place++;
    if (place === count) return;
    for (let next = place + 1; next < count; next++)
      this.#children[feed * FAN_OUT + next - 1] = this.childAt(feed, next);
    this.childCounts[feed] = count - 1;
    this.served[parent]!--;
  }

  #addHead(row: number, substream: number): void {
    const feed = row * this.substreams + substream;
    if (this.#headPlaces[feed]! >= 0) return;
    const place = this.#headCounts[substream]!++;
    this.#heads[substream]![place] = row;
    this.#headPlaces[feed] = place;
  }

  #removeHead(row: number, substream: number): void {
    const place = this.#headPlaces[row * this.substreams + substream]!;
    if (place < 0) return;
    const heads = this.#heads[substream]!;
    const last = heads[--this.#headCounts[substream]!]!;
    heads[place] = last;
    this.#headPlaces[last * this.substreams + substream] = place;
    this.#headPlaces[row * this.substreams + substream] = -1;
  }
}
