/**
 * A media element whose time and buffer a test moves by hand.
 */
import type { MediaFace } from '../browser/playhead-watch.ts';

/** The element. */
export class FakeMedia implements MediaFace {
  currentTime = 0;
  playbackRate = 1;
  paused = false;
  ended = false;
  seeking = false;
  readyState = 4;
  error: MediaError | null = null;
  ranges: { readonly start: number; readonly end: number }[] = [];
  readonly #listeners = new Map<string, Set<() => void>>();

  get buffered(): TimeRanges {
    const { ranges } = this;
    return {
      length: ranges.length,
      start: (at) => ranges[at]?.start ?? 0,
      end: (at) => ranges[at]?.end ?? 0,
    };
  }

  /** How many listeners are left: none after a clean end. */
  get listenerCount(): number {
    return [...this.#listeners.values()].reduce((sum, set) => sum + set.size, 0);
  }

  play(): Promise<void> {
    this.paused = false;
    return Promise.resolve();
  }

  pause(): void {
    this.paused = true;
  }

  addEventListener(type: string, listener: () => void): void {
    const listeners = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, listeners);
    listeners.add(listener);
  }

  removeEventListener(type: string, listener: () => void): void {
    this.#listeners.get(type)?.delete(listener);
  }

  fire(type: string): void {
    for (const listener of [...(this.#listeners.get(type) ?? [])]) listener();
  }
}
