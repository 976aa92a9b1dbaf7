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
  readonly #queues = new Float64Array(LOOKED_AT);
  readonly #own = new Float64Array(ROUND_TRIPS);
  readonly #theirs = new Float64Array(ROUND_TRIPS);

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
  }

  get bytes(): number {
    const columns = [this.#offered, this.#carried, this.#capacity, this.#shrunkAt];
    return columns.reduce((sum, each) => sum + each.byteLength, 0);
  }

  begin(row: number): void {
    const first = Math.max(this.#world.bytesPerSec / 2, this.#slotBytes * rules.FIRST_SLOTS);
    this.#offered[row] = this.#crowd.mayUpload(row) ? first : 0;
    this.#carried[row] = 0;
    this.#capacity[row] = Number.POSITIVE_INFINITY;
    this.#shrunkAt[row] = Number.NEGATIVE_INFINITY;
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
    const queueMs = this.#queueMs(row, now);
    const children = this.#trees.served[row]!;
    const pressed = this.#uplinks.takeWaited(row) || this.slots(row) - children < rules.UNUSED_SLOTS;
    if (queueMs > rules.CROWDED_MS) this.#shrink(row, now);
    else if (queueMs < rules.CALM_MS && pressed) this.#grow(row, now);
    this.#uplinks.setPace(row, this.#capacity[row]! / 1000);
    return Math.max(0, children - this.#places(row, rules.KEPT_SHARE));
  }

  /** While a queue stands, what arrives is what the uplink carries. */
  #shrink(row: number, now: number): void {
    if (now - this.#shrunkAt[row]! < rules.DRAIN_MS) return;
    this.#shrunkAt[row] = now;
    const known = this.#capacity[row]!;
    const carried = this.#carried[row]!;
    const lower = known === Number.POSITIVE_INFINITY ? carried : Math.max(carried, known * rules.SHRINK_MOST);
    const least = this.#slotBytes * rules.CAPACITY_SLOTS_MIN;
    this.#capacity[row] = Math.max(least, Math.min(known * rules.SHRINK_LEAST, lower));
  }

  /** A share of the stream a second until the capacity is known; then slowly, and faster the longer no queue has stood. */
  #grow(row: number, now: number): void {
    if (this.#capacity[row] === Number.POSITIVE_INFINITY) {
      this.#offered[row]! += Math.max(this.#slotBytes, this.#world.bytesPerSec * rules.FIRST_GROWTH);
      return;
    }
    const calmMs = now - this.#shrunkAt[row]!;
    const rate = Math.min(rules.GROWTH_MAX, rules.GROWTH * 2 ** (calmMs / rules.GROWTH_DOUBLES_MS));
    this.#capacity[row]! *= 1 + rate;
    this.#offered[row] = Math.max(this.#offered[row]!, this.#capacity[row]!);
  }

  /** The queue as round trips to a few children show it: the least of some each, a low one of the children. */
  #queueMs(row: number, now: number): number {
    this.#sample(row, this.#own);
    let found = 0;
    const wanted = Math.min(LOOKED_AT, this.#trees.served[row]!);
    for (let look = 0; look < LOOKED_AT * 2 && found < wanted; look++) {
      const feed = row * this.#trees.substreams + this.#dice.below(this.#trees.substreams);
      const children = this.#trees.childCounts[feed]!;
      if (children === 0) continue;
      const child = this.#trees.childAt(feed, this.#dice.below(children));
      const isNew = now - Math.max(this.#crowd.joinedAt[row]!, this.#crowd.joinedAt[child]!) < MEASURING_MS;
      this.#insert(found++, isNew ? 0 : this.#leastRoundTrip(child));
    }
    return found === 0 ? 0 : this.#queues[Math.floor(found * LOW_SHARE)]!;
  }

  #leastRoundTrip(child: number): number {
    this.#sample(child, this.#theirs);
    let least = Number.POSITIVE_INFINITY;
    for (let trip = 0; trip < ROUND_TRIPS; trip++) least = Math.min(least, this.#own[trip]! + this.#theirs[trip]!);
    return least;
  }

  /** A queue at the moments of a few statuses: a long one has drained only a little by the next. */
  #sample(row: number, into: Float64Array): void {
    const drainsMs = rules.BUSY_EVERY_MS * (1 - this.#uplinks.loadOf(row));
    for (let trip = 0; trip < ROUND_TRIPS; trip++) {
      const left = trip === 0 ? 0 : into[trip - 1]! - drainsMs;
      into[trip] = left > 0 ? left : this.#uplinks.sampleQueueMs(row, this.#dice);
    }
  }

  /** Keeps the queues found so far in order. */
  #insert(found: number, queueMs: number): void {
    let at = found;
    for (; at > 0 && this.#queues[at - 1]! > queueMs; at--) this.#queues[at] = this.#queues[at - 1]!;
    this.#queues[at] = queueMs;
  }
}
