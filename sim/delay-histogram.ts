/**
 * How long pieces took to one viewer, in 10 ms steps: enough to say within which delay 99.9 % of them were there, in a
 * kilobyte however long the viewer stays.
 */
const STEP_MS = 10;
const STEPS = 400;
/** Stands for a delay that is longer than can be told, or for ever. */
const NEVER_MS = 10_000;
/** A share of this many pieces may be later. */
const SHARE = 0.999;

export class DelayHistogram {
  readonly #counts = new Uint16Array(STEPS);
  #total = 0;

  add(delayMs: number): void {
    const step = Math.max(0, Math.min(STEPS - 1, Math.floor(delayMs / STEP_MS)));
    this.#counts[step] = (this.#counts[step] ?? 0) + 1;
    this.#total++;
  }

  get total(): number {
    return this.#total;
  }

  /** Within this many ms the share of the pieces was there; `lost` of them never came. 10 s when that is too many. */
  within(lost: number): number {
    const needed = Math.ceil((this.#total + lost) * SHARE);
    let seen = 0;
    for (let step = 0; step < STEPS - 1; step++) {
      seen += this.#counts[step] ?? 0;
      if (seen >= needed) return (step + 1) * STEP_MS;
    }
    return NEVER_MS;
  }
}
