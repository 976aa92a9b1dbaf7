/**
 * A viewer's ends of its open links, by number. There are so few that one is found by looking through a short list, which
 * lies together where a map would not.
 */
import type { LinkEnd } from './link-end.ts';

export class LinkEnds {
  readonly #links: number[] = [];
  readonly #ends: LinkEnd[] = [];

  get(link: number): LinkEnd | undefined {
    for (let place = 0; place < this.#links.length; place++) if (this.#links[place] === link) return this.#ends[place];
    return undefined;
  }

  /** A number comes once. */
  add(end: LinkEnd): void {
    this.#links.push(end.link);
    this.#ends.push(end);
  }

  /** False when there is none. */
  remove(link: number): boolean {
    const place = this.#links.indexOf(link);
    if (place < 0) return false;
    this.#links.splice(place, 1);
    this.#ends.splice(place, 1);
    return true;
  }

  /** All of them, oldest first, taken out. */
  takeAll(): readonly LinkEnd[] {
    this.#links.length = 0;
    return this.#ends.splice(0);
  }
}
