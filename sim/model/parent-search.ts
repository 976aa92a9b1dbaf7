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
}

export class ParentSearch {
  readonly #world: ModelWorld;
  readonly #crowd: Crowd;
  readonly #links: Links;
  readonly #trees: Trees;
  readonly #feeds: Feeds;
  readonly #budgets: Budgets;
  readonly #origin: OriginLimits;
  /** Neighbours of the row looked at that would take somebody, and the round trips to them. */
  readonly #open = new Int32Array(rules.NEIGHBOURS_MAX);
  readonly #rtts = new Float64Array(rules.NEIGHBOURS_MAX);
  #count = 0;
  readonly #limits: Limits = { rankBelow: 0, lagBelow: 0, repairs: 0 };

  constructor(
    world: ModelWorld,
    parts: { crowd: Crowd; links: Links; trees: Trees; feeds: Feeds; budgets: Budgets; origin: OriginLimits },
  ) {
    this.#world = world;
    this.#crowd = parts.crowd;
    this.#links = parts.links;
    this.#trees = parts.trees;
    this.#feeds = parts.feeds;
    this.#budgets = parts.budgets;
    this.#origin = parts.origin;
  }

  /** Looks round for one row; `hunt` then chooses for its feeds. Returns how many neighbours would take somebody. */
  lookRound(row: number, now: number): number {
    const { peers, counts, knownAt } = this.#links;
    const first = row * rules.NEIGHBOURS_MAX;
    this.#count = 0;
    for (let index = first; index < first + counts[row]!; index++) {
      if (knownAt[index]! > now) continue;
      const peer = peers[index]!;
      if (!this.#hasSlots(peer)) continue;
      const forgotten = this.#crowd.state[peer] !== UP && now - this.#crowd.leaveAt[peer]! > rules.STATUS_LIFE_MS;
      if (forgotten) continue;
      this.#open[this.#count] = peer;
      this.#rtts[this.#count++] = this.#feeds.measuredRttMs(row, peer);
    }
    return this.#count;
  }

  /** A feed looks for a source: an orphan takes the first that answers, everybody else puts it on trial. */
  hunt(row: number, substream: number, now: number): 'found' | 'none' | 'silent' {
    if (this.#count === 0) return 'none';
    const feed = row * this.#trees.substreams + substream;
    const source = this.#trees.sources[feed]!;
    const candidate = this.#candidate(row, substream);
    if (candidate < 0) return 'none';
    if (!this.#feeds.isThere(candidate, now)) return 'silent';
    if (this.#trees.rootOf(candidate, substream, row) < 0) return 'none';
    if (source === NOBODY) this.#feeds.turnTo(row, substream, { source: candidate, now });
    else this.#feeds.beginTrial(row, substream, { candidate, now: now + this.#crowd.rttMs(row, candidate) });
    return 'found';
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
    if (better >= 0) return better;
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
    const own = sources[row * substreams + substream]!;
    let found = -1;
    let least = limits.lagBelow;
    for (let place = 0; place < this.#count; place++) {
      const peer = this.#open[place]!;
      const feed = peer * substreams + substream;
      if (peer === own || this.#feeds.ranks[feed]! >= limits.rankBelow || childCounts[feed]! >= rules.FAN_OUT) continue;
      const told = this.#feeds.toldLag(feed);
      if (told === UNKNOWN || sources[feed] === row || trials[feed] === row) continue;
      const rtt = this.#rtts[place]!;
      const lag = told + rtt / 2 + rules.RELAY_MS;
      const repair = limits.repairs === 0 ? 0 : Math.max(rules.PATIENCE_MIN_MS, rules.PATIENCE_RTTS * rtt);
      if (lag + repair >= limits.lagBelow || lag >= least || !this.#hasSlots(peer)) continue;
      found = peer;
      least = lag;
    }
    return found;
  }

  #hasSlots(peer: number): boolean {
    return this.#crowd.mayUpload(peer) && this.#trees.served[peer]! < this.#budgets.slots(peer);
  }
}
