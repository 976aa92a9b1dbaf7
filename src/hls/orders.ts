/**
 * What the player waits for: orders by number, and the segments they are for. Several orders may be for one segment.
 */
import type { SegmentKey } from '../wire/hls-link.ts';
import type { ByteRange, SegmentOutcome } from './face.ts';

/** A segment that is wanted. */
export interface Wanted {
  readonly key: SegmentKey;
  readonly name: string;
  readonly address: string;
  readonly range: ByteRange | undefined;
  readonly since: number;
  readonly answers: Map<number, (outcome: SegmentOutcome) => void>;
  /** When the first of them came. */
  firstAt: number | undefined;
  /** Fetches under way. */
  readonly open: Set<() => void>;
}

/** What makes a segment wanted. */
export type WantedStart = Pick<Wanted, 'key' | 'name' | 'address' | 'range' | 'since'>;

export class Orders {
  readonly #byKey = new Map<SegmentKey, Wanted>();
  readonly #keyOf = new Map<number, SegmentKey>();

  /** Adds an order; true when the segment was not wanted before. */
  add(id: number, start: WantedStart, answer: (outcome: SegmentOutcome) => void): boolean {
    this.#keyOf.set(id, start.key);
    const known = this.#byKey.get(start.key);
    if (known !== undefined) {
      known.answers.set(id, answer);
      return false;
    }
    const answers = new Map([[id, answer]]);
    this.#byKey.set(start.key, { ...start, answers, firstAt: undefined, open: new Set() });
    return true;
  }

  get(key: SegmentKey): Wanted | undefined {
    return this.#byKey.get(key);
  }

  /** An order is called off; the segment, when it was the last one for it. */
  callOff(id: number): Wanted | undefined {
    const key = this.#keyOf.get(id);
    this.#keyOf.delete(id);
    const wanted = key === undefined ? undefined : this.#byKey.get(key);
    if (wanted?.answers.delete(id) !== true || wanted.answers.size > 0) return undefined;
    return wanted;
  }

  /** Tells everybody who waits; the segment itself goes on being looked after until it is closed. */
  answer(wanted: Wanted, outcome: () => SegmentOutcome): void {
    for (const [id, answer] of wanted.answers) {
      this.#keyOf.delete(id);
      answer(outcome());
    }
    wanted.answers.clear();
  }

  close(key: SegmentKey): void {
    const wanted = this.#byKey.get(key);
    if (wanted !== undefined) breakOff(wanted);
    this.#byKey.delete(key);
  }

  all(): IterableIterator<Wanted> {
    return this.#byKey.values();
  }
}

/** Breaks off whatever is being fetched for a segment. */
export const breakOff = ({ open }: Wanted): void => {
  for (const end of open) end();
  open.clear();
};
