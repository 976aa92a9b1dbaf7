// Brings what arrives into the order of its sequence. A connection keeps order, but a new one may begin further on: what
// lies between is asked for, and given up when it cannot be had in time.

/** Items beyond a gap that are kept back at most. */
const WAITING_MAX = 256;
/** How long what lies beyond a gap waits for it to be filled. */
export const GAP_MS = 1000;

/** See above. */
export class InOrder<T> {
  readonly #waiting = new Map<number, T>();
  #next: number | undefined;
  #gapSince = 0;

  /** The sequence that comes next; undefined before the first. */
  get next(): number | undefined {
    return this.#next;
  }

  /** Whether something waits for a gap to be filled. */
  get stuck(): boolean {
    return this.#waiting.size > 0;
  }

  /** Takes an item in; says whether a gap has opened before it. */
  put(now: number, sequence: number, item: T): 'in-order' | 'gap' {
    this.#next ??= sequence;
    if (sequence < this.#next) return 'in-order';
    const before = this.#waiting.size;
    this.#waiting.set(sequence, item);
    if (sequence === this.#next || before > 0) {
      if (this.#waiting.size > WAITING_MAX) this.#skip();
      return 'in-order';
    }
    this.#gapSince = now;
    return 'gap';
  }

  /** The next item, when it is there. */
  take(): T | undefined {
    if (this.#next === undefined) return undefined;
    const item = this.#waiting.get(this.#next);
    if (item === undefined) return undefined;
    this.#waiting.delete(this.#next);
    this.#next++;
    return item;
  }

  /** The first sequences that are missing before what waits. */
  missing(most: number): number[] {
    const found: number[] = [];
    const end = Math.min(...this.#waiting.keys());
    for (let at = this.#next ?? 0; at < end && Number.isFinite(end) && found.length < most; at++) found.push(at);
    return found;
  }

  /** A sequence cannot be had. */
  absent(sequence: number): void {
    if (this.stuck && sequence === this.#next) this.#skip();
  }

  /** Gives up a gap that has been open for too long. */
  expire(now: number): void {
    if (this.stuck && now - this.#gapSince >= GAP_MS) this.#skip();
  }

  #skip(): void {
    this.#next = Math.min(...this.#waiting.keys());
  }
}
