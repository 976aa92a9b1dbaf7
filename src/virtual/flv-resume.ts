/**
 * Goes on with a stream over several responses: each begins with a header and an earlier key picture, and what was had
 * already is left out.
 */

import { FILE_HEADER_BYTES, hasFlvHeader } from '../carrier/flv-tags.ts';
import { type FlvTag, readTags, writeMs } from './flv-tags.ts';

/** A response that begins this far before what was had is on another time scale. */
const OTHER_SCALE_MS = 60_000;
const SEAM_MS = 40;

type Track = 'picture' | 'sound';

/** See above. */
export class FlvResume {
  readonly #newestMs = new Map<Track, number>();
  readonly #configs = new Map<string, Uint8Array>();
  #place: 'first' | 'resumed-header' | 'resumed-start' | 'on' = 'first';
  #offsetMs = 0;

  /** The next bytes are another response's first. */
  beginResponse(): void {
    this.#place = this.#newestMs.size === 0 ? 'first' : 'resumed-header';
  }

  /** Takes whole tags; returns those that go on. */
  push(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    const from = hasFlvHeader(bytes) ? FILE_HEADER_BYTES : 0;
    const kept: Uint8Array[] = this.#place === 'first' && from > 0 ? [bytes.subarray(0, from)] : [];
    if (this.#place === 'first') this.#place = 'on';
    if (this.#place === 'resumed-header') this.#place = 'resumed-start';
    for (const tag of readTags(bytes, from))
      if (this.#goesOn(bytes, tag)) kept.push(bytes.subarray(tag.start, tag.end));
    return joined(kept);
  }

  #goesOn(bytes: Uint8Array, tag: FlvTag): boolean {
    switch (tag.content) {
      case 'script':
      case 'video-config':
      case 'audio-config':
        return this.#isNews(tag.content, bytes.subarray(tag.start + 11, tag.end));
      case 'key':
      case 'picture':
        return this.#isNew(bytes, tag, 'picture');
      case 'sound':
        return this.#isNew(bytes, tag, 'sound');
      case 'other':
        return true;
    }
  }

  /** A configuration that is said again would make decoders start over. */
  #isNews(kind: string, body: Uint8Array): boolean {
    const known = this.#configs.get(kind);
    if (known !== undefined && (kind === 'script' || areEqual(known, body))) return false;
    this.#configs.set(kind, body.slice());
    return true;
  }

  #isNew(bytes: Uint8Array, tag: FlvTag, track: Track): boolean {
    if (this.#place === 'resumed-start') {
      this.#place = 'on';
      const newest = Math.max(...this.#newestMs.values());
      this.#offsetMs = tag.ms < newest - OTHER_SCALE_MS ? newest + SEAM_MS - tag.ms : 0;
    }
    const ms = tag.ms + this.#offsetMs;
    const newest = this.#newestMs.get(track);
    if (newest !== undefined && ms <= newest) return false;
    this.#newestMs.set(track, ms);
    if (this.#offsetMs !== 0) writeMs(bytes, tag, ms);
    return true;
  }
}

const joined = (parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
};

const areEqual = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, at) => byte === b[at]);
