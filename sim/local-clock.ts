/**
 * A viewer's own clock: it began some time ago, and runs a little fast or slow.
 */
export class LocalClock {
  readonly #zero: number;
  readonly #rate: number;

  /** @param ppm how much it gains, millionths. */
  constructor(zeroMs: number, ppm: number) {
    this.#zero = zeroMs;
    this.#rate = 1 + ppm / 1_000_000;
  }

  local(worldMs: number): number {
    return worldMs * this.#rate + this.#zero;
  }

  world(localMs: number): number {
    return (localMs - this.#zero) / this.#rate;
  }
}
