/**
 * Which neighbour a feed should come from, and whether that one would take it: the engine's choice, made from what
 * neighbours are now instead of what they last said.
 */
import type { Budgets } from './budgets.ts';
import { type Crowd, UP } from './crowd.ts';
import type { Feeds } from './feeds.ts';
import { UNKNOWN } from './lags.ts';
import type { Links } from './links.ts';
import type { ModelWorld } from './model-world.ts';
import * as rules from './rules.ts';
import { NOBODY, ORIGIN, type Trees } from './trees.ts';

/** Above every rank there is. */
const NO_RANK = 0xffff;

interface Search {
  readonly row: number;
  readonly substream: number;
  readonly now: number;
  readonly rankBelow: number;
  readonly lagBelow: number;
  /** Whether there must be time for a repair as well. */
  readonly withRepair: boolean;
}

export class ParentSearch {
  readonly #world: ModelWorld;
  readonly #crowd: Crowd;
  readonly #links: Links;
  readonly #trees: Trees;
  readonly #feeds: Feeds;
  readonly #budgets: Budgets;
  #found = -1;
  #foundLag = 0;

  constructor(world: ModelWorld, parts: { crowd: Crowd; links: Links; trees: Trees; feeds: Feeds; budgets: Budgets }) {
    this.#world = world;
    this.#crowd = parts.crowd;
    this.#links = parts.links;
    this.#trees = parts.trees;
    this.#feeds = parts.feeds;
    this.#budgets = parts.budgets;
  }

  /** A feed looks for a source: an orphan takes the first that answers, everybody else puts it on trial. */
  hunt(row: number, substream: number, now: number): 'found' | 'none' | 'silent' {
    const feed = row * this.#trees.substreams + substream;
    const source = this.#trees.sources[feed]!;
    const candidate = this.#candidate(row, substream, now);
    if (candidate < 0) return 'none';
    if (!this.#feeds.isThere(candidate, now)) return 'silent';
    if (!this.#takes(candidate, row, substream)) return 'none';
    if (source === NOBODY) this.#feeds.turnTo(row, substream, { source: candidate, now });
    else this.#feeds.beginTrial(row, substream, { candidate, now: now + this.#crowd.rttMs(row, candidate) });
    return 'found';
  }

  #candidate(row: number, substream: number, now: number): number {
    const feed = row * this.#trees.substreams + substream;
    const source = this.#trees.sources[feed]!;
    const at = { row, substream, now };
    if (source === NOBODY) {
      return this.#best({ ...at, rankBelow: NO_RANK, lagBelow: Number.POSITIVE_INFINITY, withRepair: false });
    }
    const room = this.#world.playoutMs - rules.MARGIN_MS;
    if (source === ORIGIN) {
      return this.#best({ ...at, rankBelow: this.#crowd.ranks[feed]!, lagBelow: room, withRepair: true });
    }
    const lag = this.#feeds.lagOf(feed);
    if (lag === UNKNOWN) return -1;
    const rank = this.#feeds.ranks[feed]!;
    const earlier = Math.min(lag * (1 - rules.GAIN_SHARE), lag - rules.GAIN_MIN_MS);
    const better = this.#best({ ...at, rankBelow: Math.min(NO_RANK, rank + 1), lagBelow: earlier, withRepair: false });
    if (better >= 0) return better;
    const merging = Math.min(lag + rules.MERGE_LAG_MS, room);
    return this.#best({ ...at, rankBelow: rank, lagBelow: merging, withRepair: true });
  }

  #best(search: Search): number {
    const { row } = search;
    const { peers, counts } = this.#links;
    this.#found = -1;
    this.#foundLag = search.lagBelow;
    const count = counts[row]!;
    for (let place = 0; place < count; place++) {
      const index = row * rules.NEIGHBOURS_MAX + place;
      if (this.#links.knownAt[index]! <= search.now) this.#weigh(peers[index]!, search);
    }
    return this.#found;
  }

  #weigh(peer: number, search: Search): void {
    const { row, substream, now } = search;
    const feed = peer * this.#trees.substreams + substream;
    if (this.#crowd.state[peer] !== UP && now - this.#crowd.leaveAt[peer]! > rules.STATUS_LIFE_MS) return;
    const told = this.#feeds.toldLag(feed);
    if (told === UNKNOWN || this.#feeds.ranks[feed]! >= search.rankBelow) return;
    const rtt = this.#feeds.measuredRttMs(row, peer);
    const lag = told + rtt / 2 + rules.RELAY_MS;
    if (lag + (search.withRepair ? this.#feeds.patienceMs(row, peer) : 0) >= search.lagBelow) return;
    if (this.#found >= 0 && lag >= this.#foundLag) return;
    if (this.#trees.sources[row * this.#trees.substreams + substream] === peer) return;
    if (this.#trees.sources[feed] === row || this.#trees.trials[feed] === row) return;
    if (!this.#isOpen(peer, feed)) return;
    this.#found = peer;
    this.#foundLag = lag;
  }

  #isOpen(peer: number, feed: number): boolean {
    if (!this.#crowd.mayUpload(peer) || this.#trees.childCounts[feed]! >= rules.FAN_OUT) return false;
    return this.#trees.served[peer]! < this.#budgets.slots(peer);
  }

  /** It refuses whoever is above it, and whatever would make a tree too deep. */
  #takes(candidate: number, row: number, substream: number): boolean {
    return this.#trees.rootOf(candidate, substream, row) >= 0;
  }
}
