/**
 * Whole FLV tags out of a response that comes in pieces of any size.
 */
import { FILE_HEADER_BYTES, hasFlvHeader, tagPlaces } from '../carrier/flv-tags.ts';
import { ShoalError } from '../errors.ts';

/** A keyframe of the best picture there is stays far below; more is not a live stream. */
const HELD_BYTES_MAX = 8 * 1024 * 1024;

/** Collects one response. */
export class FlvTags {
  #held = new Uint8Array(0);
  #place: 'header' | 'tags' = 'header';

  /** Takes what came; returns the whole tags it completes. Throws `source/bad-answer` when this is no FLV. */
  push(bytes: Uint8Array): ArrayBuffer | undefined {
    const all = joined(this.#held, bytes);
    const whole = this.#wholeLength(all);
    this.#held = all.slice(whole);
    if (this.#held.length > HELD_BYTES_MAX) throw new ShoalError('source/bad-answer', { detail: 'endless tag' });
    return whole === 0 ? undefined : all.slice(0, whole).buffer;
  }

  #wholeLength(all: Uint8Array<ArrayBuffer>): number {
    const view = new DataView(all.buffer, all.byteOffset, all.length);
    let at = 0;
    if (this.#place === 'header') {
      if (all.length < FILE_HEADER_BYTES) return 0;
      if (!hasFlvHeader(all)) throw new ShoalError('source/bad-answer', { detail: 'no FLV header' });
      this.#place = 'tags';
      at = FILE_HEADER_BYTES;
    }
    for (const { end } of tagPlaces(view, at)) at = end;
    return at;
  }
}

const joined = (before: Uint8Array, after: Uint8Array): Uint8Array<ArrayBuffer> => {
  const all = new Uint8Array(before.length + after.length);
  all.set(before);
  all.set(after, before.length);
  return all;
};
