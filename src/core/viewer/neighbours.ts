/**
 * All open links, by number and by viewer.
 */
import type { ViewerName } from '../../wire/tracker.ts';
import type { LinkNumber } from './io.ts';
import type { Neighbour } from './neighbour.ts';

export class Neighbours {
  readonly #byViewer = new Map<ViewerName, Neighbour>();
  /** A fresh list whenever a link comes or goes: whoever walks along an old one is not disturbed. */
  #list: readonly Neighbour[] = [];
  /** Their numbers, in the same order: of so few, one is found by looking. */
  #links: readonly LinkNumber[] = [];

  get count(): number {
    return this.#list.length;
  }

  /** A link number comes once. */
  add(neighbour: Neighbour): void {
    this.#setList([...this.#list, neighbour]);
    this.#byViewer.set(neighbour.viewer, neighbour);
  }

  remove(link: LinkNumber): Neighbour | undefined {
    const neighbour = this.get(link);
    if (neighbour === undefined) return undefined;
    this.#setList(this.#list.filter((each) => each !== neighbour));
    if (this.#byViewer.get(neighbour.viewer) === neighbour) this.#byViewer.delete(neighbour.viewer);
    return neighbour;
  }

  get(link: LinkNumber): Neighbour | undefined {
    const links = this.#links;
    for (let place = 0; place < links.length; place++) if (links[place] === link) return this.#list[place];
    return undefined;
  }

  of(viewer: ViewerName): Neighbour | undefined {
    return this.#byViewer.get(viewer);
  }

  all(): readonly Neighbour[] {
    return this.#list;
  }

  #setList(list: readonly Neighbour[]): void {
    this.#list = list;
    this.#links = list.map(({ link }) => link);
  }
}
