/**
 * A viewer's uplink: a queue that drains at its rate. What is handed in leaves in order; bytes of every packet's headers
 * are paid for too.
 */

/** Wire bytes of headers below a data-channel message: SCTP, DTLS, UDP, IP. */
const PACKET_FACTOR = 1.08;

export class GhostUplink {
  readonly #bytesPerMs: number;
  #busyUntil = 0;
  sentBytes = 0;

  constructor(bitsPerSec: number) {
    this.#bytesPerMs = bitsPerSec / 8000;
  }

  /** When bytes handed in now have left. Control messages of a viewer that cannot upload still get out. */
  depart(now: number, bytes: number): number {
    if (this.#bytesPerMs === 0) return now;
    this.#busyUntil = Math.max(now, this.#busyUntil) + (bytes * PACKET_FACTOR) / this.#bytesPerMs;
    return this.#busyUntil;
  }

  /** How long something handed in now would wait. */
  queueMs(now: number): number {
    return Math.max(0, this.#busyUntil - now);
  }
}
