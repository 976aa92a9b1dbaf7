// How many bytes of its neighbours one viewer is credited with: what both ends of its links signed for, and never more
// than the origin cut while the viewer was shown to hold the stream, less what the origin sent it itself. What was
// credited once is never taken back, so everything here errs towards less.

/** What is credited so far, and why no more. */
export interface CreditState {
  /** Bytes both ends of its links signed for. */
  readonly claimed: number;
  /** Bytes cut while it was shown to hold what was cut. */
  readonly proven: number;
  readonly credited: number;
}

/** Neighbours whose counts are kept; a viewer has at most some dozens of links in hours. */
const LINKS_MAX = 512;

/** See above. All cut counts are of one stream and never fall. */
export class Credit {
  readonly #before: ReadonlyMap<string, number>;
  /** Per neighbour: what both ends signed for. */
  readonly #links = new Map<string, number>();
  #claimed = 0;
  /** Bytes about which was asked, and the part of them that was held. */
  #decided = 0;
  #held = 0;
  #credited = 0;
  /** Up to here it has been decided what counts as proven. */
  #decidedTo = Number.POSITIVE_INFINITY;

  /** @param before what was claimed of each neighbour before; it does not count again. */
  constructor(before: ReadonlyMap<string, number> = new Map()) {
    this.#before = before;
  }

  /** What is claimed of each neighbour, earlier claims included. */
  get links(): ReadonlyMap<string, number> {
    return new Map([...this.#before, ...this.#links]);
  }

  /** From here on the stream is counted, or counted anew. */
  restart(cut: number): void {
    this.#decidedTo = cut;
  }

  get state(): CreditState {
    return { claimed: this.#claimed, proven: this.#proven, credited: this.#credited };
  }

  get #proven(): number {
    return this.#decided === 0 ? 0 : this.#held ** 2 / this.#decided;
  }

  /** Both ends of a link say so much crossed it, all told; less than before says nothing new. */
  claim(neighbour: string, bytes: number): void {
    const known = this.#links.get(neighbour);
    if (known === undefined && this.#links.size >= LINKS_MAX) return;
    const before = known ?? this.#before.get(neighbour) ?? 0;
    if (bytes <= before) return;
    this.#links.set(neighbour, bytes);
    this.#claimed += bytes - before;
  }

  /**
   * A challenge is over: of so many pieces out of those cut between two counts, so many were held. Neither luck nor a
   * good past must pay: whoever holds a part counts as holding the square of it, over all the time it was there, so that
   * what is not held lessens what was.
   */
  decide(span: { readonly from: number; readonly to: number }, held: number, asked: number): void {
    const from = Math.max(span.from, this.#decidedTo);
    if (span.to <= from || asked === 0) return;
    this.#decided += span.to - from;
    this.#held += (span.to - from) * (held / asked);
    this.#decidedTo = span.to;
  }

  /** What is new to credit, given what the origin has sent since the viewer came. */
  earn(originBytes: number): number {
    const due = Math.floor(Math.min(this.#claimed, Math.max(0, this.#proven - originBytes)));
    const fresh = Math.max(0, due - this.#credited);
    this.#credited += fresh;
    return fresh;
  }
}
