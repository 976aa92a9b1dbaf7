/**
 * The swarm of the model: what happens in each beat of 200 ms, which is as often as an engine looks at its feeds. A feed
 * that has a parent is looked at once a second; only what is in motion is looked at in every beat.
 */
import { Budgets } from './budgets.ts';
import { Crowd, GONE_MS, UP } from './crowd.ts';
import { Dice } from './dice.ts';
import { Feeds } from './feeds.ts';
import { Held } from './held.ts';
import { Introductions } from './introductions.ts';
import { type LinkCosts, Links } from './links.ts';
import type { ModelWorld } from './model-world.ts';
import { Offers } from './offers.ts';
import { OriginLimits } from './origin-limits.ts';
import { ParentSearch } from './parent-search.ts';
import { PieceFlow } from './piece-flow.ts';
import { Repairs } from './repairs.ts';
import * as rules from './rules.ts';
import { NOBODY, ORIGIN, Trees } from './trees.ts';
import { Uplinks } from './uplinks.ts';
import { ViewerBooks } from './viewer-books.ts';

/** Length of a beat. */
export const BEAT_MS = rules.FEEDS_EVERY_MS;
/** A row is looked after in every fifth beat. */
const BEATS_PER_SECOND = 1000 / BEAT_MS;
/** Words about oneself leave so often. */
const BEATS_PER_WORD = Math.round(rules.BUSY_EVERY_MS / BEAT_MS);
/** Rows beyond the viewers wanted, for those that have left and are not forgotten yet. */
const SPARE_ROWS = 64;

/** What links and relaying cost. */
export interface SwarmCosts extends LinkCosts {
  readonly relayMs: number;
}

export class Swarm {
  readonly world: ModelWorld;
  readonly crowd: Crowd;
  readonly books: ViewerBooks;
  readonly trees: Trees;
  readonly feeds: Feeds;
  readonly #links: Links;
  readonly #introductions: Introductions;
  readonly #budgets: Budgets;
  readonly #offers: Offers;
  readonly #uplinks: Uplinks;
  readonly #search: ParentSearch;
  readonly #flow: PieceFlow;
  readonly #held: Held;
  readonly #origin: OriginLimits;
  readonly dice: Dice;
  /** Feeds with a candidate on trial. */
  #trials: number[] = [];
  /** Rows that leave, rows that are free again, and feeds that notice the loss of a parent, by beat. */
  readonly #leaving = new Map<number, number[]>();
  readonly #releasing = new Map<number, number[]>();
  readonly #orphaning = new Map<number, number[]>();
  #beat = 0;
  /** Looks at feeds so far. */
  #looks = 0;

