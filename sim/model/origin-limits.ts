/**
 * A finite origin, by the exact level's rules: what connections have been promised, a second of burst, newcomers first,
 * and repairs only while there is room.
 */
const BUSY_SHARE = 0.9;
const REPAIRS_LEAVE = 0.25;
const BURST_BYTES_MIN = 256 * 1024;

export class OriginLimits {
  readonly #limit: number;
  readonly #burst: number;
  readonly #feedBytesPerSec: number;
  #tokens: number;
  #filledAt = 0;
  /** Feeds the origin sends to now. */
  #fed = 0;

  /** @param feedBytesPerSec what one substream takes to one viewer. */
  constructor(bytesPerSec: number, feedBytesPerSec: number) {
    this.#limit = bytesPerSec;
    this.#burst = Math.max(bytesPerSec, BURST_BYTES_MIN);
    this.#tokens = this.#burst;
    this.#feedBytesPerSec = feedBytesPerSec;
  }

  /** A feed begins or ends to come from the origin. */
  count(feeds: 1 | -1): void {
    this.#fed += feeds;
  }

  /** Whether one more feed can be promised. */
  hasRoom(newcomer: boolean): boolean {
    const most = this.#limit * (newcomer ? 1 : BUSY_SHARE);
    return most - this.#fed * this.#feedBytesPerSec >= this.#feedBytesPerSec;
  }

  mayRepair(now: number, bytes: number): boolean {
    if (this.#limit === Number.POSITIVE_INFINITY) return true;
    this.#fill(now);
    return this.#tokens - bytes >= REPAIRS_LEAVE * this.#burst;
  }

  /** Takes bytes out; how long they wait until they leave, ms. */
  send(now: number, bytes: number): number {
    if (this.#limit === Number.POSITIVE_INFINITY) return 0;
    this.#fill(now);
    this.#tokens -= bytes;
    return this.#tokens >= 0 ? 0 : (-this.#tokens / this.#limit) * 1000;
  }

  #fill(now: number): void {
    if (now <= this.#filledAt) return;
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#filledAt) / 1000) * this.#limit);
    this.#filledAt = now;
  }
}
