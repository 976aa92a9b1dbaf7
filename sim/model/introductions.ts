/**
 * Whom the tracker introduces: of a random part of the swarm those who have been there a moment, have slots and were
 * introduced least, and two by chance.
 */
import type { Crowd } from './crowd.ts';
import type { Dice } from './dice.ts';
import * as rules from './rules.ts';

export class Introductions {
  readonly #crowd: Crowd;
  readonly #dice: Dice;
  /** Slots each viewer reported last. */
  readonly reported: Int16Array;
  readonly #count: Float32Array;
  readonly #countedAt: Float64Array;
  readonly #seen = new Int32Array(rules.LOOKED_AT);
  readonly #weight = new Float64Array(rules.LOOKED_AT);

  constructor(crowd: Crowd, dice: Dice) {
    this.#crowd = crowd;
    this.#dice = dice;
    this.reported = new Int16Array(crowd.capacity);
    this.#count = new Float32Array(crowd.capacity);
    this.#countedAt = new Float64Array(crowd.capacity);
  }

  get bytes(): number {
    return this.reported.byteLength + this.#count.byteLength + this.#countedAt.byteLength;
  }

  /** Somebody new: it gets the benefit of the doubt. */
  begin(row: number, now: number): void {
    this.reported[row] = this.#crowd.mayUpload(row) ? 1 : 0;
    this.#count[row] = 0;
    this.#countedAt[row] = now;
  }

  /** Rows for a viewer, best first, the ones by chance last; returns how many. */
  pick(to: number, now: number, pick: { readonly count: number; readonly into: Int32Array }): number {
    const seen = this.#look(to, now);
    const wanted = Math.min(pick.count, pick.into.length);
    // Who asks for few has neighbours, and lacks places.
    const byMerit = wanted - (wanted <= rules.RANDOM_PICKS ? 0 : rules.RANDOM_PICKS);
    let chosen = 0;
    while (chosen < wanted) {
      const place = chosen < byMerit ? this.#best(seen) : this.#any(seen);
      const at = place < 0 ? this.#any(seen) : place;
      if (at < 0) break;
      const row = this.#seen[at]!;
      this.#seen[at] = -1;
      this.#weight[at] = Number.POSITIVE_INFINITY;
      this.#count[row] = this.#introductions(row, now) + 1;
      this.#countedAt[row] = now;
      pick.into[chosen++] = row;
    }
    return chosen;
  }

  /** Fills the columns of those looked at; the weight of who is no settled viewer with slots is Infinity. */
  #look(to: number, now: number): number {
    const { present, count, joinedAt } = this.#crowd;
    const all = count <= rules.LOOKED_AT;
    let seen = 0;
    for (let look = 0; look < Math.min(count, rules.LOOKED_AT); look++) {
      const row = present[all ? look : this.#dice.below(count)]!;
      if (row === to || this.#has(row, seen)) continue;
      const settled = now - joinedAt[row]! >= rules.SETTLED_MS && this.reported[row]! > 0;
      this.#seen[seen] = row;
      const order = this.#introductions(row, now) - this.reported[row]! * 1e-6 + this.#dice.unit() * 1e-9;
      this.#weight[seen++] = settled ? order : Number.POSITIVE_INFINITY;
    }
    return seen;
  }

  #has(row: number, seen: number): boolean {
    for (let at = 0; at < seen; at++) if (this.#seen[at] === row) return true;
    return false;
  }

  #best(seen: number): number {
    let best = -1;
    let least = Number.POSITIVE_INFINITY;
    for (let at = 0; at < seen; at++) {
      if (this.#weight[at]! >= least) continue;
      least = this.#weight[at]!;
      best = at;
    }
    return best;
  }

  #any(seen: number): number {
    if (seen === 0) return -1;
    const from = this.#dice.below(seen);
    for (let step = 0; step < seen; step++) {
      const at = (from + step) % seen;
      if (this.#seen[at]! >= 0) return at;
    }
    return -1;
  }

  #introductions(row: number, now: number): number {
    return this.#count[row]! * 0.5 ** ((now - this.#countedAt[row]!) / rules.INTRODUCTION_HALF_LIFE_MS);
  }
}
