/**
 * Hands FLV on in whole tags, so that a stream that breaks off can go on with the file header of another one: no player
 * could find its way out of half a tag.
 */

import { ShoalError } from '../errors.ts';

const HEADER_LEAST = 9;
const HEADER_MOST = 1024;
const PREVIOUS_SIZE_BYTES = 4;
const TAG_HEADER_BYTES = 11;
const NONE = new Uint8Array(0);

/** See above. */
export class WholeTags {
  #kind: 'unknown' | 'flv' | 'other' = 'unknown';
  #rest: Uint8Array = NONE;

  /** True once the bytes have begun like FLV. */
  get isFlv(): boolean {
    return this.#kind === 'flv';
  }

  /** Takes bytes and returns those that can be handed on; bytes that are no FLV pass as they are. */
  push(bytes: Uint8Array): Uint8Array {
    const all = joined(this.#rest, bytes);
    this.#rest = NONE;
    if (this.#kind === 'unknown' && all.length >= 3) this.#kind = isHeaderAt(all, 0) ? 'flv' : 'other';
    if (this.#kind === 'other') return all;
    let at = 0;
    for (let next = unitAt(all, 0); next <= all.length; next = unitAt(all, at)) at = next;
    this.#rest = all.slice(at);
    return all.subarray(0, at);
  }

  /** Forgets the half tag that waits for its other half. */
  reset(): void {
    this.#rest = NONE;
  }
}

/** Where the header or tag that begins here ends; infinity when that cannot be known yet. */
const unitAt = (bytes: Uint8Array, at: number): number => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isHeaderAt(bytes, at)) {
    if (bytes.length < at + HEADER_LEAST) return Number.POSITIVE_INFINITY;
    const length = Math.max(HEADER_LEAST, view.getUint32(at + 5));
    // It is waited for in memory, and nobody writes a longer one.
    if (length > HEADER_MOST) throw new ShoalError('request/malformed', { detail: 'FLV header' });
    return at + length + PREVIOUS_SIZE_BYTES;
  }
  if (bytes.length < at + TAG_HEADER_BYTES) return Number.POSITIVE_INFINITY;
  return at + TAG_HEADER_BYTES + (view.getUint32(at) & 0xff_ffff) + PREVIOUS_SIZE_BYTES;
};

/** `FLV`: no tag has a type like its first letter. */
const isHeaderAt = (bytes: Uint8Array, at: number): boolean =>
  bytes[at] === 0x46 && bytes[at + 1] === 0x4c && bytes[at + 2] === 0x56;

const joined = (first: Uint8Array, second: Uint8Array): Uint8Array => {
  if (first.length === 0) return second;
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
};
