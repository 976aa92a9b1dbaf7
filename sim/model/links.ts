/**
 * Who is a neighbour of whom: dialling, opening, failing, and noticing that somebody is gone. A link stands in the rows of
 * both its ends.
 */
import { Random } from '../../src/core/kit/random.ts';
import { Reach } from '../../src/core/viewer/reach.ts';
import { type Crowd, UP } from './crowd.ts';
import type { Dice } from './dice.ts';
import type { Introductions } from './introductions.ts';
import type { ModelWorld } from './model-world.ts';
import * as rules from './rules.ts';

const WIDTH = rules.NEIGHBOURS_MAX;
/** Signalling on each side takes the transport so long, ms. */
const SIGNAL_MS = 5;
/** A link that can never open. */
const NEVER = Number.POSITIVE_INFINITY;

/** What the way through the network costs; see sim/calibration. */
export interface LinkCosts {
  /** Round trips from signalling to an open link. */
  readonly setUpRtts: number;
  /** A link whose other end is gone without a word closes after this long. */
  readonly silentMs: number;
}

export class Links {
  readonly #world: ModelWorld;
  readonly #crowd: Crowd;
  readonly #dice: Dice;
  readonly #introductions: Introductions;
  readonly #costs: LinkCosts;
  /** Other ends, by row and place; how many places are taken. */
  readonly peers: Int32Array;
  readonly counts: Uint8Array;
  /** From when the other end's word is known here; NEVER for a dial that fails. */
  readonly knownAt: Float64Array;
  /** 1: the other end has sent pieces in time. */
  readonly #proven: Uint8Array;
  readonly #dialledAt: Float64Array;
  readonly #moreAt: Float64Array;
  readonly #moreMs: Float32Array;
  /** How many links each row wants: the engine's own rule. */
  readonly #reaches: Reach[] = [];
  readonly #random: Random;
  readonly #picked = new Int32Array(WIDTH);

  constructor(world: ModelWorld, parts: { crowd: Crowd; dice: Dice; introductions: Introductions; costs: LinkCosts }) {
    this.#world = world;
    this.#crowd = parts.crowd;
    this.#dice = parts.dice;
    this.#random = new Random(world.seed ^ 0x4eac4);
    this.#introductions = parts.introductions;
    this.#costs = parts.costs;
    const { capacity } = parts.crowd;
    this.peers = new Int32Array(capacity * WIDTH);
    this.counts = new Uint8Array(capacity);
    this.knownAt = new Float64Array(capacity * WIDTH);
    this.#proven = new Uint8Array(capacity * WIDTH);
    this.#dialledAt = new Float64Array(capacity * WIDTH);
    this.#moreAt = new Float64Array(capacity);
    this.#moreMs = new Float32Array(capacity);
  }

  get bytes(): number {
    const columns = [this.peers, this.counts, this.knownAt, this.#proven, this.#dialledAt, this.#moreAt, this.#moreMs];
    return columns.reduce((sum, each) => sum + each.byteLength, 0);
  }

  /** A viewer knows nobody yet; the tracker's first answer comes two round trips after its first word. */
  begin(row: number, now: number): void {
    this.counts[row] = 0;
    this.#reaches[row] = new Reach(this.#random);
    this.#moreMs[row] = rules.MORE_MIN_MS;
    this.#moreAt[row] = now + 2 * this.#crowd.originRttMs[row]! + rules.MORE_MIN_MS;
  }

  /** The tracker introduces some, and they are dialled. */
  introduce(row: number, now: number, count: number): void {
    const found = this.#introductions.pick(row, now, { count, into: this.#picked });
    for (let at = 0; at < found; at++) {
      if (this.counts[row]! >= this.#wanted(row)) return;
      const peer = this.#picked[at]!;
      if (this.#placeOf(row, peer) < 0 && this.counts[peer]! < WIDTH) this.#dial(row, peer, now);
    }
  }

  #wanted(row: number): number {
    return this.#reaches[row]?.links(WIDTH) ?? 0;
  }

  /** Whoever is fed by the origin for long wants more links now and then. */
  reachOut(row: number, now: number, isStarving: boolean): void {
    if (this.#reaches[row]?.look(now, this.counts[row]!, isStarving)) this.#moreAt[row] = now;
  }

  /** Once a second: failed dials are given up, links of those who are gone close, and more are asked for. */
  upkeep(row: number, now: number, lost: (peer: number) => void): void {
    for (let place = this.counts[row]! - 1; place >= 0; place--) {
      const index = row * WIDTH + place;
      const peer = this.peers[index]!;
      const failed = this.knownAt[index] === NEVER && now - this.#dialledAt[index]! > rules.DIAL_PATIENCE_MS;
      const isGone = this.#crowd.state[peer] !== UP && now - this.#crowd.leaveAt[peer]! > this.#costs.silentMs;
      if (!failed && !isGone) continue;
      this.#remove(row, place);
      if (isGone) lost(peer);
      this.#moreMs[row] = rules.MORE_MIN_MS;
      this.#moreAt[row] = Math.min(this.#moreAt[row]!, now + rules.MORE_MIN_MS * this.#dice.between(0.3, 1));
    }
    const missing = this.#wanted(row) - this.counts[row]!;
    if (missing <= 0 || now < this.#moreAt[row]!) return;
    this.#moreMs[row] = Math.min(rules.MORE_MAX_MS, this.#moreMs[row]! * rules.MORE_GROWTH);
    this.#moreAt[row] = now + this.#moreMs[row]! * this.#dice.between(0.7, 1.3);
    this.introduce(row, now + this.#crowd.originRttMs[row]!, missing);
  }

  /** A neighbour has kept its word. */
  prove(row: number, peer: number): void {
    const place = this.#placeOf(row, peer);
    if (place >= 0) this.#proven[row * WIDTH + place] = 1;
  }

  isProven(row: number, peer: number): boolean {
    const place = this.#placeOf(row, peer);
    return place >= 0 && this.#proven[row * WIDTH + place] === 1;
  }

  #dial(row: number, peer: number, now: number): void {
    const { originRttMs } = this.#crowd;
    const opens = this.#dice.unit() >= this.#world.unreachable;
    const signalled = now + originRttMs[peer]! + originRttMs[row]! + 2 * SIGNAL_MS;
    const rtt = this.#crowd.rttMs(row, peer);
    const known = opens ? signalled + this.#costs.setUpRtts * rtt + rtt / 2 : NEVER;
    this.#add(row, peer, { now, known });
    this.#add(peer, row, { now, known });
  }

  #add(row: number, peer: number, link: { readonly now: number; readonly known: number }): void {
    const index = row * WIDTH + this.counts[row]!++;
    this.peers[index] = peer;
    this.#proven[index] = 0;
    this.#dialledAt[index] = link.now;
    this.knownAt[index] = link.known;
  }

  #remove(row: number, place: number): void {
    const index = row * WIDTH + place;
    const last = row * WIDTH + --this.counts[row]!;
    this.peers[index] = this.peers[last]!;
    this.#proven[index] = this.#proven[last]!;
    this.#dialledAt[index] = this.#dialledAt[last]!;
    this.knownAt[index] = this.knownAt[last]!;
  }

  #placeOf(row: number, peer: number): number {
    for (let place = 0; place < this.counts[row]!; place++) if (this.peers[row * WIDTH + place] === peer) return place;
    return -1;
  }
}
