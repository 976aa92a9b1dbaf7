/**
 * A finite origin, by the rules of the one that ships: what connections have been promised, a second of burst, newcomers
 * first, and repairs only while there is room.
 */
import { FROM_LIVE } from '../src/wire/origin.ts';

/** Existing viewers get nothing more above this share of what can be promised. */
const BUSY_SHARE = 0.9;
/** Share of a full bucket that repairs must leave. */
const REPAIRS_LEAVE = 0.25;
const BURST_BYTES_MIN = 256 * 1024;

export class OriginEgress {
  #limit = 0;
  #burst = 0;
  #tokens = Number.POSITIVE_INFINITY;
  #filledAt = 0;
  #promised = 0;

  /** @param bytesPerSec Infinity for no limit. */
  constructor(bytesPerSec: number) {
    this.setLimit(0, bytesPerSec);
  }

  /** Another limit from now on. */
  setLimit(now: number, bytesPerSec: number): void {
    this.#limit = bytesPerSec;
    this.#burst = Math.max(bytesPerSec, BURST_BYTES_MIN);
    this.#tokens = Math.min(this.#tokens, this.#burst);
    this.#filledAt = now;
  }

  get finite(): boolean {
    return this.#limit !== Number.POSITIVE_INFINITY;
  }

  promise(bytesPerSec: number): void {
    this.#promised += bytesPerSec;
  }

  /** Bytes a second that can still be promised. */
  room(newcomer: boolean): number {
    return this.#limit * (newcomer ? 1 : BUSY_SHARE) - this.#promised;
  }

  /** More is promised than can be kept, and what was put aside is used up. */
  overdrawn(now: number): boolean {
    this.#fill(now);
    return this.#promised > this.#limit && this.#tokens < 0;
  }

  /** Whether a repair may be sent. */
  mayRepair(now: number, bytes: number): boolean {
    if (!this.finite) return true;
    this.#fill(now);
    return this.#tokens - bytes >= REPAIRS_LEAVE * this.#burst;
  }

  /** Takes bytes out; how long they wait until they leave, ms. */
  send(now: number, bytes: number): number {
    if (!this.finite) return 0;
    this.#fill(now);
    this.#tokens -= bytes;
    return this.#tokens >= 0 ? 0 : (-this.#tokens / this.#limit) * 1000;
  }

  #fill(now: number): void {
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#filledAt) * this.#limit) / 1000);
    this.#filledAt = now;
  }
}

/** Which of the wanted substreams are given when only some can be: what it has already, then what fewest others get. */
export const shareOut = (
  seat: { readonly held: number; readonly wanted: number },
  room: number,
  holders: readonly number[],
): number => {
  let given = seat.held & seat.wanted;
  const others = holders
    .map((count, substream) => ({ count, substream }))
    .filter(({ substream }) => (seat.wanted & ~given & (1 << substream)) !== 0)
    .sort((a, b) => a.count - b.count);
  for (const { substream } of others.slice(0, Math.max(0, room))) given |= 1 << substream;
  return given >>> 0;
};

/** Where a viewer that asks from a sequence begins, given the newest keyframe and the next sequence. */
export const startAt = (from: number, epoch: { readonly keyframe: number; readonly next: number }): number => {
  if (from === FROM_LIVE) return epoch.next;
  return from > epoch.next ? epoch.keyframe : from;
};
