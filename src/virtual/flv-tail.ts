/**
 * What a newcomer to an endless FLV needs first: its header, the configuration of its decoders, and everything since the
 * newest key picture. Cuts the stream where a decoder can begin.
 */

import { FILE_HEADER_BYTES, hasFlvHeader } from '../carrier/flv-tags.ts';
import { bodyOf, type FlvTag, promisesPictures, readTags, writeMs } from './flv-tags.ts';

/** Whole tags, in order. */
export interface FlvChunk {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** A decoder can begin here. */
  readonly isKey: boolean;
}

/** A stream that promised pictures and has sounded this long without one has none. */
const PICTURE_WITHIN_MS = 1500;
/** Most bytes since the newest key picture; beyond that newcomers wait for the next one. */
const TAIL_BYTES_MAX = 16 * 1024 * 1024;

type Config = 'script' | 'video-config' | 'audio-config';
const CONFIGS: readonly Config[] = ['script', 'video-config', 'audio-config'];

/** See above. */
export class FlvTail {
  readonly #out: (chunk: FlvChunk) => void;
  readonly #configs = new Map<Config, Uint8Array<ArrayBuffer>>();
  #header: Uint8Array<ArrayBuffer> | undefined;
  #lastMs = 0;
  #soundedFromMs: number | undefined;
  #pictures: 'promised' | 'seen' | 'none' = 'none';
  #tail: FlvChunk[] = [];
  #tailBytes = 0;
  #hasTail = false;
  #keys = 0;

  constructor(out: (chunk: FlvChunk) => void) {
    this.#out = out;
  }

  /** Whether a newcomer could begin. */
  get isReady(): boolean {
    return this.#header !== undefined && this.#hasTail;
  }

  /** Places to begin at so far. */
  get keys(): number {
    return this.#keys;
  }

  /** Configuration of the pictures, without the tag around it. */
  get videoConfig(): Uint8Array | undefined {
    const tag = this.#configs.get('video-config');
    const [first] = tag === undefined ? [] : readTags(tag, 0);
    return tag === undefined || first === undefined ? undefined : bodyOf(tag, first);
  }

  /** Takes whole tags, the first time with the file header in front. */
  push(bytes: Uint8Array<ArrayBuffer>): void {
    const tags = readTags(bytes, this.#takeHeader(bytes));
    let from = tags[0]?.start ?? 0;
    let isKey = false;
    const cut = (to: number): void => {
      if (to > from) this.#emit({ bytes: bytes.slice(from, to), isKey });
      from = to;
      isKey = false;
    };
    for (const tag of tags) {
      this.#lastMs = Math.max(this.#lastMs, tag.ms);
      if (tag.content === 'script' || tag.content === 'video-config' || tag.content === 'audio-config') {
        this.#configure(tag.content, bytes.slice(tag.start, tag.end));
      } else if (this.#canBeginAt(tag)) {
        cut(tag.start);
        isKey = true;
      }
    }
    cut(tags.at(-1)?.end ?? 0);
  }

  /** What a newcomer gets first: everything from header to now. Fresh bytes. */
  opening(): Uint8Array<ArrayBuffer>[] {
    return this.#header === undefined ? [] : [this.#header.slice(), ...this.#fromKey(0)];
  }

  /** What somebody gets who missed something: configuration, and everything since the newest key picture. */
  again(): Uint8Array<ArrayBuffer>[] {
    return this.#fromKey(this.#lastMs);
  }

  #fromKey(configMs: number): Uint8Array<ArrayBuffer>[] {
    const configs = CONFIGS.flatMap((config) => this.#configs.get(config)?.slice() ?? []);
    for (const config of configs) {
      const [tag] = readTags(config, 0);
      if (tag !== undefined) writeMs(config, tag, configMs);
    }
    return [...configs, ...this.#tail.map(({ bytes }) => bytes.slice())];
  }

  #takeHeader(bytes: Uint8Array<ArrayBuffer>): number {
    if (!hasFlvHeader(bytes)) return 0;
    this.#header ??= bytes.slice(0, FILE_HEADER_BYTES);
    this.#pictures = promisesPictures(bytes) ? 'promised' : 'none';
    this.#soundedFromMs = undefined;
    return FILE_HEADER_BYTES;
  }

  #configure(kind: Config, tag: Uint8Array<ArrayBuffer>): void {
    if (kind === 'video-config') this.#pictures = 'seen';
    this.#configs.set(kind, tag);
  }

  #canBeginAt(tag: FlvTag): boolean {
    if (tag.content === 'key' || tag.content === 'picture') this.#pictures = 'seen';
    if (tag.content === 'key') return true;
    if (tag.content !== 'sound' || this.#pictures === 'seen') return false;
    this.#soundedFromMs ??= tag.ms;
    if (tag.ms - this.#soundedFromMs > PICTURE_WITHIN_MS) this.#pictures = 'none';
    return this.#pictures === 'none';
  }

  #emit(chunk: FlvChunk): void {
    if (chunk.isKey) {
      this.#keys += 1;
      this.#forget(true);
    }
    if (this.#hasTail) {
      this.#tail.push(chunk);
      this.#tailBytes += chunk.bytes.length;
      if (this.#tailBytes > TAIL_BYTES_MAX) this.#forget(false);
    }
    this.#out(chunk);
  }

  #forget(begins: boolean): void {
    this.#tail = [];
    this.#tailBytes = 0;
    this.#hasTail = begins;
  }
}
