/**
 * Which neighbour a feed should come from, and whether that one would take it: the engine's choice, made from what
 * neighbours are now instead of what they last said.
 */
import { type Crowd, UP } from './crowd.ts';
import type { Feeds } from './feeds.ts';
import { UNKNOWN } from './lags.ts';
import type { Links } from './links.ts';
import type { ModelWorld } from './model-world.ts';
import type { Offers } from './offers.ts';
import type { OriginLimits } from './origin-limits.ts';
import * as rules from './rules.ts';
import { NOBODY, ORIGIN, type Trees } from './trees.ts';

/** Above every rank there is. */
const NO_RANK = 0xffff;

/** What a candidate must keep: rank of its tree, lag to expect, and whether there must be time for a repair as well. */
interface Limits {
  rankBelow: number;
  lagBelow: number;
  repairs: 0 | 1;
  now: number;
}

export class ParentSearch {
  readonly #world: ModelWorld;
  readonly #crowd: Crowd;
  readonly #links: Links;
  readonly #trees: Trees;
  readonly #feeds: Feeds;
  readonly #offers: Offers;
  readonly #origin: OriginLimits;
  /** Neighbours of the row looked at that would take somebody, and the round trips to them. */
  readonly #open = new Int32Array(rules.NEIGHBOURS_MAX);
  readonly #rtts = new Float64Array(rules.NEIGHBOURS_MAX);
  #count = 0;
  /** Who has looked round last. */
  #row = -1;
  readonly #limits: Limits = { rankBelow: 0, lagBelow: 0, repairs: 0, now: 0 };

  constructor(
    world: ModelWorld,
    parts: { crowd: Crowd; links: Links; trees: Trees; feeds: Feeds; offers: Offers; origin: OriginLimits },
  ) {
    this.#world = world;
    this.#crowd = parts.crowd;
    this.#links = parts.links;
    this.#trees = parts.trees;
    this.#feeds = parts.feeds;
    this.#offers = parts.offers;
    this.#origin = parts.origin;
  }

  /** Looks round for one row: its feeds then choose among those who would take somebody. */
  #lookRound(row: number, now: number): void {
    this.#row = row;
    const { peers, counts, knownAt } = this.#links;
    const first = row * rules.NEIGHBOURS_MAX;
    this.#count = 0;
    this.#limits.now = now;
    for (let index = first; index < first + counts[row]!; index++) {
      if (knownAt[index]! > now) continue;
      const peer = peers[index]!;
      if (!this.#offers.hasSlots(peer)) continue;
      const forgotten = this.#crowd.state[peer] !== UP && now - this.#crowd.leaveAt[peer]! > rules.STATUS_LIFE_MS;
      if (forgotten) continue;
      this.#open[this.#count] = peer;
      this.#rtts[this.#count++] = this.#feeds.measuredRttMs(row, peer);
    }
  }

  /** A feed looks for a source: an orphan takes the first that answers, who has a parent one that has proved itself, and all others try first. */
  hunt(row: number, substream: number, now: number): 'taken' | 'tried' | 'none' | 'silent' {
    if (this.#row !== row || this.#limits.now !== now) this.#lookRound(row, now);
    if (this.#count === 0) return 'none';
    const feed = row * this.#trees.substreams + substream;
    const source = this.#trees.sources[feed]!;
    const candidate = this.#candidate(row, substream);
    if (candidate < 0) return 'none';
    if (!this.#feeds.isThere(candidate, now)) return 'silent';
    if (this.#trees.rootOf(candidate, substream, row) < 0) return 'none';
    if (source === NOBODY || (source >= 0 && this.#links.isProven(row, candidate))) {
      this.#feeds.turnTo(row, substream, { source: candidate, now });
      return 'taken';
    }
    this.#feeds.beginTrial(row, substream, { candidate, now: now + this.#crowd.rttMs(row, candidate) });
    return 'tried';
  }

  #candidate(row: number, substream: number): number {
    const feed = row * this.#trees.substreams + substream;
    const source = this.#trees.sources[feed]!;
    const room = this.#world.playoutMs - rules.MARGIN_MS;
    if (source === NOBODY) {
      const found = this.#best(row, substream, this.#limit(NO_RANK, room, 1));
      if (found >= 0 || this.#origin.hasRoom(false)) return found;
      return this.#best(row, substream, this.#limit(NO_RANK, Number.POSITIVE_INFINITY, 0));
    }
    if (source === ORIGIN) return this.#best(row, substream, this.#limit(this.#crowd.ranks[feed]!, room, 1));
    const lag = this.#feeds.lagOf(feed);
    if (lag === UNKNOWN) return -1;
    const rank = this.#feeds.ranks[feed]!;
    const earlier = Math.min(lag * (1 - rules.GAIN_SHARE), lag - rules.GAIN_MIN_MS);
    const better = this.#best(row, substream, this.#limit(Math.min(NO_RANK, rank + 1), earlier, 0));
    // Trees grow together by their branches.
    if (better >= 0 || this.#trees.childCounts[feed] === 0) return better;
    return this.#best(row, substream, this.#limit(rank, Math.min(lag + rules.MERGE_LAG_MS, room), 1));
  }
  #limit(rankBelow: number, lagBelow: number, repairs: 0 | 1): Limits {
    this.#limits.rankBelow = rankBelow;
    this.#limits.lagBelow = lagBelow;
    this.#limits.repairs = repairs;
    return this.#limits;
  }

  /** The open neighbour of least lag, within limits. */
  #best(row: number, substream: number, limits: Limits): number {
    const { substreams, sources, trials, childCounts } = this.#trees;
    const own = row * substreams + substream;
    const isLeaf = childCounts[own] === 0;
    let found = -1;
    let least = limits.lagBelow;
    let last = -1;
    let leastOfLast = limits.lagBelow;
    for (let place = 0; place < this.#count; place++) {
      const peer = this.#open[place]!;
      const feed = peer * substreams + substream;
      // Whoever feeds nobody may join a branch of any tree: that closes no circle.
      const joins = this.#feeds.ranks[feed]! < limits.rankBelow || (isLeaf && childCounts[feed]! > 0);
      if (peer === sources[own] || !joins) continue;
      const told = this.#feeds.toldLag(peer, feed);
      if (told === UNKNOWN || sources[feed] === row || trials[feed] === row) continue;
      const rtt = this.#rtts[place]!;
      const lag = told + rtt / 2 + rules.RELAY_MS;
      const repair = limits.repairs === 0 ? 0 : Math.max(rules.PATIENCE_MIN_MS, rules.PATIENCE_RTTS * rtt);
      if (lag + repair >= limits.lagBelow || lag >= Math.max(least, leastOfLast)) continue;
      if (!this.#offers.takes(peer, substream, limits.now) || this.#feeds.avoids(own, peer, limits.now)) continue;
      if (this.#feedsMuch(row, peer)) {
        if (lag >= leastOfLast) continue;
        last = peer;
        leastOfLast = lag;
      } else if (lag < least) {
        found = peer;
        least = lag;
      }
    }
    return found >= 0 || sources[own]! >= 0 ? found : last;
  }

  /** Whether one feeds a row so much that one more substream had better come from another. */
  #feedsMuch(row: number, peer: number): boolean {
    const { substreams, sources, trials } = this.#trees;
    const wanted = Math.min(rules.SOURCES_WANTED, this.#links.counts[row]!);
    let feeds = 0;
    for (let feed = row * substreams; feed < (row + 1) * substreams; feed++)
      if (sources[feed] === peer || trials[feed] === peer) feeds++;
    return feeds >= Math.ceil(substreams / wanted);
  }
}
