/**
 * Finds the tags in FLV bytes that come in chunks of any size. It looks at tag headers and at the first two bytes of a
 * body, never further.
 */
import { ShoalError } from '../errors.ts';

/** What a tag is for. */
export type TagKind = 'script' | 'video-config' | 'audio-config' | 'keyframe' | 'video' | 'audio';

/** A whole tag with its trailing length. */
export interface Tag {
  readonly kind: TagKind;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What a chunk brought. */
export interface Read {
  /** A file header came: everything before it belongs to another file. */
  readonly header: Uint8Array<ArrayBuffer> | undefined;
  readonly tags: readonly Tag[];
}

const FILE_HEADER_BYTES = 13;
const TAG_HEADER_BYTES = 11;
const PREVIOUS_SIZE_BYTES = 4;
/** A keyframe of the best picture there is stays far below. */
const TAG_BYTES_MAX = 8 * 1024 * 1024;
const SCRIPT = 18;
const VIDEO = 9;
const AUDIO = 8;

/** Reads one stream, or several after another. */
export class FlvReader {
  #chunks: Uint8Array[] = [];
  #length = 0;
  /** With less than this there is nothing to look at. */
  #wanted = 1;
  #state: 'header' | 'tags' = 'header';

  /** Takes the next chunk. Throws a `flv/...` error when it cannot be FLV; then only a new file header helps. */
  push(chunk: Uint8Array): Read {
    if (beginsFile(chunk)) this.reset();
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    if (this.#length < this.#wanted) return NOTHING;
    try {
      const header = this.#state === 'header' ? this.#header() : undefined;
      return { header, tags: this.#state === 'tags' ? this.#tags() : [] };
    } catch (error) {
      this.reset();
      throw error;
    }
  }

  /** Forgets what it holds and waits for a file header. */
  reset(): void {
    this.#chunks = [];
    this.#length = 0;
    this.#wanted = 1;
    this.#state = 'header';
  }

  #header(): Uint8Array<ArrayBuffer> | undefined {
    const start = this.#peek(Math.min(FILE_HEADER_BYTES, this.#length));
    if (!FLV.every((byte, at) => start[at] === undefined || start[at] === byte))
      throw new ShoalError('flv/bad-signature');
    if (start.length < FILE_HEADER_BYTES) return undefined;
    this.#state = 'tags';
    this.#wanted = TAG_HEADER_BYTES;
    return this.#take(FILE_HEADER_BYTES);
  }

  #tags(): Tag[] {
    const tags: Tag[] = [];
    while (this.#length >= TAG_HEADER_BYTES) {
      const header = this.#peek(TAG_HEADER_BYTES);
      const type = header[0] ?? 0;
      const size = ((header[1] ?? 0) << 16) | ((header[2] ?? 0) << 8) | (header[3] ?? 0);
      if (type !== SCRIPT && type !== VIDEO && type !== AUDIO) {
        throw new ShoalError('flv/bad-tag', { detail: `type ${type}` });
      }
      if (size > TAG_BYTES_MAX) throw new ShoalError('flv/tag-too-large', { detail: `${size} bytes` });
      const whole = TAG_HEADER_BYTES + size + PREVIOUS_SIZE_BYTES;
      this.#wanted = whole;
      if (this.#length < whole) break;
      const bytes = this.#take(whole);
      this.#wanted = TAG_HEADER_BYTES;
      tags.push({ kind: kindOf(type, bytes, size), bytes });
    }
    return tags;
  }

  #peek(count: number): Uint8Array {
    const [first] = this.#chunks;
    if (first !== undefined && first.length >= count) return first.subarray(0, count);
    return this.#join(count);
  }

  #take(count: number): Uint8Array<ArrayBuffer> {
    const taken = this.#join(count);
    this.#length -= count;
    let left = count;
    const kept = this.#chunks.findIndex((chunk) => {
      if (chunk.length > left) return true;
      left -= chunk.length;
      return false;
    });
    this.#chunks.splice(0, kept < 0 ? this.#chunks.length : kept);
    if (left > 0) this.#chunks[0] = this.#chunks[0]?.subarray(left) ?? EMPTY;
    return taken;
  }

  #join(count: number): Uint8Array<ArrayBuffer> {
    const joined = new Uint8Array(count);
    let at = 0;
    for (const chunk of this.#chunks) {
      joined.set(chunk.subarray(0, count - at), at);
      at += Math.min(chunk.length, count - at);
      if (at === count) break;
    }
    return joined;
  }
}

const FLV = [0x46, 0x4c, 0x56];
const EMPTY = new Uint8Array(0);
const NOTHING: Read = { header: undefined, tags: [] };

/** A chunk that begins like a whole file header: no tag does. */
const beginsFile = (chunk: Uint8Array): boolean =>
  chunk.length >= FILE_HEADER_BYTES && FLV.every((byte, at) => chunk[at] === byte) && chunk[3] === 1 && chunk[8] === 9;

const kindOf = (type: number, bytes: Uint8Array, size: number): TagKind => {
  if (type === SCRIPT) return 'script';
  const first = bytes[TAG_HEADER_BYTES] ?? 0;
  const second = size > 1 ? (bytes[TAG_HEADER_BYTES + 1] ?? 0) : 0xff;
  return type === AUDIO ? audioKind(first, second) : videoKind(first, second);
};

const audioKind = (first: number, second: number): TagKind => {
  const format = first >> 4;
  const isConfig = (format === 10 && second === 0) || (format === 9 && (first & 15) === 0);
  return isConfig ? 'audio-config' : 'audio';
};

const videoKind = (first: number, second: number): TagKind => {
  const isEnhanced = (first & 0x80) !== 0;
  const packet = isEnhanced ? first & 15 : second;
  if (packet === 0 && (isEnhanced || hasConfig(first & 15))) return 'video-config';
  return ((first >> 4) & 7) === 1 ? 'keyframe' : 'video';
};

/** AVC, and HEVC and AV1 as Chinese encoders number them; older codecs have no configuration. */
const hasConfig = (codec: number): boolean => codec === 7 || codec === 12 || codec === 13;
