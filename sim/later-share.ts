/**
 * What the origin still sends once everybody has joined and had ten seconds to find neighbours: five seconds of it.
 */
import type { World } from './world.ts';

const SPAN_MS = 5_000;

export class LaterShare {
  #bytes: number | undefined;

  /** Watches from a time on. */
  watch(world: World, from: number): void {
    let before = 0;
    world.at(from, () => {
      before = world.originBytes;
    });
    world.at(from + SPAN_MS, () => {
      this.#bytes = world.originBytes - before;
    });
  }

  /** Bytes a second; undefined before the span is over. */
  get bytesPerSec(): number | undefined {
    return this.#bytes === undefined ? undefined : (this.#bytes * 1000) / SPAN_MS;
  }
}
