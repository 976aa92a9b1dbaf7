/**
 * Where mpegts.js's timeline begins on the FLV timestamp scale. It rebases each run of bytes so that the earliest first
 * timestamp of its first batch is zero; this finds that timestamp from the same bytes.
 */

import { FILE_HEADER_BYTES, type FlvTag, flvTags, type Track } from '../flv-tags.ts';

/** Watches the first buffers of a run. */
export class FlvTimeline {
  readonly #expected = new Set<Track>();
  readonly #configured = new Set<Track>();
  readonly #firstMs = new Map<Track, number>();
  #baseMs: number | undefined;
  #at: 'start' | 'tags' = 'start';

  /** FLV timestamp that is media time zero; undefined until the first samples went in. */
  get baseMs(): number | undefined {
    return this.#baseMs;
  }

  /** Takes the next whole tags, exactly as mpegts.js gets them. */
  push(buffer: ArrayBuffer): void {
    if (this.#baseMs !== undefined) return;
    const view = new DataView(buffer);
    const from = this.#at === 'start' ? this.#readHeader(view) : 0;
    for (const tag of flvTags(view, from)) this.#read(tag);
    const ready = this.#expected.size > 0 && [...this.#expected].every((track) => this.#configured.has(track));
    if (ready && this.#firstMs.size > 0) this.#baseMs = Math.min(...this.#firstMs.values());
  }

  #readHeader(view: DataView): number {
    this.#at = 'tags';
    if (view.byteLength < FILE_HEADER_BYTES) return view.byteLength;
    const flags = view.getUint8(4);
    if ((flags & 4) !== 0) this.#expected.add('audio');
    if ((flags & 1) !== 0) this.#expected.add('video');
    return view.getUint32(5) + 4;
  }

  #read({ track, content, ms }: FlvTag): void {
    if (content === 'config' || content === 'both') this.#configured.add(track);
    if ((content === 'sample' || content === 'both') && !this.#firstMs.has(track)) this.#firstMs.set(track, ms);
  }
}
