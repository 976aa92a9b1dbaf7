/**
 * One viewer's connection to the origin: what it is sent, and when the bytes of an ordered stream arrive that has only
 * just begun.
 */
import type { Network } from './network.ts';
import type { ServedViewer } from './stage.ts';

/** What TCP sends before the first acknowledgement; it doubles every round trip. */
const FIRST_WINDOW_BYTES = 14_600;
/** By then a connection has found its pace. */
const STARTED_BYTES = 500_000;
/** Bytes of TLS and framing over a piece. */
const FRAMING_BYTES = 34;

export class OriginSeat {
  readonly viewer: ServedViewer;
  readonly openedAt: number;
  mask = 0;
  #sent = 0;
  #arrivedUntil = 0;

  constructor(viewer: ServedViewer, now: number) {
    this.viewer = viewer;
    this.openedAt = now;
  }

  /** When bytes sent after a wait are at the viewer, all before them included. */
  arrival(now: number, waitMs: number, bytes: number, network: Network): number {
    const { originRttMs, originLoss, ghostLine } = this.viewer;
    this.#sent += bytes + FRAMING_BYTES;
    const lost = network.streamLossMs(bytes, originRttMs, originLoss);
    let at = now + waitMs + originRttMs / 2 + network.jitterMs() + lost;
    if (this.#sent < STARTED_BYTES) {
      const rounds = Math.floor(Math.log2(this.#sent / FIRST_WINDOW_BYTES + 1));
      at = Math.max(at, this.openedAt + (rounds + 0.5) * originRttMs);
    }
    this.#arrivedUntil = Math.max(at, this.#arrivedUntil) + ghostLine.downMs(bytes + FRAMING_BYTES);
    return this.#arrivedUntil;
  }
}
