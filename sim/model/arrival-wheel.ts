/**
 * What is under way, in order of time to the millisecond: columns of numbers, threaded into one list per millisecond.
 */

/** Milliseconds ahead the wheel can tell apart, a power of two. */
const SLOTS = 4_096;
const NONE = -1;
const GROWTH = 2;

/** An entry as it comes out. */
export interface Due {
  at: number;
  row: number;
  piece: number;
  /** What is due, in bits whose meaning is the owner's. */
  what: number;
}

export class ArrivalWheel {
  readonly #heads = new Int32Array(SLOTS).fill(NONE);
  #next: Int32Array;
  #rows: Int32Array;
  #pieces: Int32Array;
  #whats: Int32Array;
  #times: Float64Array;
  #free = NONE;
  #used = 0;
  #cursor = 0;

  constructor(size: number) {
    this.#next = new Int32Array(size);
    this.#rows = new Int32Array(size);
    this.#pieces = new Int32Array(size);
    this.#whats = new Int32Array(size);
    this.#times = new Float64Array(size);
  }

  get bytes(): number {
    return this.#next.length * 24 + this.#heads.byteLength;
  }

  put(at: number, due: { readonly row: number; readonly piece: number; readonly what: number }): void {
    const entry = this.#free === NONE ? this.#fresh() : this.#free;
    if (entry === this.#free) this.#free = this.#next[entry]!;
    const slot = Math.min(Math.max(Math.floor(at), this.#cursor), this.#cursor + SLOTS - 1) & (SLOTS - 1);
    this.#rows[entry] = due.row;
    this.#pieces[entry] = due.piece;
    this.#whats[entry] = due.what;
    this.#times[entry] = at;
    this.#next[entry] = this.#heads[slot]!;
    this.#heads[slot] = entry;
  }

  /** Takes the next entry due before `until` into `due`; false when there is none. */
  take(until: number, due: Due): boolean {
    while (this.#cursor < until) {
      const slot = this.#cursor & (SLOTS - 1);
      const entry = this.#heads[slot]!;
      if (entry === NONE) {
        this.#cursor++;
        continue;
      }
      this.#heads[slot] = this.#next[entry]!;
      this.#next[entry] = this.#free;
      this.#free = entry;
      due.at = this.#times[entry]!;
      due.row = this.#rows[entry]!;
      due.piece = this.#pieces[entry]!;
      due.what = this.#whats[entry]!;
      return true;
    }
    return false;
  }

  #fresh(): number {
    if (this.#used === this.#next.length) this.#grow();
    return this.#used++;
  }

  #grow(): void {
    const size = this.#next.length * GROWTH;
    const grown = (column: Int32Array): Int32Array => {
      const larger = new Int32Array(size);
      larger.set(column);
      return larger;
    };
    this.#next = grown(this.#next);
    this.#rows = grown(this.#rows);
    this.#pieces = grown(this.#pieces);
    this.#whats = grown(this.#whats);
    const times = new Float64Array(size);
    times.set(this.#times);
    this.#times = times;
  }
}
