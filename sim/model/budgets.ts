/**
 * How many children each viewer offers to feed, adapted once a second to the queue on its way out, as the engine does.
 */
import { RATES_OVER_BYTES } from '../calibration/model-fit.ts';
import type { Crowd } from './crowd.ts';
import type { Dice } from './dice.ts';
import type { ModelWorld } from './model-world.ts';
import * as rules from './rules.ts';
import type { Trees } from './trees.ts';
import type { Uplinks } from './uplinks.ts';

/** Children whose round trips are looked at, and how many round trips the least is taken of. */
const LOOKED_AT = 7;
const ROUND_TRIPS = rules.NEWEST_RTTS;
/** The middle of the lower half of the children counts. */
const LOW_SHARE = 0.25;
const STEP_MS = 1_000;
/** Who has joined so lately has not measured enough round trips to see a queue. */
const MEASURING_MS = 3_500;
/** Weight of the newest second in what is known to arrive. */
const NEWEST_WEIGHT = 0.6;

export class Budgets {
  readonly #world: ModelWorld;
  readonly #crowd: Crowd;
  readonly #trees: Trees;
  readonly #uplinks: Uplinks;
  readonly #dice: Dice;
  /** Bytes a second one child in one substream takes. */
  readonly #slotBytes: number;
  /** Bytes a second offered, by row. */
  readonly #offered: Float32Array;
  readonly #carried: Float32Array;
  /** What the uplink is believed to carry, bytes a second on the wire. */
  readonly #capacity: Float32Array;
  readonly #shrunkAt: Float64Array;
  /** Of the measurements so far, and how many of them agreed. */
  readonly #mean: Float32Array;
  readonly #sure: Uint8Array;
  readonly #trips = new Float64Array(LOOKED_AT);
  readonly #ways = new Float64Array(LOOKED_AT);
  /** What the row looked at last has found: of one child, and of all. */
  #leastMs = 0;
  #leastOutMs = 0;
  #queueMs = 0;
  #queueOutMs = 0;

  constructor(world: ModelWorld, parts: { crowd: Crowd; trees: Trees; uplinks: Uplinks; dice: Dice }) {
    const { capacity } = parts.crowd;
    this.#world = world;
    this.#crowd = parts.crowd;
    this.#trees = parts.trees;
    this.#uplinks = parts.uplinks;
    this.#dice = parts.dice;
    this.#slotBytes = (world.bytesPerSec / world.substreams) * rules.WIRE_FACTOR;
    this.#offered = new Float32Array(capacity);
    this.#carried = new Float32Array(capacity);
    this.#capacity = new Float32Array(capacity);
    this.#shrunkAt = new Float64Array(capacity);
    this.#mean = new Float32Array(capacity);
    this.#sure = new Uint8Array(capacity);
  }

