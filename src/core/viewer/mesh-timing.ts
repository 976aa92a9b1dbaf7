/**
 * Playback as the mesh sees it. A picture that has stood still is farther behind live than it should be, and hurries back.
 * That distance is not the mesh's to use up: parents are chosen and holes are mended as if the playhead were no farther
 * behind than the mesh may ask for. Otherwise whoever is late becomes a good parent, and the next break finds no buffer.
 */
import type { Millis } from '../engine.ts';
import type { Playout } from './playout.ts';

export class MeshTiming {
  readonly #playout: Playout;

  constructor(playout: Playout) {
    this.#playout = playout;
  }

  /** How far behind the live edge pieces may come, ms. */
  latencyMs(now: Millis): number {
    return Math.min(this.#playout.latencyMs(now), this.#playout.meshLatencyMaxMs);
  }

  /** When a piece is to be there. */
  deadlineOf(now: Millis, sequence: number): Millis {
    const lostMs = this.#playout.latencyMs(now) - this.latencyMs(now);
    return this.#playout.deadlineOf(now, sequence) - lostMs;
  }

  wishLag(now: Millis, lagMs: number): void {
    this.#playout.wishLag(now, lagMs);
  }

  /** Nothing is played that could need a piece. */
  isIdle(): boolean {
    return this.#playout.isIdle();
  }

  get cursor(): number {
    return this.#playout.cursor;
  }
}
