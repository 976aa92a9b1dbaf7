/**
 * The viewers, as columns of numbers: one row per viewer, used again a while after it has left. Nothing here decides.
 */

import { Random } from '../../src/core/kit/random.ts';
import { rootRank } from '../../src/core/viewer/ranks.ts';
import { LineDeck } from '../lines.ts';
import { Network, wireBytes } from '../network.ts';
import { Dice } from './dice.ts';
import type { ModelWorld } from './model-world.ts';
import { Ways } from './ways.ts';

/** A row: nobody, somebody, or somebody who has left and whose neighbours may not know it yet. */
export const FREE = 0;
export const UP = 1;
export const GONE = 2;

/** After this long nothing refers to a viewer that has left. */
export const GONE_MS = 8_000;

export class Crowd {
  readonly capacity: number;
  readonly state: Uint8Array;
  readonly joinedAt: Float64Array;
  /** From when the origin sends to it: connecting takes round trips. */
  readonly servedFrom: Float64Array;
  /** When it will leave; known from the start, so that a piece under way at that moment is lost. */
  readonly leaveAt: Float64Array;
  /** 0: it cannot upload. */
  readonly uplinkBytesPerMs: Float32Array;
  readonly downlinkBytesPerMs: Float32Array;
  readonly originRttMs: Float32Array;
  /** Rank as a root, by row and substream. */
  readonly ranks: Uint16Array;
  /** Rows of those who are there, in no order. */
  readonly present: Int32Array;
  readonly #placeOf: Int32Array;
  readonly #free: number[] = [];
  /** Round trips and losses between rows. */
  readonly ways: Ways;
  readonly #world: ModelWorld;
  readonly #dice: Dice;
  readonly #deck: LineDeck;
  readonly #network: Network;
  #used = 0;
  #named = 0;
  /** Viewers there now, and viewer-milliseconds of those who left. */
  count = 0;
  #livedMs = 0;

  constructor(world: ModelWorld, capacity: number) {
    this.#world = world;
    this.#dice = new Dice(world.seed ^ 0x51ed27);
    const random = new Random(world.seed ^ 0x2e7b01);
    this.#deck = new LineDeck(world.lines, world.uplinkMean, random);
    this.#network = new Network(world, random);
    this.ways = new Ways(world, this.#network, capacity);
    this.capacity = capacity;
    this.state = new Uint8Array(capacity);
    this.joinedAt = new Float64Array(capacity);
    this.servedFrom = new Float64Array(capacity);
    this.leaveAt = new Float64Array(capacity);
    this.uplinkBytesPerMs = new Float32Array(capacity);
    this.downlinkBytesPerMs = new Float32Array(capacity);
    this.originRttMs = new Float32Array(capacity);
    this.ranks = new Uint16Array(capacity * world.substreams);
    this.present = new Int32Array(capacity);
    this.#placeOf = new Int32Array(capacity);
  }

  /** Somebody comes; its row, or -1 when all rows are taken. */
  join(now: number): number {
    const row = this.#free.pop() ?? (this.#used < this.capacity ? this.#used++ : -1);
    if (row < 0) return row;
    this.state[row] = UP;
    this.joinedAt[row] = now;
    this.leaveAt[row] = now + this.#dice.lifetime(this.#world.sessionMs);
    this.#equip(row);
    this.servedFrom[row] = now + (this.#world.httpRtts - 0.5) * this.originRttMs[row]!;
    this.#placeOf[row] = this.count;
    this.present[this.count++] = row;
    return row;
  }

  /** It has left; its row stays taken until `release`. */
  leave(row: number, now: number): void {
    this.state[row] = GONE;
    this.#livedMs += now - this.joinedAt[row]!;
    const last = this.present[--this.count]!;
    const place = this.#placeOf[row]!;
    this.present[place] = last;
    this.#placeOf[last] = place;
  }

  release(row: number): void {
    this.state[row] = FREE;
    this.#free.push(row);
  }

  /** Milliseconds lived by all viewers so far. */
  livedMs(now: number): number {
    let lived = this.#livedMs;
    for (let place = 0; place < this.count; place++) lived += now - this.joinedAt[this.present[place]!]!;
    return lived;
  }

  rttMs(a: number, b: number): number {
    return this.ways.rttMs(a, b);
  }

  mayUpload(row: number): boolean {
    return this.uplinkBytesPerMs[row]! > 0;
  }

  /** Bytes all columns take. */
  get bytes(): number {
    const columns = [this.state, this.joinedAt, this.servedFrom, this.leaveAt, this.uplinkBytesPerMs, this.originRttMs];
    const all = [...columns, this.downlinkBytesPerMs, this.ranks, this.present, this.#placeOf];
    return this.ways.bytes + all.reduce((sum, each) => sum + each.byteLength, 0);
  }

  #equip(row: number): void {
    const { bytesPerSec, substreams } = this.#world;
    const line = this.#deck.deal();
    const place = { region: this.#network.region(), line };
    const control = controlBytesPerMs(substreams);
    this.ways.settle(row, place);
    this.uplinkBytesPerMs[row] = line.up === 0 ? 0 : Math.max(control, (line.up * bytesPerSec) / 1000 - control);
    this.downlinkBytesPerMs[row] = (line.down * bytesPerSec) / 1000;
    this.originRttMs[row] = this.#network.originRttMs(place);
    const name = (++this.#named).toString(16).padStart(16, '0');
    const is = { uploading: line.up > 0, senior: false };
    for (let substream = 0; substream < substreams; substream++)
      this.ranks[row * substreams + substream] = rootRank(name, substream, is);
  }
}

/** Neighbours that are told how we do every so often, on the wire: pieces get what is left of an uplink. */
const TOLD_NEIGHBOURS = 11;
const TOLD_EVERY_MS = 400;

const controlBytesPerMs = (substreams: number): number => {
  const status = wireBytes(41 + 3 * substreams);
  return (TOLD_NEIGHBOURS * status) / TOLD_EVERY_MS;
};