  get bytes(): number {
    const columns = [this.#offered, this.#carried, this.#capacity, this.#shrunkAt, this.#mean, this.#sure];
    return columns.reduce((sum, each) => sum + each.byteLength, 0);
  }

  begin(row: number): void {
    const first = Math.max(this.#world.bytesPerSec / 2, this.#slotBytes * rules.FIRST_SLOTS);
    this.#offered[row] = this.#crowd.mayUpload(row) ? first : 0;
    this.#carried[row] = 0;
    this.#capacity[row] = Number.POSITIVE_INFINITY;
    this.#shrunkAt[row] = Number.NEGATIVE_INFINITY;
    this.#sure[row] = 0;
  }

  slots(row: number): number {
    return this.#places(row, rules.OFFERED_SHARE);
  }

  #places(row: number, share: number): number {
    const known = this.#capacity[row]! * share;
    const cap = this.#world.capBytesPerSec * rules.CAP_SHARE;
    return Math.floor(Math.min(this.#offered[row]!, known, cap) / this.#slotBytes);
  }

  /** Once a second; returns how many children are too many. */
  step(row: number, now: number): number {
    if (!this.#crowd.mayUpload(row)) return 0;
    const arrived = this.#uplinks.close(row, now, STEP_MS);
    this.#carried[row]! += (RATES_OVER_BYTES * arrived - this.#carried[row]!) * NEWEST_WEIGHT;
    this.#lookAtQueues(row, now);
    const children = this.#trees.served[row]!;
    const hadToWait = this.#uplinks.takeWaited(row);
    const isKnown = this.#capacity[row] !== Number.POSITIVE_INFINITY;
    const pressed = isKnown
      ? children >= this.slots(row)
      : hadToWait || this.slots(row) - children < rules.UNUSED_SLOTS;
    if (this.#queueMs > rules.CROWDED_MS && this.#queueOutMs > rules.CALM_MS) this.#shrink(row, now);
    else if (this.#queueMs < rules.CALM_MS && pressed) this.#grow(row, now);
    this.#uplinks.setPace(row, this.#capacity[row]! / 1000);
    return Math.max(0, children - this.#places(row, rules.KEPT_SHARE));
  }

  /** While a queue stands, what arrives is what the uplink carries. */
  #shrink(row: number, now: number): void {
    if (now - this.#shrunkAt[row]! < rules.DRAIN_MS) return;
    this.#shrunkAt[row] = now;
    const known = this.#capacity[row]!;
    const carried = this.#carried[row]!;
    this.#learn(row, carried);
    const least = this.#slotBytes * rules.CAPACITY_SLOTS_MIN;
    this.#capacity[row] = Math.max(least, Math.min(known * rules.SHRINK_LEAST, this.#mean[row]!));
  }

  /** Measurements that agree make the mean surer. */
  #learn(row: number, carried: number): void {
    const mean = this.#mean[row]!;
    const sure = this.#sure[row]!;
    if (this.#capacity[row] === Number.POSITIVE_INFINITY || carried > mean * (1 + rules.AGREES)) {
      this.#mean[row] = carried;
      this.#sure[row] = 0;
    } else if (carried < mean * (1 - rules.AGREES)) {
      this.#mean[row] = mean * rules.DISAGREES_STEP;
      this.#sure[row] = Math.max(0, sure - 1);
    } else {
      this.#sure[row] = Math.min(rules.SURE_MAX, sure + 1);
      this.#mean[row] = mean + (carried - mean) / (this.#sure[row]! + 1);
    }
  }

  /** A share of the stream a second until the capacity is known; then slowly, and faster the longer no queue has stood. */
  #grow(row: number, now: number): void {
    if (this.#capacity[row] === Number.POSITIVE_INFINITY) {
      this.#offered[row]! += Math.max(this.#slotBytes, this.#world.bytesPerSec * rules.FIRST_GROWTH);
      return;
    }
    const calmMs = now - this.#shrunkAt[row]!;
    const calm = 1 + this.#sure[row]!;
    const rate = (rules.GROWTH / calm) * 2 ** (calmMs / (rules.GROWTH_DOUBLES_MS * calm));
    this.#capacity[row]! *= 1 + Math.min(rules.GROWTH_MAX, rate);
    this.#offered[row] = Math.max(this.#offered[row]!, this.#capacity[row]!);
  }

  /**
   * The queue as round trips to a few children show it: the least of some each, a low one of the children. The same for
   * the ways out alone.
   */
  #lookAtQueues(row: number, now: number): void {
    let found = 0;
    const wanted = Math.min(LOOKED_AT, this.#trees.served[row]!);
    for (let look = 0; look < LOOKED_AT * 2 && found < wanted; look++) {
      const feed = row * this.#trees.substreams + this.#dice.below(this.#trees.substreams);
      const children = this.#trees.childCounts[feed]!;
      if (children === 0) continue;
      const child = this.#trees.childAt(feed, this.#dice.below(children));
      const isNew = now - Math.max(this.#crowd.joinedAt[row]!, this.#crowd.joinedAt[child]!) < MEASURING_MS;
      this.#leastOf(row, child);
      insert(this.#trips, found, isNew ? 0 : this.#leastMs);
      insert(this.#ways, found++, isNew ? 0 : this.#leastOutMs);
    }
    const low = Math.floor(found * LOW_SHARE);
    this.#queueMs = found === 0 ? 0 : this.#trips[low]!;
    this.#queueOutMs = found === 0 ? 0 : this.#ways[low]!;
  }

  /** The least of the newest round trips to a child, and of the ways out alone. */
  #leastOf(row: number, child: number): void {
    this.#leastMs = Number.POSITIVE_INFINITY;
    this.#leastOutMs = Number.POSITIVE_INFINITY;
    for (let trip = 0; trip < ROUND_TRIPS; trip++) {
      const out = this.#uplinks.waitedMs(row, trip, this.#dice);
      const back = this.#uplinks.waitedMs(child, trip, this.#dice);
      this.#leastOutMs = Math.min(this.#leastOutMs, out);
      this.#leastMs = Math.min(this.#leastMs, out + back);
    }
  }
}

/** Keeps so many found so far in order. */
const insert = (queues: Float64Array, found: number, queueMs: number): void => {
  let at = found;
  for (; at > 0 && queues[at - 1]! > queueMs; at--) queues[at] = queues[at - 1]!;
  queues[at] = queueMs;
};
