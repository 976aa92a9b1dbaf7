/**
 * Watches viewers that upload far too slowly: how long one of them stays anybody's parent in a substream.
 */
import type { World } from './world.ts';

const LOOK_EVERY_MS = 100;

export class SlowWatch {
  readonly #world: World;
  readonly #isSlow: (name: string) => boolean;
  #since = new Map<string, number>();
  /** The longest time, ms. */
  longestMs = 0;

  constructor(world: World, isSlow: (name: string) => boolean) {
    this.#world = world;
    this.#isSlow = isSlow;
    this.#look();
  }

  #look(): void {
    const { now } = this.#world;
    const present = new Map<string, number>();
    for (const viewer of this.#world.viewers.values()) {
      for (let substream = 0; substream < viewer.origin.head.substreams; substream++) {
        const source = viewer.decider.parentOf(substream);
        const parent = typeof source === 'number' ? viewer.farOf(source)?.name : undefined;
        if (parent === undefined || !this.#isSlow(parent)) continue;
        const key = `${viewer.name} ${substream} ${parent}`;
        const since = this.#since.get(key) ?? now;
        present.set(key, since);
        this.longestMs = Math.max(this.longestMs, now - since);
      }
    }
    this.#since = present;
    this.#world.at(now + LOOK_EVERY_MS, () => this.#look());
  }
}
