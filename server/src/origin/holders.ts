// All viewers of pieces: what the origin already sends of each substream, and what is said to everybody.

import { SUBSTREAMS_MAX } from '../../../src/wire/limits.ts';
import type { EndReason } from '../../../src/wire/origin.ts';
import type { Stream } from './stream.ts';
import { hasBit } from './substreams.ts';

/** A viewer that is sent substreams. */
export interface Holder {
  readonly stream: Stream;
  /** The substreams it is sent. */
  readonly mask: number;
  tellLoad(): void;
  finish(reason: EndReason, cause: undefined): void;
}

/** See above. */
export class Holders {
  readonly #holders = new Set<Holder>();

  add(holder: Holder): void {
    this.#holders.add(holder);
  }

  delete(holder: Holder): void {
    this.#holders.delete(holder);
  }

  /** Viewers of a stream per substream, leaving one out. */
  of(stream: Stream, besides: Holder): number[] {
    const counts = new Array<number>(SUBSTREAMS_MAX).fill(0);
    for (const holder of this.#holders) {
      if (holder === besides || holder.stream !== stream) continue;
      for (let bit = 0; bit < SUBSTREAMS_MAX; bit++) if (hasBit(holder.mask, bit)) counts[bit] = (counts[bit] ?? 0) + 1;
    }
    return counts;
  }

  /** Ends all of them. */
  finish(reason: EndReason): void {
    for (const holder of [...this.#holders]) holder.finish(reason, undefined);
  }

  /** Tells every socket how loaded the origin is. */
  tellLoad(): void {
    for (const holder of this.#holders) holder.tellLoad();
  }
}
