// FLV as it arrives: bytes in any portions in, whole tags out. A tag above the limit, or bytes that are no tag, end it.

import { FLV_HEADER, kindOf, type Tag } from './tags.ts';

const TAG_HEADER_BYTES = 11;
const SIZE_BYTES = 4;
const TAG_BYTES_MAX = 4 * 1024 * 1024;
const KINDS = [8, 9, 18];

/** See above. */
export class TagReader {
  #chunks: Buffer[] = [];
  #bytes = 0;
  #skip: number | undefined;
  #state: 'header' | 'tags' | 'broken' = 'header';

  /** The tags completed by these bytes; undefined once they make no sense. Data of tags may share the memory given. */
  push(bytes: Uint8Array): Tag[] | undefined {
    if (this.#state === 'broken') return undefined;
    this.#chunks.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    this.#bytes += bytes.length;
    if (this.#state === 'header' && !this.#readHeader()) return this.#orBroken([]);
    const tags: Tag[] = [];
    while (this.#readTag(tags));
    return this.#orBroken(tags);
  }

  /** After a file header, which says where the first tag begins. */
  #readHeader(): boolean {
    if (this.#bytes < FLV_HEADER.length) return false;
    const header = this.#peek(FLV_HEADER.length);
    if (header.toString('latin1', 0, 3) !== 'FLV' || header.readUInt32BE(5) !== FLV_HEADER.length - SIZE_BYTES) {
      this.#state = 'broken';
      return false;
    }
    this.#take(FLV_HEADER.length);
    this.#state = 'tags';
    return true;
  }

  #readTag(tags: Tag[]): boolean {
    if (this.#skip === undefined) {
      if (this.#bytes < TAG_HEADER_BYTES) return false;
      const header = this.#peek(TAG_HEADER_BYTES);
      const length = header.readUIntBE(1, 3);
      if (length > TAG_BYTES_MAX || !KINDS.includes(header.readUInt8(0) & 0x1f)) {
        this.#state = 'broken';
        return false;
      }
      this.#skip = TAG_HEADER_BYTES + length + SIZE_BYTES;
    }
    if (this.#bytes < this.#skip) return false;
    const whole = this.#take(this.#skip);
    this.#skip = undefined;
    const type = whole.readUInt8(0) & 0x1f;
    const dtsMs = (whole.readUIntBE(4, 3) | (whole.readUInt8(7) << 24)) >>> 0;
    const data = whole.subarray(TAG_HEADER_BYTES, whole.length - SIZE_BYTES);
    tags.push({ type, dtsMs, data, kind: kindOf(type, data) });
    return true;
  }

  /** The first bytes without taking them; joins chunks only where it must. */
  #peek(length: number): Buffer {
    const [first] = this.#chunks;
    if (first !== undefined && first.length >= length) return first.subarray(0, length);
    this.#chunks = [Buffer.concat(this.#chunks)];
    return (this.#chunks[0] as Buffer).subarray(0, length);
  }

  #take(length: number): Buffer {
    const taken = this.#peek(length);
    const rest = (this.#chunks[0] as Buffer).subarray(length);
    if (rest.length === 0) this.#chunks.shift();
    else this.#chunks[0] = rest;
    this.#bytes -= length;
    return taken;
  }

  #orBroken(tags: Tag[]): Tag[] | undefined {
    return this.#state === 'broken' && tags.length === 0 ? undefined : tags;
  }
}
