/**
 * How well each feed does, as columns: what the engine measures of its source, and when it may look for another one.
 */
import { SLACK_MORE_MS } from '../calibration/model-fit.ts';
import { type Crowd, UP } from './crowd.ts';
import { Lags, UNKNOWN } from './lags.ts';
import type { ModelWorld } from './model-world.ts';
import * as rules from './rules.ts';
import type { Trees } from './trees.ts';
import type { Uplinks } from './uplinks.ts';

/** Before it is measured, a lag is taken for this. */
const LAG_GUESS_MS = 150;

export class Feeds {
  readonly #world: ModelWorld;
  readonly #crowd: Crowd;
  readonly #trees: Trees;
  readonly #uplinks: Uplinks;
  readonly #lags: Lags;
  /** Rank of the tree the last piece came down. */
  readonly ranks: Uint16Array;
  /** Late pieces in a row, on-time pieces of a candidate, and candidates tried since the source was lost. */
  readonly lates: Uint8Array;
  /** Late pieces in a row that the parent said it misses too. */
  readonly #excuses: Uint8Array;
  readonly goods: Uint8Array;
  readonly tries: Uint8Array;
  /** When the trial began; when its candidate takes over, Infinity while it has not proved itself. */
  readonly trialAt: Float64Array;
  readonly promoteAt: Float64Array;
  /** Since when it has its source. */
  readonly since: Float64Array;
  /** No search before this. */
  readonly huntAt: Float64Array;
  /** When a feed will notice that its source has vanished. */
  readonly orphanAt: Float64Array;
  /** By row: pieces are given so much longer, because repairs were not needed. */
  readonly #graceMs: Float32Array;
  /** Who has failed it last, and until when it is not tried again. */
  readonly #failed: Int32Array;
  readonly #failedUntil: Float64Array;

  constructor(world: ModelWorld, parts: { readonly crowd: Crowd; readonly trees: Trees; readonly uplinks: Uplinks }) {
    const { crowd } = parts;
    const feeds = crowd.capacity * world.substreams;
    this.#world = world;
    this.#crowd = crowd;
    this.#trees = parts.trees;
    this.#uplinks = parts.uplinks;
    this.#lags = new Lags(feeds);
    this.ranks = new Uint16Array(feeds);
    this.lates = new Uint8Array(feeds);
    this.#excuses = new Uint8Array(feeds);
    this.goods = new Uint8Array(feeds);
    this.tries = new Uint8Array(feeds);
    this.trialAt = new Float64Array(feeds);
    this.promoteAt = new Float64Array(feeds).fill(Number.POSITIVE_INFINITY);
    this.since = new Float64Array(feeds);
    this.huntAt = new Float64Array(feeds);
    this.orphanAt = new Float64Array(feeds);
    this.#graceMs = new Float32Array(crowd.capacity);
    this.#failed = new Int32Array(feeds);
    this.#failedUntil = new Float64Array(feeds);
  }

  get bytes(): number {
    const small = [
      this.ranks,
      this.lates,
      this.goods,
      this.tries,
      this.#failed,
      this.#failedUntil,
      this.#graceMs,
      this.#excuses,
    ];
    const all = [...small, this.trialAt, this.promoteAt, this.since, this.huntAt, this.orphanAt];
    return this.#lags.bytes + all.reduce((sum, each) => sum + each.byteLength, 0);
  }

  /** Another source: measurements start anew. */
  turnTo(row: number, substream: number, at: { readonly source: number; readonly now: number }): void {
    const feed = row * this.#world.substreams + substream;
    this.#trees.setSource(row, substream, at.source);
    this.#lags.clear(feed);
    this.since[feed] = at.now;
    this.inTime(feed);
    this.orphanAt[feed] = 0;
    this.promoteAt[feed] = Number.POSITIVE_INFINITY;
    this.huntAt[feed] = at.source >= 0 ? at.now + rules.IMPROVE_EVERY_MS : at.now;
    if (at.source !== -1) this.tries[feed] = 0;
  }

  beginTrial(row: number, substream: number, at: { readonly candidate: number; readonly now: number }): void {
    const feed = row * this.#world.substreams + substream;
    this.#trees.beginTrial(row, substream, at.candidate);
    this.goods[feed] = 0;
    this.trialAt[feed] = at.now;
    this.promoteAt[feed] = Number.POSITIVE_INFINITY;
  }

  /** A piece came from the source. */
  heard(feed: number, lagMs: number): void {
    this.#lags.add(feed, lagMs);
  }

  /** A new piece came from the source. */
  inTime(feed: number): void {
    this.lates[feed] = 0;
    this.#excuses[feed] = 0;
  }

