/**
 * A viewer's line: an uplink and a downlink, each a queue that drains at its rate, worked out when something is handed in
 * instead of packet by packet.
 */
export class GhostLine {
  readonly #upBytesPerMs: number;
  readonly #downBytesPerMs: number;
  #upUntil = 0;
  #downUntil = 0;
  /** Bytes of pieces that left, without what packets add. */
  sentBytes = 0;

  constructor(upBitsPerSec: number, downBitsPerSec: number) {
    this.#upBytesPerMs = upBitsPerSec / 8000;
    this.#downBytesPerMs = downBitsPerSec / 8000;
  }

  /** When bytes handed in now have left. Control messages of a viewer that cannot upload still get out. */
  depart(now: number, bytes: number): number {
    if (this.#upBytesPerMs === 0) return now;
    this.#upUntil = Math.max(now, this.#upUntil) + bytes / this.#upBytesPerMs;
    return this.#upUntil;
  }

  /** The same, unless it would take longer than this: then it is given up half sent, and -1. */
  departWithin(now: number, bytes: number, limitMs: number): number {
    const from = Math.max(now, this.#upUntil);
    if (from - now >= limitMs || this.#upBytesPerMs === 0) return -1;
    const until = from + bytes / this.#upBytesPerMs;
    this.#upUntil = Math.min(until, now + limitMs);
    return until > this.#upUntil ? -1 : until;
  }

  /** How long something handed in now would wait. */
  queueMs(now: number): number {
    return Math.max(0, this.#upUntil - now);
  }

  /** How long bytes take down the line when nothing else does. */
  downMs(bytes: number): number {
    return bytes / this.#downBytesPerMs;
  }

  /** The last of these bytes could be here now; when it is, with what else comes down the line. */
  arrive(now: number, bytes: number): number {
    const alone = bytes / this.#downBytesPerMs;
    this.#downUntil = Math.max(now, this.#downUntil + alone);
    return this.#downUntil;
  }
}
