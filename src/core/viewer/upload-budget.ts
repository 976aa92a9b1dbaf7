/**
 * How many bytes a second a viewer offers to others. It starts at half the stream and grows a slot a second while the
 * neighbours' round trips show no queue and hardly anything is dropped. The first overload tells what the uplink carries.
 * From then on a little less than that is offered, and what is known is kept true: less when it is too much, more when
 * pieces have to wait although it is not. The page's cap is never crossed.
 */
import { PIECE_BYTES_MAX } from '../../wire/limits.ts';
import type { Millis } from '../engine.ts';
import { Bucket } from '../kit/bucket.ts';
import { arrivedShare } from './delivery.ts';
import type { Neighbour } from './neighbour.ts';
import type { SwarmView } from './swarm-view.ts';
import { type Overload, UplinkCapacity } from './uplink-capacity.ts';

/** Queueing below this lets the budget grow, above this shrinks it. */
export const CALM_MS = 12;
export const CROWDED_MS = 30;
/** Less of what was sent than this arrives: the rest is dropped where it would have to wait. */
export const ARRIVED_LEAST = 0.88;
/** Of fewer seconds of one place nothing can be said: words of what arrived come twice a second. */
const LOSS_SHOWS_SLOTS = 8;
const STEP_MS = 1_000;
/** After shrinking, a queue is given this long to drain before the next step down. */
export const DRAIN_MS = 2_500;
/** Offered of what the uplink is known to carry, and as long as that is not sure: repairs, catch-ups and words need room too. */
export const OFFERED_SHARE = 0.96;
export const OFFERED_UNSURE = 0.94;
/** Who has a place keeps it up to here: every child that is let go costs the origin more than a short queue does. */
export const KEPT_SHARE = 0.98;
/** An uplink that carries less than so many slots is not worth knowing. */
export const CAPACITY_SLOTS_MIN = 2;
/** Until anything is known the offer grows by this share of the stream. */
export const FIRST_GROWTH = 0.2;
/** ... as long as no more than this is offered but not used: unused room proves nothing. */
export const UNUSED_SLOTS = 6;
/** What is offered at first is so many slots at least. */
export const FIRST_SLOTS = 4;
/** Repairs may take this share of the stream. */
const REPAIR_SHARE = 0.1;
const REPAIR_BURST_BYTES = 64_000;
/** Children get this share of the page's cap: keyframes come in bursts, and repairs need room. */
export const CAP_SHARE = 0.85;
const CAP_BURST_SECONDS = 1;
/** Wire bytes of a substream over its payload: headers, parts, SCTP, DTLS, UDP, IP. */
export const WIRE_FACTOR = 1.08;

export class UploadBudget {
  readonly #view: SwarmView;
  #bytesPerSec = 0;
  #state: 'unset' | 'adapting' = 'unset';
  #steppedAt: Millis = 0;
  #repairs: Bucket | undefined;
  #cap: Bucket | undefined;
  #queueingMs = 0;
  readonly #capacity = new UplinkCapacity();
  #waitedBefore = 0;
  /** Of all that was pushed to neighbours. */
  #arrivedBytes = 0;

  constructor(view: SwarmView) {
    this.#view = view;
  }

  /** Bytes a second offered now. */
  get bytesPerSec(): number {
    return this.#bytesOf(this.#capacity.isSure ? OFFERED_SHARE : OFFERED_UNSURE);
  }

  /** What the uplink carries, bytes a second on the wire; Infinity until a queue has shown it. */
  get capacity(): number {
    return this.#capacity.bytesPerSec;
  }

  get slotBytesPerSec(): number {
    return this.#view.substreamRate * WIRE_FACTOR;
  }

  /** Children that can be served at all. */
  get slots(): number {
    return Math.floor(this.bytesPerSec / this.slotBytesPerSec);
  }

  /** Children that are not sent away. */
  get #kept(): number {
    return Math.floor(this.#bytesOf(KEPT_SHARE) / this.slotBytesPerSec);
  }

  #bytesOf(share: number): number {
    if (!this.#view.mayUpload) return 0;
    const offered = Math.min(this.#bytesPerSec, this.capacity * share);
    return Math.min(offered, this.#view.policy.uploadBytesPerSec * CAP_SHARE);
  }

  /** Growth of round trips: queueing on our way out. */
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

  /** Adapts once a second; returns how many children must be shed. `waited`: pieces that ever had to wait for their turn. */
  step(now: Millis, children: number, waited: number): number {
    if (this.#view.substreams === 0) return 0;
    if (this.#state === 'unset') {
      this.#state = 'adapting';
      this.#bytesPerSec = Math.max(this.#view.byteRate / 2, this.slotBytesPerSec * FIRST_SLOTS);
      this.#steppedAt = now;
    }
    if (now - this.#steppedAt < STEP_MS) return Math.max(0, children - this.#kept);
    this.#steppedAt = now;
    this.#read(now);
    this.#queueingMs = this.#low((child) => child.queueingMs);
    const isPressed = this.#isPressed(children, waited);
    const overload = this.#overload();
    if (overload !== undefined) this.#shrink(now, overload);
    else if (this.#queueingMs < CALM_MS && isPressed) this.#grow(now);
    return Math.max(0, children - this.#kept);
  }

  /** Whether more would be used: what is known is tried only when all places are taken. */
  #isPressed(children: number, waited: number): boolean {
    const hadToWait = waited > this.#waitedBefore;
    this.#waitedBefore = waited;
    if (this.#capacity.isKnown) return children >= this.slots;
    return hadToWait || this.slots - children < UNUSED_SLOTS;
  }

  #read(now: Millis): void {
    for (const neighbour of this.#view.neighbours.all()) this.#arrivedBytes += neighbour.deliver();
    this.#capacity.read({
      at: now,
      sentBytes: this.#view.counters.uploadedBytes * WIRE_FACTOR,
      arrivedBytes: this.#arrivedBytes * WIRE_FACTOR,
      queueMs: this.#low((child) => child.wayOutMs),
    });
  }

  /** Whether more is sent than the uplink carries, and how that shows. */
  #overload(): Overload | undefined {
    const deliveries = [...this.#view.neighbours.all()].map((neighbour) => neighbour.delivery);
    if (arrivedShare(deliveries, this.slotBytesPerSec * LOSS_SHOWS_SLOTS) < ARRIVED_LEAST) return 'dropping';
    const isOurs = this.#low((child) => child.queueingOutMs) > CALM_MS;
    return this.#queueingMs > CROWDED_MS && isOurs ? 'standing' : undefined;
  }

  #shrink(now: Millis, overload: Overload): void {
    if (now - this.#capacity.overloadedAt < DRAIN_MS) return;
    this.#capacity.overloaded(now, overload, this.slotBytesPerSec * CAPACITY_SLOTS_MIN);
  }

  /** A slot a second until the capacity is known. */
  #grow(now: Millis): void {
    if (!this.#capacity.isKnown) {
      this.#bytesPerSec += Math.max(this.slotBytesPerSec, this.#view.byteRate * FIRST_GROWTH);
      return;
    }
    this.#capacity.grow(now);
    this.#bytesPerSec = Math.max(this.#bytesPerSec, this.capacity);
  }

  /** A child in four sees less: what arrives late here is often due to the child's own uplink. */
  #low(queueing: (child: Neighbour) => number): number {
    const growths: number[] = [];
    for (const neighbour of this.#view.neighbours.all()) {
      if (neighbour.childMask !== 0) growths.push(queueing(neighbour));
    }
    growths.sort((a, b) => a - b);
    return growths[Math.floor(growths.length / 4)] ?? 0;
  }
}
