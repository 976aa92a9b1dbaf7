/**
 * A viewer's line: an uplink and a downlink, each a queue that drains at its rate, worked out when something is handed in
 * instead of packet by packet. The router in front of the uplink holds so much and drops the rest.
 */

/** What a line is like. */
export interface LineRates {
  /** 0 for a viewer that cannot upload. */
  readonly uplinkBitsPerSec: number;
  readonly downlinkBitsPerSec: number;
  /** What would wait longer than this before the uplink is dropped. */
  readonly routerMs: number;
}

export class GhostLine {
  readonly #upBytesPerMs: number;
  readonly #downBytesPerMs: number;
  readonly #routerMs: number;
  #upUntil = 0;
  #downUntil = 0;
  /** Bytes of pieces handed to its channels, without what packets add. */
  sentBytes = 0;

  constructor({ uplinkBitsPerSec, downlinkBitsPerSec, routerMs }: LineRates) {
    this.#upBytesPerMs = uplinkBitsPerSec / 8000;
    this.#downBytesPerMs = downlinkBitsPerSec / 8000;
    this.#routerMs = routerMs;
  }

  /** Whether pieces can be sent at all. */
  get carriesPieces(): boolean {
    return this.#upBytesPerMs > 0;
  }

  /** Whether anything handed in now would be dropped. */
  isFull(now: number): boolean {
    return this.queueMs(now) >= this.#routerMs;
  }

  /** When bytes handed in now have left, for what is never given up. Control messages of a viewer that cannot upload still get out. */
  depart(now: number, bytes: number): number {
    if (this.#upBytesPerMs === 0) return now;
    this.#upUntil = Math.max(now, this.#upUntil) + bytes / this.#upBytesPerMs;
    return this.#upUntil;
  }

  /** Hands bytes in; how many of them were dropped. The others leave, behind all that stood there, by `emptyAt`. */
  handIn(now: number, bytes: number): number {
    const room = Math.max(0, this.#routerMs - this.queueMs(now)) * this.#upBytesPerMs;
    const taken = Math.min(bytes, room);
    if (taken > 0) this.#upUntil = Math.max(now, this.#upUntil) + taken / this.#upBytesPerMs;
    return bytes - taken;
  }

  /** When all that was handed in has left. */
  get emptyAt(): number {
    return this.#upUntil;
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
