/**
 * Where mpegts.js's timeline begins on the FLV timestamp scale. It rebases each run of bytes so that the earliest first
 * timestamp of its first batch is zero; this finds that timestamp from the same bytes.
 */

const TAG_HEADER_BYTES = 11;
const PREVIOUS_SIZE_BYTES = 4;
const AUDIO = 8;
const VIDEO = 9;

type Track = 'audio' | 'video';
type Content = 'config' | 'sample' | 'both' | 'other';

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
    let at = this.#at === 'start' ? this.#readHeader(view) : 0;
    while (at + TAG_HEADER_BYTES + PREVIOUS_SIZE_BYTES <= view.byteLength) at = this.#readTag(view, at);
    const ready = this.#expected.size > 0 && [...this.#expected].every((track) => this.#configured.has(track));
    if (ready && this.#firstMs.size > 0) this.#baseMs = Math.min(...this.#firstMs.values());
  }

  #readHeader(view: DataView): number {
    this.#at = 'tags';
    if (view.byteLength < 13) return view.byteLength;
    const flags = view.getUint8(4);
    if ((flags & 4) !== 0) this.#expected.add('audio');
    if ((flags & 1) !== 0) this.#expected.add('video');
    return view.getUint32(5) + PREVIOUS_SIZE_BYTES;
  }

  #readTag(view: DataView, at: number): number {
    const kind = view.getUint8(at);
    const size = view.getUint32(at) & 0xff_ffff;
    const end = at + TAG_HEADER_BYTES + size + PREVIOUS_SIZE_BYTES;
    if (size < 2 || end > view.byteLength || (kind !== AUDIO && kind !== VIDEO)) return end;
    const track: Track = kind === AUDIO ? 'audio' : 'video';
    const first = view.getUint8(at + TAG_HEADER_BYTES);
    const second = view.getUint8(at + TAG_HEADER_BYTES + 1);
    const content = track === 'audio' ? audioContent(first, second) : videoContent(first, second);
    if (content === 'config' || content === 'both') this.#configured.add(track);
    if ((content === 'sample' || content === 'both') && !this.#firstMs.has(track)) {
      this.#firstMs.set(track, (view.getUint32(at + 4) >>> 8) | (view.getUint8(at + 7) << 24));
    }
    return end;
  }
}

const audioContent = (first: number, second: number): Content => {
  const format = first >> 4;
  if (format === 10) return second === 0 ? 'config' : 'sample';
  // Enhanced FLV says its packet type in the low bits; MP3 and PCM need no configuration of their own.
  if (format === 9) return (first & 15) === 0 ? 'config' : (first & 15) === 1 ? 'sample' : 'other';
  return 'both';
};

const videoContent = (first: number, second: number): Content => {
  const isEnhanced = (first & 0x80) !== 0;
  const packet = isEnhanced ? first & 15 : second;
  if (packet === 0) return 'config';
  return packet === 1 || (isEnhanced && packet === 3) ? 'sample' : 'other';
};
