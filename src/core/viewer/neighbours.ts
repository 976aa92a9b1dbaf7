/**
 * All open links, by number and by viewer.
 */
import type { ViewerName } from '../../wire/tracker.ts';
import type { LinkNumber } from './io.ts';
import type { Neighbour } from './neighbour.ts';

export class Neighbours {
  readonly #byLink = new Map<LinkNumber, Neighbour>();
  readonly #byViewer = new Map<ViewerName, Neighbour>();

  get count(): number {
    return this.#byLink.size;
  }

  add(neighbour: Neighbour): void {
    this.#byLink.set(neighbour.link, neighbour);
    this.#byViewer.set(neighbour.viewer, neighbour);
  }

  remove(link: LinkNumber): Neighbour | undefined {
    const neighbour = this.#byLink.get(link);
    if (neighbour === undefined) return undefined;
    this.#byLink.delete(link);
    if (this.#byViewer.get(neighbour.viewer) === neighbour) this.#byViewer.delete(neighbour.viewer);
    return neighbour;
  }

  get(link: LinkNumber): Neighbour | undefined {
    return this.#byLink.get(link);
  }

  of(viewer: ViewerName): Neighbour | undefined {
    return this.#byViewer.get(viewer);
  }

  all(): IterableIterator<Neighbour> {
    return this.#byLink.values();
  }
}
