/**
 * One clock for camera and microphone. Browsers may stamp the two on clocks of their own: then each track is laid beside the
 * time at which its first frame arrived; where both have the same clock its stamps are taken as they are, which is exact.
 */
import type { Track } from '../../../wasm/flv-writer.ts';

/** Stamps further apart than this, beside their arrival, are of different clocks. */
const SAME_CLOCK_US = 1_000_000;

/** See above. */
export class TrackClock {
  readonly #offsets = new Map<Track, number>();

  /** A stamp on the common clock; both in microseconds. */
  place(track: Track, stampUs: number, arrivedUs: number): number {
    const known = this.#offsets.get(track);
    if (known !== undefined) return stampUs + known;
    const own = arrivedUs - stampUs;
    const near = [...this.#offsets.values()].find((offset) => Math.abs(offset - own) < SAME_CLOCK_US);
    this.#offsets.set(track, near ?? own);
    return stampUs + (near ?? own);
  }
}