  /** A piece is late. A parent that misses it too is excused, but not for ever. */
  late(feed: number, excused: boolean): void {
    if (excused && this.#excuses[feed]! < rules.EXCUSES_MAX) this.#excuses[feed]!++;
    else this.lates[feed] = Math.min(rules.LATES_MAX, this.lates[feed]! + 1);
  }

  /** Median lag, or UNKNOWN. */
  lagOf(feed: number): number {
    return this.#lags.at(feed, 0.5);
  }

  /** Pieces the source has sent, of those that are remembered. */
  heardOf(feed: number): number {
    return this.#lags.count(feed);
  }

  /** What a status of its row says of it: a lag mostly kept and what usually waits there, or UNKNOWN. */
  toldLag(row: number, feed: number): number {
    const lag = this.#lags.at(feed, 0.8);
    return lag === UNKNOWN ? lag : lag + this.#uplinks.usualWaitMs(row);
  }

  /** A repair has come first, or the piece itself although it had been repaired: then there was time. */
  repaired(row: number, outcome: 'needed' | 'not needed'): void {
    const step = outcome === 'needed' ? -rules.GRACE_STEP_DOWN_MS : rules.GRACE_STEP_UP_MS + rules.GRACE_STEP_DOWN_MS;
    this.#graceMs[row] = Math.max(0, Math.min(rules.GRACE_MAX_MS, this.#graceMs[row]! + step));
  }

  /** Somebody new has the row. */
  begin(row: number): void {
    this.#graceMs[row] = 0;
  }

  /** Somebody has failed a feed, and rests. */
  fail(feed: number, peer: number, now: number): void {
    this.#failed[feed] = peer;
    this.#failedUntil[feed] = now + rules.FAILED_MS;
  }

  avoids(feed: number, peer: number, now: number): boolean {
    return this.#failed[feed] === peer && now < this.#failedUntil[feed]!;
  }

  /** How long after its cut a piece is late. */
  lateAfter(row: number, feed: number, parent: number): number {
    const rtt = parent < 0 ? 0 : this.measuredRttMs(row, parent);
    const slack = Math.max(rules.SLACK_MIN_MS, rules.SLACK_RTTS * rtt) + SLACK_MORE_MS;
    const most = this.#lags.at(feed, 0.95);
    const lag = most === UNKNOWN ? this.#lagOfAll(row) : most;
    const usual = (most === UNKNOWN ? lag : this.lagOf(feed)) + slack;
    const originRtt = Math.min(rules.ORIGIN_RTT_MAX_MS, this.#crowd.originRttMs[row]!);
    const helpBy = this.#world.playoutMs - rules.LAST_RESORT_MS - originRtt - slack;
    return Math.min(lag + slack + this.#graceMs[row]!, Math.max(usual, helpBy));
  }

  /** What stands in for a lag that is not measured yet: the larger ones of the viewer's other feeds. */
  #lagOfAll(row: number): number {
    let most = UNKNOWN;
    for (let substream = 0; substream < this.#world.substreams; substream++)
      most = Math.max(most, this.#lags.at(row * this.#world.substreams + substream, 0.8));
    return most === UNKNOWN ? LAG_GUESS_MS : most;
  }

  /** The usual lag leaves no time for a repair. */
  isTooSlow(row: number, feed: number, parent: number): boolean {
    if (this.#lags.count(feed) < rules.SLOW_PIECES) return false;
    return this.lagOf(feed) + this.patienceMs(row, parent) > this.#world.playoutMs;
  }

  /** How long after its cut a child still has a use for a piece that leaves then. */
  usefulFor(row: number, child: number): number {
    const originRtt = Math.min(rules.ORIGIN_RTT_MAX_MS, this.#crowd.originRttMs[row]!);
    const before = ((1 + rules.RESORT_SHARE) / 2) * rules.LAST_RESORT_MS + rules.RESORT_MARGIN_MS;
    return this.#world.playoutMs - before - originRtt - this.#crowd.rttMs(row, child) / 2;
  }

  /** How long after its cut the origin is asked for a piece whoever else may have it. */
  resortAfter(row: number): number {
    const originRtt = Math.min(rules.ORIGIN_RTT_MAX_MS, this.#crowd.originRttMs[row]!);
    const before = rules.RESORT_SHARE * rules.LAST_RESORT_MS + rules.RESORT_MARGIN_MS;
    return this.#world.playoutMs - before - originRtt;
  }

  /** A round trip as the two measure it: with what stands in their uplinks. */
  measuredRttMs(row: number, peer: number): number {
    return this.#crowd.rttMs(row, peer) + this.#uplinks.usualMs(row) + this.#uplinks.usualMs(peer);
  }

  patienceMs(row: number, peer: number): number {
    return Math.max(rules.PATIENCE_MIN_MS, rules.PATIENCE_RTTS * this.measuredRttMs(row, peer));
  }

  isThere(row: number, at: number): boolean {
    return this.#crowd.state[row] === UP && at < this.#crowd.leaveAt[row]!;
  }
}
