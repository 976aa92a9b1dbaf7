/**
 * The viewers of one stream, and whom to introduce to whom: those who have been here a moment, have slots and were
 * introduced least, then at least two at random, so that no part of the swarm stays apart.
 */
import type { ViewerName } from '../../wire/tracker.ts';
import type { Millis } from '../engine.ts';
import type { Random } from '../kit/random.ts';
import type { RoomCount } from './io.ts';
import type { Member } from './member.ts';

/** A viewer is worth introducing by merit when it has been here so long. */
const SETTLED_MS = 2000;
/** Introduced by chance. */
const RANDOM_PICKS = 2;
/** Members looked at for one introduction; more would not make it better, only slower. */
const LOOKED_AT = 64;

/** See above. */
export class Room {
  readonly path: string;
  readonly #members: Member[] = [];
  readonly #places = new Map<ViewerName, number>();

  constructor(path: string) {
    this.path = path;
  }

  get size(): number {
    return this.#members.length;
  }

  add(member: Member): void {
    this.#places.set(member.viewer, this.#members.length);
    this.#members.push(member);
  }

  /** The last member takes the place of the one that goes. */
  delete(member: Member): void {
    const place = this.#places.get(member.viewer);
    const last = this.#members.pop();
    if (place === undefined || last === undefined) return;
    this.#places.delete(member.viewer);
    if (last === member) return;
    this.#members[place] = last;
    this.#places.set(last.viewer, place);
  }

  find(viewer: ViewerName): Member | undefined {
    const place = this.#places.get(viewer);
    return place === undefined ? undefined : this.#members[place];
  }

  /** Others for a viewer, at most `count`. */
  introduce(now: Millis, to: Member, pick: { readonly count: number; readonly random: Random }): ViewerName[] {
    const others = this.#lookAt(to, pick.random);
    const byChance = Math.min(RANDOM_PICKS, Math.max(0, pick.count - 1));
    const settled = others
      .filter((member) => now - member.joinedAt >= SETTLED_MS && member.slots > 0)
      .sort((a, b) => a.introductions(now) - b.introductions(now) || b.slots - a.slots)
      .slice(0, pick.count - byChance);
    const rest = others.filter((member) => !settled.includes(member));
    const chosen = [...settled, ...pick.random.sample(rest, pick.count - settled.length)];
    for (const member of chosen) member.introduced(now);
    return chosen.map((member) => member.viewer);
  }

  /** Viewers, and what they reported. */
  count(): RoomCount {
    const reported = { originBytes: 0, neighbourBytes: 0, uploadedBytes: 0, stalls: 0 };
    for (const { report } of this.#members) {
      reported.originBytes += report?.originBytes ?? 0;
      reported.neighbourBytes += report?.neighbourBytes ?? 0;
      reported.uploadedBytes += report?.uploadedBytes ?? 0;
      reported.stalls += report?.stalls ?? 0;
    }
    return { path: this.path, viewers: this.size, reported };
  }

  /** Everybody but one, or a random part of a large room. */
  #lookAt(to: Member, random: Random): Member[] {
    if (this.size <= LOOKED_AT) return this.#members.filter((member) => member !== to);
    const seen = new Set<Member>();
    for (let n = 0; n < LOOKED_AT; n++) {
      const member = this.#members[random.below(this.size)];
      if (member !== undefined && member !== to) seen.add(member);
    }
    return [...seen];
  }
}
