/**
 * The busiest second of something that sends, looked for in steps of a tenth of a second.
 */
const STEP_MS = 100;
const STEPS = 10;

export class PeakMeter {
  readonly #steps = new Float64Array(STEPS);
  #step = 0;
  #sum = 0;
  #peak = 0;

  add(now: number, bytes: number): void {
    this.#advance(Math.floor(now / STEP_MS));
    const at = this.#step % STEPS;
    this.#steps[at] = (this.#steps[at] ?? 0) + bytes;
    this.#sum += bytes;
    if (this.#sum > this.#peak) this.#peak = this.#sum;
  }

  /** Bytes of the busiest second since the last reset. */
  get bytesPerSec(): number {
    return this.#peak;
  }

  /** Bytes of the last second. */
  lastSecond(now: number): number {
    this.#advance(Math.floor(now / STEP_MS));
    return this.#sum;
  }

  reset(): void {
    this.#peak = 0;
  }

  #advance(to: number): void {
    if (to - this.#step >= STEPS) {
      this.#steps.fill(0);
      this.#sum = 0;
      this.#step = to;
    }
    while (this.#step < to) {
      this.#step++;
      const at = this.#step % STEPS;
      this.#sum -= this.#steps[at] ?? 0;
      this.#steps[at] = 0;
    }
  }
}
