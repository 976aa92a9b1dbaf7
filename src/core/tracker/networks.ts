/**
 * The members of a room by the network they come from. Whoever is looked for by chance is looked for network by network,
 * so that a thousand names behind a few addresses are met no more often than those few neighbours would be.
 */

import type { Random } from '../kit/random.ts';
import type { Attendee } from './attendee.ts';

export class Networks {
  readonly #members = new Map<string, Attendee[]>();
  /** For picking one at random. */
  #names: string[] | undefined;

  add(member: Attendee): void {
    const network = member.network;
    const members = this.#members.get(network);
    if (members !== undefined) {
      members.push(member);
      return;
    }
    this.#members.set(network, [member]);
    this.#names?.push(network);
  }

  delete(member: Attendee): void {
    const network = member.network;
    const members = this.#members.get(network);
    const at = members?.indexOf(member) ?? -1;
    if (members === undefined || at < 0) return;
    const last = members.pop();
    if (last !== undefined && last !== member) members[at] = last;
    if (members.length > 0) return;
    this.#members.delete(network);
    this.#names = undefined;
  }

  /** Somebody of some network. */
  pick(random: Random): Attendee | undefined {
    this.#names ??= [...this.#members.keys()];
    const members = this.#members.get(this.#names[random.below(this.#names.length)] ?? '');
    return members?.[random.below(members.length)];
  }
}

/** At most so many of one network in an answer, as long as there are others. */
const SAME_NETWORK_MAX = 2;

/** The first `count` of a list, with few of one network where that can be. */
export const spread = (members: readonly Attendee[], count: number): Attendee[] => {
  const chosen: Attendee[] = [];
  const passed: Attendee[] = [];
  const seen = new Map<string, number>();
  for (const member of members) {
    const network = member.network;
    const before = seen.get(network) ?? 0;
    seen.set(network, before + 1);
    if (before >= SAME_NETWORK_MAX) passed.push(member);
    else if (chosen.push(member) >= count) return chosen;
  }
  return [...chosen, ...passed].slice(0, count);
};
