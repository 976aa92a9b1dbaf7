/**
 * Big-endian reading and writing over one Uint8Array. A reader never throws and never reads past the end: once a
 * field does not fit, it is `broken` for good and returns zeros, so a decoder checks once, at the end.
 */

const EMPTY = new Uint8Array(0);
const TWO_32 = 0x1_0000_0000;

/** Reads fields in order; check `done()` after the last one. */
export class Reader {
  #at = 0;
  #broken = false;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** True when a field did not fit. */
  get broken(): boolean {
    return this.#broken;
  }

  /** Bytes not read yet. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** True when every field fitted and nothing is left over. */
  done(): boolean {
    return !this.#broken && this.left === 0;
  }

  u8(): number {
    const at = this.#take(1);
    return at < 0 ? 0 : this.#view.getUint8(at);
  }

  u16(): number {
    const at = this.#take(2);
    return at < 0 ? 0 : this.#view.getUint16(at);
  }

  u32(): number {
    const at = this.#take(4);
    return at < 0 ? 0 : this.#view.getUint32(at);
  }

  u48(): number {
    const at = this.#take(6);
    return at < 0 ? 0 : this.#view.getUint16(at) * TWO_32 + this.#view.getUint32(at + 2);
  }

  /** A view, not a copy. */
  bytes(length: number): Uint8Array {
    const at = this.#take(length);
    return at < 0 ? EMPTY : this.#bytes.subarray(at, at + length);
  }

  /** A view of all that is left. */
  rest(): Uint8Array {
    return this.bytes(this.left);
  }

  #take(length: number): number {
    if (this.#broken || length < 0 || this.left < length) {
      this.#broken = true;
      return -1;
    }
    const at = this.#at;
    this.#at += length;
    return at;
  }
}

/** Writes fields in order into a buffer that grows; `finish()` returns exactly what was written. */
export class Writer {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #at = 0;

  constructor(capacity = 64) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  u8(value: number): this {
    const at = this.#room(1);
    this.#view.setUint8(at, value);
    return this;
  }

  u16(value: number): this {
    const at = this.#room(2);
    this.#view.setUint16(at, value);
    return this;
  }

  u32(value: number): this {
    const at = this.#room(4);
    this.#view.setUint32(at, value);
    return this;
  }

  u48(value: number): this {
    const at = this.#room(6);
    this.#view.setUint16(at, Math.floor(value / TWO_32));
    this.#view.setUint32(at + 2, value % TWO_32);
    return this;
  }

  bytes(value: Uint8Array): this {
    const at = this.#room(value.length);
    this.#bytes.set(value, at);
    return this;
  }

  finish(): Uint8Array<ArrayBuffer> {
    return this.#at === this.#bytes.length ? this.#bytes : this.#bytes.slice(0, this.#at);
  }

  /** Where the next field goes. It may put another buffer and view in place, so it is called before either is used. */
  #room(length: number): number {
    const at = this.#at;
    const needed = at + length;
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    this.#at = needed;
    return at;
  }
}

/** Whether two byte strings are equal; for ids and tags, not for secrets. */
export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((value, index) => value === b[index]);

const HEX = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, '0'));

/** Lower-case hexadecimal. */
export const toHex = (bytes: Uint8Array): string => {
  let text = '';
  for (const value of bytes) text += HEX[value];
  return text;
};

/** Bytes of an even-length hexadecimal text, or undefined. */
export const fromHex = (text: string): Uint8Array<ArrayBuffer> | undefined => {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(text)) return undefined;
  const bytes = new Uint8Array(text.length / 2);
  for (let at = 0; at < bytes.length; at++) bytes[at] = Number.parseInt(text.slice(at * 2, at * 2 + 2), 16);
  return bytes;
};

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const VALUE_OF = new Map([...ALPHABET].map((letter, value) => [letter, value]));

/** Unpadded base64url. */
export const toBase64Url = (bytes: Uint8Array): string => {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at;
    const word = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    const letters = left === 1 ? 2 : left === 2 ? 3 : 4;
    for (let n = 0; n < letters; n++) text += ALPHABET[(word >> (18 - 6 * n)) & 63];
  }
  return text;
};

/** Bytes of an unpadded base64url text, or undefined. */
export const fromBase64Url = (text: string): Uint8Array<ArrayBuffer> | undefined => {
  if (text.length % 4 === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let word = 0;
  let bits = 0;
  let at = 0;
  for (const letter of text) {
    const value = VALUE_OF.get(letter);
    if (value === undefined) return undefined;
    word = ((word << 6) | value) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = (word >> bits) & 0xff;
    }
  }
  return bytes;
};

/** ASCII bytes of a constant such as a signature context. */
export const ascii = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(text, (letter) => letter.charCodeAt(0) & 0x7f);
