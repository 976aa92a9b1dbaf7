/**
 * The viewers of one stream, and whom to introduce to whom: those who can be reached, have been here a moment, have
 * slots and were introduced least, then at least two at random, so that no part of the swarm stays apart; and few of one
 * network, so that nobody who rents a handful of addresses can stand around a viewer.
 */
import type { NatKind } from '../../wire/nat.ts';
import type { ViewerName } from '../../wire/tracker.ts';
import type { Millis } from '../engine.ts';
import type { Random } from '../kit/random.ts';
import { isLikely, type PairTable } from '../nat/pair-table.ts';
import { type Attendee, Visitor, type VisitorEntry } from './attendee.ts';
import type { RoomCount } from './io.ts';
import { Member } from './member.ts';
import { Networks, spread } from './networks.ts';

/** A viewer is worth introducing by merit when it has been here so long. */
export const SETTLED_MS = 2000;
/** Introduced by chance; who asks for no more than so many has neighbours, and lacks places. */
export const RANDOM_PICKS = 2;
/** Members looked at for one introduction; more would not make it better, only slower. */
export const LOOKED_AT = 64;

/** A sure neighbour weighs as much as so many introductions. */
const LUCK = 2;

/** A viewer looked at for an introduction. */
interface Candidate {
  readonly member: Attendee;
  readonly chance: number;
  readonly load: number;
}

/** How others are chosen. */
export interface Pick {
  readonly count: number;
  readonly random: Random;
  readonly pairs: PairTable;
}

/** See above. */
export class Room {
  readonly path: string;
  readonly #members: Attendee[] = [];
  readonly #places = new Map<ViewerName, number>();
  readonly #networks = new Networks();
  #here = 0;

  constructor(path: string) {
    this.path = path;
  }

  get size(): number {
    return this.#members.length;
  }

  /** How many are connected here. */
  get here(): number {
    return this.#here;
  }

  add(member: Attendee): void {
    this.#places.set(member.viewer, this.#members.length);
    this.#members.push(member);
    this.#networks.add(member);
    if (member instanceof Member) this.#here++;
  }

  /** The last member takes the place of the one that goes. */
  delete(member: Attendee): void {
    const place = this.#places.get(member.viewer);
    const last = place === undefined ? undefined : this.#members.pop();
    if (place === undefined || last === undefined) return;
    this.#places.delete(member.viewer);
    this.#networks.delete(member);
    if (member instanceof Member) this.#here--;
    if (last === member) return;
    this.#members[place] = last;
    this.#places.set(last.viewer, place);
  }

  /** Viewers of other processes come, or are known better than before. */
  welcome(now: Millis, entries: readonly VisitorEntry[]): void {
    for (const entry of entries) {
      const known = this.find(entry.viewer);
      if (known instanceof Member) continue;
      const visitor = new Visitor(entry, known?.joinedAt ?? now);
      if (known !== undefined) this.delete(known);
      this.add(visitor);
    }
  }

  /** A viewer of another process leaves. */
  part(viewer: ViewerName): void {
    const known = this.find(viewer);
    if (known instanceof Visitor) this.delete(known);
  }

  /** Viewers of other processes that are gone. */
  dismiss(isGone: (visitor: Visitor) => boolean): void {
    for (const visitor of this.#members.filter((member) => member instanceof Visitor)) {
      if (isGone(visitor)) this.delete(visitor);
    }
  }

  find(viewer: ViewerName): Attendee | undefined {
    const place = this.#places.get(viewer);
    return place === undefined ? undefined : this.#members[place];
  }

  /**
   * Others for a viewer, at most `count`, of whom at most two are not likely to be reached: two who could meet only
   * by luck would otherwise dial each other over and over, and never meet when their luck changes.
   */
  introduce(now: Millis, to: Member, pick: Pick): ViewerName[] {
    const all = this.#lookAt(to, pick.random).map((member): Candidate => {
      const chance = pick.pairs.chance(now, to, member);
      // One that is likelier to be reached may have been introduced a little more often.
      return { member, chance, load: member.introductions(now) - LUCK * chance };
    });
    const likely = all.filter(({ chance }) => isLikely(chance));
    const byChance = pick.count <= RANDOM_PICKS ? 0 : RANDOM_PICKS;
    const able = likely
      .filter(({ member }) => now - member.joinedAt >= SETTLED_MS && member.slots > 0)
      .sort((a, b) => a.load - b.load || b.member.slots - a.member.slots)
      .map(({ member }) => member);
    const settled = spread(able, pick.count - byChance);
    const rest = likely.map(({ member }) => member).filter((member) => !settled.includes(member));
    const chosen = spread([...settled, ...pick.random.sample(rest, rest.length)], pick.count);
    const spare = Math.min(RANDOM_PICKS, pick.count - chosen.length);
    const doubtful = likely.length === all.length ? [] : all.filter(({ chance }) => !isLikely(chance));
    if (spare > 0 && doubtful.length > 0) {
      chosen.push(...pick.random.sample(doubtful, spare).map(({ member }) => member));
    }
    for (const member of chosen) {
      member.introduced(now);
      to.meets(member.viewer);
    }
    return chosen.map((member) => member.viewer);
  }

  /** Viewers that are connected here, and what they reported. */
  count(): RoomCount {
    const reported = { originBytes: 0, neighbourBytes: 0, uploadedBytes: 0, stalls: 0 };
    const nats: Partial<Record<NatKind, number>> = {};
    for (const { report, nat } of this.#members.filter((member) => member instanceof Member)) {
      nats[nat] = (nats[nat] ?? 0) + 1;
      reported.originBytes += report?.originBytes ?? 0;
      reported.neighbourBytes += report?.neighbourBytes ?? 0;
      reported.uploadedBytes += report?.uploadedBytes ?? 0;
      reported.stalls += report?.stalls ?? 0;
    }
    return { path: this.path, viewers: this.here, nats, reported };
  }

  /** Everybody but one, or a random part of a large room. */
  #lookAt(to: Attendee, random: Random): Attendee[] {
    if (this.size <= LOOKED_AT) return this.#members.filter((member) => member !== to);
    const seen = new Set<Attendee>();
    for (let n = 0; n < LOOKED_AT; n++) {
      const member = this.#networks.pick(random);
      if (member !== undefined && member !== to) seen.add(member);
    }
    return [...seen];
  }
}
