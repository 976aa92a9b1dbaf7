/**
 * How many bytes a second a viewer offers to others. It starts at half the stream, grows a slot a second while the
 * neighbours' round trips show no queue, and shrinks when they do; the page's cap is never crossed.
 */
import { PIECE_BYTES_MAX } from '../../wire/limits.ts';
import type { Millis } from '../engine.ts';
import { Bucket } from '../kit/bucket.ts';
import type { SwarmView } from './swarm-view.ts';

/** Queueing below this lets the budget grow, above this shrinks it. */
const CALM_MS = 25;
const CROWDED_MS = 60;
const STEP_MS = 1_000;
/** After shrinking, a queue is given this long to drain before the next step down. */
const DRAIN_MS = 2_500;
/** For this long after a queue, growth is slow from this share of what was offered then. */
const NEAR_SHARE = 0.8;
const WARY_MS = 30_000;
const WARY_STEP_MS = 6_000;
/** Growth stops when this much is offered but not used: unused room proves nothing. */
const UNUSED_SLOTS = 6;
/** Repairs may take this share of the stream. */
const REPAIR_SHARE = 0.1;
const REPAIR_BURST_BYTES = 64_000;
/** Children get this share of the page's cap: keyframes come in bursts, and repairs need room. */
const CAP_SHARE = 0.85;
const CAP_BURST_SECONDS = 1;
/** Wire bytes of a substream over its payload: headers, parts, SCTP, DTLS, UDP, IP. */
const WIRE_FACTOR = 1.08;

export class UploadBudget {
  readonly #view: SwarmView;
  #bytesPerSec = 0;
  #state: 'unset' | 'adapting' = 'unset';
  #steppedAt: Millis = 0;
  #repairs: Bucket | undefined;
  #cap: Bucket | undefined;
  #queueingMs = 0;
  #shrunkAt: Millis = Number.NEGATIVE_INFINITY;
  #grownAt: Millis = Number.NEGATIVE_INFINITY;
  /** What was offered when a queue last stood. */
  #crowdedAt = 0;

  constructor(view: SwarmView) {
    this.#view = view;
  }

  /** Bytes a second offered now. */
  get bytesPerSec(): number {
    if (!this.#view.mayUpload) return 0;
    return Math.min(this.#bytesPerSec, this.#view.policy.uploadBytesPerSec * CAP_SHARE);
  }

  get slotBytesPerSec(): number {
    return this.#view.substreamRate * WIRE_FACTOR;
  }

  /** Children that can be served at all. */
  get slots(): number {
    return Math.floor(this.bytesPerSec / this.slotBytesPerSec);
  }

  /** Median growth of round trips: queueing on our way out. */
  get queueingMs(): number {
    return this.#queueingMs;
  }

  /** Whether bytes may be sent under the page's cap; every piece that leaves is asked for here. */
  takeUpload(now: Millis, bytes: number): boolean {
    const { uploadBytesPerSec } = this.#view.policy;
    if (!this.#view.mayUpload) return false;
    if (uploadBytesPerSec === Number.POSITIVE_INFINITY) return true;
    this.#cap ??= new Bucket(uploadBytesPerSec, Math.max(PIECE_BYTES_MAX, uploadBytesPerSec * CAP_BURST_SECONDS));
    this.#cap.setRate(now, uploadBytesPerSec);
    return this.#cap.take(now, bytes);
  }

  /** Whether one more repair fits. */
  takeRepair(now: Millis, bytes: number): boolean {
    const rate = this.#view.byteRate * REPAIR_SHARE;
    this.#repairs ??= new Bucket(rate, Math.max(REPAIR_BURST_BYTES, rate * 2));
    this.#repairs.setRate(now, rate);
    return this.#repairs.take(now, bytes) && this.takeUpload(now, bytes);
  }

  /** Adapts once a second; returns how many children must be shed. */
  step(now: Millis, children: number): number {
    if (this.#view.substreams === 0) return 0;
    if (this.#state === 'unset') {
      this.#state = 'adapting';
      this.#bytesPerSec = Math.max(this.#view.byteRate / 2, this.slotBytesPerSec * 4);
      this.#steppedAt = now;
    }
    if (now - this.#steppedAt < STEP_MS) return Math.max(0, children - this.slots);
    this.#steppedAt = now;
    this.#queueingMs = this.#medianQueueing();
    if (this.#queueingMs > CROWDED_MS) this.#shrink(now);
    else if (this.#queueingMs < CALM_MS && this.slots - children < UNUSED_SLOTS) this.#grow(now);
    return Math.max(0, children - this.slots);
  }

  /** While a queue stands, what arrives is what the uplink can carry: a little less than that lets it drain. */
  #shrink(now: Millis): void {
    const severe = this.#queueingMs > 3 * CROWDED_MS;
    if (!severe && now - this.#shrunkAt < DRAIN_MS) return;
    this.#shrunkAt = now;
    this.#crowdedAt = this.#bytesPerSec;
    let carried = 0;
    for (const neighbour of this.#view.neighbours.all()) carried += neighbour.rateOut;
    const least = this.slotBytesPerSec;
    this.#bytesPerSec = Math.max(least, Math.min(this.#bytesPerSec * 0.95, carried * (severe ? 0.75 : 0.85)));
  }

  /** A slot a second, or slowly near where a queue stood not long ago. */
  #grow(now: Millis): void {
    const near = this.#bytesPerSec > this.#crowdedAt * NEAR_SHARE;
    const wary = near && now - this.#shrunkAt < WARY_MS;
    if (wary && now - this.#grownAt < WARY_STEP_MS) return;
    this.#grownAt = now;
    this.#bytesPerSec += this.slotBytesPerSec;
  }

  #medianQueueing(): number {
    const growths: number[] = [];
    for (const neighbour of this.#view.neighbours.all()) {
      if (neighbour.childMask !== 0) growths.push(neighbour.queueingMs);
    }
    growths.sort((a, b) => a - b);
    return growths[Math.floor(growths.length / 2)] ?? 0;
  }
}