  constructor(world: ModelWorld, costs: SwarmCosts) {
    const replaced = Math.min(1, GONE_MS / Math.max(1, world.sessionMs));
    const capacity = Math.ceil(world.viewers * (1.05 + 1.5 * replaced) + 5 * Math.sqrt(world.viewers)) + SPARE_ROWS;
    const dice = new Dice(world.seed);
    const crowd = new Crowd(world, capacity);
    const introductions = new Introductions(crowd, dice);
    const origin = new OriginLimits(world.originBytesPerSec, world.bytesPerSec / world.substreams);
    const trees = new Trees(crowd, world.substreams, origin);
    const uplinks = new Uplinks(crowd);
    const feeds = new Feeds(world, { crowd, trees, uplinks });
    const books = new ViewerBooks(world, crowd);
    const links = new Links(world, { crowd, dice, introductions, costs });
    const budgets = new Budgets(world, { crowd, trees, uplinks, dice });
    const held = new Held(capacity, world.piecesPerSec);
    const repairs = new Repairs({ crowd, links, feeds, held, origin, uplinks, books, dice });
    this.world = world;
    this.crowd = crowd;
    this.books = books;
    this.trees = trees;
    this.feeds = feeds;
    this.dice = dice;
    this.#introductions = introductions;
    this.#uplinks = uplinks;
    this.#links = links;
    this.#budgets = budgets;
    this.#offers = new Offers({ crowd, trees, feeds, links, budgets });
    this.#search = new ParentSearch(world, { crowd, links, trees, feeds, offers: this.#offers, origin });
    const { relayMs } = costs;
    this.#held = held;
    this.#origin = origin;
    this.#flow = new PieceFlow(world, {
      ...{ crowd, trees, feeds, links, origin, uplinks, repairs, held, books, dice, relayMs },
    });
  }

  get now(): number {
    return this.#beat * BEAT_MS;
  }

  get events(): number {
    return this.#flow.events + this.#looks;
  }

  get bytes(): number {
    const parts = [this.crowd, this.books, this.trees, this.feeds, this.#links, this.#introductions, this.#budgets];
    return [...parts, this.#offers, this.#uplinks, this.#held, this.#flow].reduce((sum, each) => sum + each.bytes, 0);
  }

  /** Somebody joins at a moment of this beat. */
  join(at: number): void {
    const { crowd, world, books } = this;
    const row = crowd.join(at);
    if (row < 0) throw new Error('the model has too few rows for those who come and go');
    this.#uplinks.clear(row);
    books.begin(row);
    this.#budgets.begin(row);
    this.#offers.begin(row);
    this.feeds.begin(row);
    this.#introductions.begin(row, at);
    for (let substream = 0; substream < world.substreams; substream++)
      this.feeds.turnTo(row, substream, { source: this.#origin.hasRoom(true) ? ORIGIN : NOBODY, now: at });
    this.#catchUp(row);
    this.#links.begin(row, at);
    this.#links.introduce(row, at + crowd.originRttMs[row]!, rules.NEIGHBOURS_WANTED);
    if (crowd.leaveAt[row]! < Number.POSITIVE_INFINITY) put(this.#leaving, beatOf(crowd.leaveAt[row]!), row);
  }

  /** Somebody leaves without a word at a time that is yet to come. */
  vanish(row: number, at: number): void {
    this.crowd.leaveAt[row] = at;
    put(this.#leaving, beatOf(at), row);
  }

  /** One beat of everything. */
  step(): void {
    const { now } = this;
    for (const row of take(this.#releasing, this.#beat)) this.#release(row);
    for (const row of take(this.#leaving, this.#beat)) this.#leave(row);
    for (const feed of take(this.#orphaning, this.#beat)) this.#orphan(feed);
    this.#decideTrials(now);
    const { present, count } = this.crowd;
    const start = count === 0 ? 0 : this.dice.below(count);
    for (let step = 0; step < count; step++) {
      const row = present[(start + step) % count]!;
      const isTurn = row % BEATS_PER_SECOND === this.#beat % BEATS_PER_SECOND;
      if ((row + this.#beat) % BEATS_PER_WORD === 0) this.#uplinks.look(row, now);
      if (isTurn) this.#upkeep(row, now);
      this.#improve(row, now);
    }
    this.#cut(now);
    this.#beat++;
  }

  /** At the end: everybody's figures are closed. */
  finish(): void {
    for (let place = 0; place < this.crowd.count; place++) this.books.close(this.crowd.present[place]!);
  }

  /** What the origin sends at once when it hears of a viewer: the group of pictures as far as it has been cut. */
  #catchUp(row: number): void {
    const { gopMs, slots, keyBytes } = this.world;
    const { servedFrom, originRttMs, downlinkBytesPerMs, joinedAt } = this.crowd;
    const from = servedFrom[row]!;
    let waits = 0;
    for (const slot of slots) {
      if (slot.atMs > from % gopMs) continue;
      this.books.originSent(from, slot.originBytes);
      waits = this.#origin.send(from, slot.originBytes);
    }
    const first = from + waits + originRttMs[row]! / 2 + keyBytes / downlinkBytesPerMs[row]!;
    this.books.started(row, first - joinedAt[row]!, first);
  }

  #leave(row: number): void {
    const { crowd, trees, world } = this;
    if (crowd.state[row] !== UP || crowd.leaveAt[row]! >= this.now + BEAT_MS) return;
    this.books.close(row);
    crowd.leave(row, crowd.leaveAt[row]!);
    for (let substream = 0; substream < world.substreams; substream++) {
      const feed = row * world.substreams + substream;
      trees.dropTrial(row, substream);
      if (trees.sources[feed] === ORIGIN) trees.setSource(row, substream, NOBODY);
      for (let place = 0; place < trees.childCounts[feed]!; place++) {
        const child = trees.childAt(feed, place);
        if (trees.sources[child * world.substreams + substream] === row) this.#noticeLater(child, substream, row);
      }
    }
    put(this.#releasing, this.#beat + GONE_MS / BEAT_MS, row);
  }

  /** A silent parent is given up at the first late piece after a while, or when it has been silent for too long. */
  #noticeLater(row: number, substream: number, parent: number): void {
    const feed = row * this.world.substreams + substream;
    const intervalMs = (this.world.substreams * 1000) / this.world.piecesPerSec;
    const silence = rules.SUSPECT_MS + this.dice.unit() * intervalMs;
    const at = this.crowd.leaveAt[parent]! + Math.min(rules.SILENCE_MAX_MS + BEAT_MS / 2, silence);
    this.feeds.orphanAt[feed] = at;
    put(this.#orphaning, Math.max(this.#beat + 1, beatOf(at)), feed);
  }

  #orphan(feed: number): void {
    const { substreams } = this.world;
    const row = Math.floor(feed / substreams);
    const source = this.trees.sources[feed]!;
    if (source < 0 || this.crowd.state[source] === UP || this.crowd.state[row] !== UP) return;
    this.#cutLoose(row, feed % substreams);
  }

  #cutLoose(row: number, substream: number): void {
    const feed = row * this.world.substreams + substream;
    if (this.trees.trials[feed]! >= 0 && this.feeds.goods[feed]! > 0) {
      this.feeds.turnTo(row, substream, { source: this.trees.trials[feed]!, now: this.now });
      return;
    }
    this.trees.dropTrial(row, substream);
    this.feeds.turnTo(row, substream, { source: NOBODY, now: this.now });
    this.#flow.catchUp(row, substream, this.now);
  }

  #release(row: number): void {
    this.trees.clear(row);
    this.crowd.release(row);
  }

  #decideTrials(now: number): void {
    const { trees, feeds, world, crowd } = this;
    const before = this.#trials;
    this.#trials = [];
    for (const feed of before) {
      const row = Math.floor(feed / world.substreams);
      const substream = feed % world.substreams;
      const candidate = trees.trials[feed]!;
      if (candidate < 0 || crowd.state[row] !== UP) continue;
      if (feeds.promoteAt[feed]! <= now + BEAT_MS / 2) {
        const looped = trees.rootOf(candidate, substream, row) < 0;
        if (looped) trees.dropTrial(row, substream);
        else feeds.turnTo(row, substream, { source: candidate, now });
      } else if (now - feeds.trialAt[feed]! > rules.TRIAL_PATIENCE_MS) {
        feeds.fail(feed, candidate, now);
        trees.dropTrial(row, substream);
      } else this.#trials.push(feed);
    }
  }

  #rescue(row: number, substream: number, now: number): void {
    const { feeds } = this;
    const feed = row * this.world.substreams + substream;
    if (now < feeds.huntAt[feed]!) return;
    this.#looks++;
    const tried = feeds.tries[feed]!;
    const found = tried < rules.ORPHAN_TRIES ? this.#search.hunt(row, substream, now) : 'none';
    if (found === 'taken') return this.#flow.catchUp(row, substream, now);
    if (found === 'silent') {
      feeds.tries[feed] = tried + 1;
      feeds.huntAt[feed] = now + rules.ORPHAN_PATIENCE_MS;
    } else if (this.#origin.hasRoom(false)) {
      feeds.turnTo(row, substream, { source: ORIGIN, now });
      this.#flow.catchUp(row, substream, now);
    } else {
      feeds.tries[feed] = 0;
      feeds.huntAt[feed] = now + rules.FEEDS_EVERY_MS;
    }
  }

  #hunt(row: number, substream: number, now: number): void {
    const { trees, feeds } = this;
    const feed = row * this.world.substreams + substream;
    if (trees.trials[feed]! >= 0 || trees.trying[row]! >= rules.TRIALS_MAX || now < feeds.huntAt[feed]!) return;
    this.#looks++;
    const found = this.#search.hunt(row, substream, now);
    if (found === 'tried') this.#trials.push(feed);
    if (found === 'taken') this.#flow.catchUp(row, substream, now);
    if (found !== 'none') feeds.huntAt[feed] = now + rules.IMPROVE_EVERY_MS;
  }

  /** Once a second for each viewer: links and budget. */
  #upkeep(row: number, now: number): void {
    const { trees, crowd } = this;
    this.#links.reachOut(row, now, this.#isStarving(row, now));
    this.#links.upkeep(row, now, (peer) => this.#linkLost(row, peer));
    this.#offers.look(row, now);
    for (let excess = this.#budgets.step(row, now); excess > 0; excess--) this.#shed(row);
    if (Math.floor((now - crowd.joinedAt[row]!) / 1000) % rules.REPORT_SECONDS === 0)
      this.#introductions.reported[row] = Math.max(0, this.#budgets.slots(row) - trees.served[row]!);
  }

  /** Whether the origin feeds it for long, where nobody depends on it. */
  #isStarving(row: number, now: number): boolean {
    const { trees, feeds, world } = this;
    for (let feed = row * world.substreams; feed < (row + 1) * world.substreams; feed++) {
      const alone = trees.sources[feed] === ORIGIN && trees.childCounts[feed] === 0 && trees.trials[feed]! < 0;
      if (alone && now - feeds.since[feed]! > rules.STARVING_MS) return true;
    }
    return false;
  }

  /** Orphans look for a parent, late ones are given up, others exchanged for better ones. */
  #improve(row: number, now: number): void {
    const { trees, world } = this;
    // Neighbours say something new only so often.
    const isNews = (row + this.#beat) % BEATS_PER_WORD === 0;
    const first = this.dice.below(world.substreams);
    for (let step = 0; step < world.substreams; step++) {
      const substream = (first + step) % world.substreams;
      const feed = row * world.substreams + substream;
      if (trees.sources[feed]! === NOBODY) this.#rescue(row, substream, now);
      else if (this.feeds.lates[feed]! >= rules.LATES_MAX || this.#isTooSlow(row, feed)) {
        this.feeds.fail(feed, trees.sources[feed]!, now);
        this.#cutLoose(row, substream);
      } else if (isNews) this.#hunt(row, substream, now);
    }
  }

  /** What the source usually sends comes so late that nobody could help any more, and the origin could. */
  #isTooSlow(row: number, feed: number): boolean {
    const source = this.trees.sources[feed]!;
    return source >= 0 && this.feeds.isTooSlow(row, feed, source) && this.#origin.hasRoom(false);
  }

  #linkLost(row: number, peer: number): void {
    for (let substream = 0; substream < this.world.substreams; substream++) {
      const feed = row * this.world.substreams + substream;
      if (this.trees.trials[feed] === peer) this.trees.dropTrial(row, substream);
      if (this.trees.sources[feed] === peer) this.#cutLoose(row, substream);
      if (this.trees.sources[peer * this.world.substreams + substream] === row)
        this.trees.setSource(peer, substream, NOBODY);
    }
  }

  /** One child too many is let go. */
  #shed(row: number): void {
    const { trees, world } = this;
    const first = this.dice.below(world.substreams);
    for (let step = 0; step < world.substreams; step++) {
      const substream = (first + step) % world.substreams;
      const count = trees.childCounts[row * world.substreams + substream]!;
      if (count === 0) continue;
      const child = trees.childAt(row * world.substreams + substream, count - 1);
      if (trees.trials[child * world.substreams + substream] === row) trees.dropTrial(child, substream);
      else if (this.crowd.state[child] === UP) this.#cutLoose(child, substream);
      else trees.setSource(child, substream, NOBODY);
      return;
    }
  }

  /** The pieces of this beat flow. */
  #cut(now: number): void {
    const { gopMs, slots, substreams } = this.world;
    const group = Math.floor(now / gopMs);
    slots.forEach((slot, at) => {
      const cutAt = group * gopMs + slot.atMs;
      if (cutAt < now || cutAt >= now + BEAT_MS) return;
      const sequence = group * slots.length + at;
      this.#flow.cut({ sequence, cutAt, slot, substream: sequence % substreams });
    });
    this.#flow.run(now + BEAT_MS);
  }
}

const beatOf = (at: number): number => Math.floor(at / BEAT_MS);

const put = (beats: Map<number, number[]>, beat: number, what: number): void => {
  const list = beats.get(beat);
  if (list === undefined) beats.set(beat, [what]);
  else list.push(what);
};

const take = (beats: Map<number, number[]>, beat: number): readonly number[] => {
  const list = beats.get(beat);
  beats.delete(beat);
  return list ?? [];
};
