/**
 * All open links, by number and by viewer.
 */
import type { ViewerName } from '../../wire/tracker.ts';
import type { LinkNumber } from './io.ts';
import type { Neighbour } from './neighbour.ts';

export class Neighbours {
  readonly #byLink = new Map<LinkNumber, Neighbour>();
  readonly #byViewer = new Map<ViewerName, Neighbour>();
  /** A fresh list whenever a link comes or goes: whoever walks along an old one is not disturbed. */
  #list: readonly Neighbour[] = [];

  get count(): number {
    return this.#byLink.size;
  }

  add(neighbour: Neighbour): void {
    this.#byLink.set(neighbour.link, neighbour);
    this.#list = [...this.#byLink.values()];
    this.#byViewer.set(neighbour.viewer, neighbour);
  }

  remove(link: LinkNumber): Neighbour | undefined {
    const neighbour = this.#byLink.get(link);
    if (neighbour === undefined) return undefined;
    this.#byLink.delete(link);
    this.#list = [...this.#byLink.values()];
    if (this.#byViewer.get(neighbour.viewer) === neighbour) this.#byViewer.delete(neighbour.viewer);
    return neighbour;
  }

  get(link: LinkNumber): Neighbour | undefined {
    return this.#byLink.get(link);
  }

  of(viewer: ViewerName): Neighbour | undefined {
    return this.#byViewer.get(viewer);
  }

  all(): readonly Neighbour[] {
    return this.#list;
  }
}
