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
import type { RoomCount } from './io.ts';
import type { Member } from './member.ts';
import { Networks, spread } from './networks.ts';

/** A viewer is worth introducing by merit when it has been here so long. */
const SETTLED_MS = 2000;
/** Introduced by chance. */
const RANDOM_PICKS = 2;
/** Members looked at for one introduction; more would not make it better, only slower. */
const LOOKED_AT = 64;

/** A sure neighbour weighs as much as so many introductions. */
const LUCK = 2;

/** A viewer looked at for an introduction. */
interface Candidate {
  readonly member: Member;
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
  readonly #members: Member[] = [];
  readonly #places = new Map<ViewerName, number>();
  readonly #networks = new Networks();

  constructor(path: string) {
    this.path = path;
  }

  get size(): number {
    return this.#members.length;
  }

  add(member: Member): void {
    this.#places.set(member.viewer, this.#members.length);
    this.#members.push(member);
    this.#networks.add(member);
  }

  /** The last member takes the place of the one that goes. */
  delete(member: Member): void {
    const place = this.#places.get(member.viewer);
    const last = this.#members.pop();
    if (place === undefined || last === undefined) return;
    this.#places.delete(member.viewer);
    this.#networks.delete(member);
    if (last === member) return;
    this.#members[place] = last;
    this.#places.set(last.viewer, place);
  }

  find(viewer: ViewerName): Member | undefined {
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
    const byChance = Math.min(RANDOM_PICKS, Math.max(0, pick.count - 1));
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

  /** Viewers, and what they reported. */
  count(): RoomCount {
    const reported = { originBytes: 0, neighbourBytes: 0, uploadedBytes: 0, stalls: 0 };
    const nats: Partial<Record<NatKind, number>> = {};
    for (const { report, nat } of this.#members) {
      nats[nat] = (nats[nat] ?? 0) + 1;
      reported.originBytes += report?.originBytes ?? 0;
      reported.neighbourBytes += report?.neighbourBytes ?? 0;
      reported.uploadedBytes += report?.uploadedBytes ?? 0;
      reported.stalls += report?.stalls ?? 0;
    }
    return { path: this.path, viewers: this.size, nats, reported };
  }

  /** Everybody but one, or a random part of a large room. */
  #lookAt(to: Member, random: Random): Member[] {
    if (this.size <= LOOKED_AT) return this.#members.filter((member) => member !== to);
    const seen = new Set<Member>();
    for (let n = 0; n < LOOKED_AT; n++) {
      const member = this.#networks.pick(random);
      if (member !== undefined && member !== to) seen.add(member);
    }
    return [...seen];
  }
}
