/**
 * Events of virtual time, earliest first; events of the same time come out in the order they went in, so that a run is
 * the same every time.
 */
export class EventHeap {
  readonly #times: number[] = [];
  readonly #orders: number[] = [];
  readonly #actions: (() => void)[] = [];
  #order = 0;

  get size(): number {
    return this.#times.length;
  }

  push(at: number, action: () => void): void {
    this.#times.push(at);
    this.#orders.push(this.#order++);
    this.#actions.push(action);
    this.#up(this.#times.length - 1);
  }

  /** Time of the earliest event; Infinity when there is none. */
  next(): number {
    return this.#times[0] ?? Number.POSITIVE_INFINITY;
  }

  pop(): (() => void) | undefined {
    const action = this.#actions[0];
    const last = this.#times.length - 1;
    if (action === undefined) return undefined;
    this.#swap(0, last);
    this.#times.pop();
    this.#orders.pop();
    this.#actions.pop();
    this.#down();
    return action;
  }

  #up(from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#before(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #down(): void {
    let at = 0;
    for (;;) {
      const left = at * 2 + 1;
      let least = at;
      if (left < this.#times.length && this.#before(left, least)) least = left;
      if (left + 1 < this.#times.length && this.#before(left + 1, least)) least = left + 1;
      if (least === at) return;
      this.#swap(at, least);
      at = least;
    }
  }

  #before(a: number, b: number): boolean {
    const difference = (this.#times[a] ?? 0) - (this.#times[b] ?? 0);
    return difference < 0 || (difference === 0 && (this.#orders[a] ?? 0) < (this.#orders[b] ?? 0));
  }

  #swap(a: number, b: number): void {
    swap(this.#times, a, b);
    swap(this.#orders, a, b);
    swap(this.#actions, a, b);
  }
}

const swap = <T>(list: T[], a: number, b: number): void => {
  const kept = list[a] as T;
  list[a] = list[b] as T;
  list[b] = kept;
};
