/**
 * How many children each viewer offers to feed, adapted once a second to the queue on its way out, as the engine does.
 */
import { UplinkCapacity } from '../../src/core/viewer/uplink-capacity.ts';
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
/** What a reckoning takes in memory, with the readings it keeps. */
const CAPACITY_BYTES = 700;

export class Budgets {
  readonly #world: ModelWorld;
  readonly #crowd: Crowd;
  readonly #trees: Trees;
  readonly #uplinks: Uplinks;
  readonly #dice: Dice;
  /** Bytes a second one child in one substream takes. */
  readonly #slotBytes: number;
  /** What a viewer takes a byte on the wire for: it knows what it hands over, and reckons with what packets add on the whole. */
  readonly #countedShare: number;
  /** Bytes a second offered, by row. */
  readonly #offered: Float32Array;
  /** What each uplink is believed to carry: the engine's own reckoning. */
  readonly #capacities: UplinkCapacity[] = [];
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
    const [slot] = world.slots;
    this.#countedShare = slot === undefined ? 1 : (slot.linkBytes * rules.WIRE_FACTOR) / slot.wireBytes;
    this.#offered = new Float32Array(capacity);
  }

  get bytes(): number {
    return this.#offered.byteLength + this.#capacities.length * CAPACITY_BYTES;
  }

  begin(row: number): void {
    const first = Math.max(this.#world.bytesPerSec / 2, this.#slotBytes * rules.FIRST_SLOTS);
    this.#offered[row] = this.#crowd.mayUpload(row) ? first : 0;
    this.#capacities[row] = new UplinkCapacity();
  }

  slots(row: number): number {
    return this.#places(row, this.#capacities[row]?.isSure ? rules.OFFERED_SHARE : rules.OFFERED_UNSURE);
  }

  #places(row: number, share: number): number {
    const known = this.#capacityOf(row) * share;
    const cap = this.#world.capBytesPerSec * rules.CAP_SHARE;
    return Math.floor(Math.min(this.#offered[row]!, known, cap) / this.#slotBytes);
  }

  /** Once a second; returns how many children are too many. */
  step(row: number, now: number): number {
    if (!this.#crowd.mayUpload(row)) return 0;
    this.#uplinks.close(row, now, STEP_MS);
    const sentBytes = this.#uplinks.letOutBytes(row, now) * this.#countedShare;
    this.#capacities[row]?.read({
      at: now,
      sentBytes,
      arrivedBytes: sentBytes,
      queueMs: this.#uplinks.standsMs(row, now),
    });
    this.#lookAtQueues(row, now);
    const children = this.#trees.served[row]!;
    const hadToWait = this.#uplinks.takeWaited(row);
    const pressed = this.#capacities[row]?.isKnown
      ? children >= this.slots(row)
      : hadToWait || this.slots(row) - children < rules.UNUSED_SLOTS;
    if (this.#queueMs > rules.CROWDED_MS && this.#queueOutMs > rules.CALM_MS) this.#shrink(row, now);
    else if (this.#queueMs < rules.CALM_MS && pressed) this.#grow(row, now);
    this.#uplinks.setPace(row, this.#capacityOf(row) / 1000);
    return Math.max(0, children - this.#places(row, rules.KEPT_SHARE));
  }

  #shrink(row: number, now: number): void {
    const capacity = this.#capacities[row];
    if (capacity === undefined || now - capacity.overloadedAt < rules.DRAIN_MS) return;
    capacity.overloaded(now, 'standing', this.#slotBytes * rules.CAPACITY_SLOTS_MIN);
  }

  /** A share of the stream a second until the capacity is known. */
  #grow(row: number, now: number): void {
    const capacity = this.#capacities[row];
    if (capacity === undefined || !capacity.isKnown) {
      this.#offered[row]! += Math.max(this.#slotBytes, this.#world.bytesPerSec * rules.FIRST_GROWTH);
      return;
    }
    capacity.grow(now);
    this.#offered[row] = Math.max(this.#offered[row]!, capacity.bytesPerSec);
  }

  #capacityOf(row: number): number {
    return this.#capacities[row]?.bytesPerSec ?? Number.POSITIVE_INFINITY;
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
      const out = this.#uplinks.stoodMs(row, trip);
      const back = this.#uplinks.stoodMs(child, trip);
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
