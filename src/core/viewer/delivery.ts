/**
 * How much of what was handed to a neighbour within the last few seconds has come there. Both sums fade, a step a second.
 */

/** Kept of the sums from one step to the next: they are of four seconds or so. */
const KEPT = 0.75;

export class Delivery {
  /** Handed over, without the newest step and with it, and what of all that has come. */
  #sentBefore = 0;
  #sentUntilNow = 0;
  #arrived = 0;
  #bytesOut = 0;
  #acknowledged = 0;

  /** A second has passed; how much more has come meanwhile. */
  step(bytesOut: number, acknowledged: number): number {
    const came = acknowledged - this.#acknowledged;
    this.#sentBefore = this.#sentUntilNow;
    this.#sentUntilNow = this.#sentUntilNow * KEPT + bytesOut - this.#bytesOut;
    this.#arrived = this.#arrived * KEPT + came;
    this.#bytesOut = bytesOut;
    this.#acknowledged = acknowledged;
    return came;
  }

  /**
   * What should have come. Words of it are under way for part of a second: where more is sent than before, some of the
   * newest cannot be known yet, and where less is, some of what is known now is older. The lesser of the two counts.
   */
  get due(): number {
    return Math.min(this.#sentBefore, this.#sentUntilNow);
  }

  get arrived(): number {
    return this.#arrived;
  }
}

/** Of all that is due, this share is looked at: the children where least is missing. */
const LOOKED_AT = 0.75;

/**
 * The share of what is due that has come, where most has. What is missing with a few may be lost on their own lines, or
 * they say so; what an uplink drops is missing everywhere. 1 when less than `least` is due.
 */
export const arrivedShare = (deliveries: readonly Delivery[], least: number): number => {
  const due = deliveries.reduce((sum, delivery) => sum + delivery.due, 0);
  if (due === 0 || due < least) return 1;
  const best = deliveries.filter((delivery) => delivery.due > 0).sort((a, b) => b.arrived / b.due - a.arrived / a.due);
  let lookedAt = 0;
  let arrived = 0;
  for (const delivery of best) {
    if (lookedAt >= due * LOOKED_AT) break;
    lookedAt += delivery.due;
    arrived += delivery.arrived;
  }
  return arrived / lookedAt;
};
