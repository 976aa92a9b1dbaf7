// The segments of one stream that can still be asked for, each with its parts. Their names cannot be guessed: whoever was
// let in to the playlist learns them from it, so that segments themselves need no questions and fit any cache.

import { createHmac } from 'node:crypto';
import type { SegmentSeal } from '../../../../src/wire/hls-seal.ts';

/** A resource of a playlist. */
export interface HlsFile {
  readonly name: string;
  readonly bytes: Buffer;
  readonly seal: Pick<SegmentSeal, 'length' | 'root'>;
}

/** A part of a segment. */
export interface HlsPart extends HlsFile {
  readonly durationMs: number;
  readonly independent: boolean;
}

/** A whole segment, or the one that is being made. */
export interface HlsSegment {
  readonly number: number;
  /** When it was live, Unix time, ms. */
  readonly atMs: number;
  /** What its tracks are. */
  readonly map: HlsFile;
  /** Its times do not continue those of the one before. */
  readonly discontinuity: boolean;
  readonly parts: readonly HlsPart[];
  /** Its bytes as one; undefined while it is being made. */
  readonly whole: HlsFile | undefined;
}

interface OpenSegment extends HlsSegment {
  readonly parts: HlsPart[];
}

/** What segments are made with. */
export interface SegmentsParts {
  readonly secret: Uint8Array;
  readonly seal: (bytes: Uint8Array) => Pick<SegmentSeal, 'length' | 'root'>;
  /** Number of the first segment. */
  readonly first: number;
  /** Segments in a playlist; as many again are kept for those who have read an older one. */
  readonly listed: number;
}

const TAG_CHARS = 12;

/** See above. */
export class Segments {
  readonly #parts: SegmentsParts;
  readonly #files = new Map<string, HlsFile>();
  readonly #maps: HlsFile[] = [];
  #closed: HlsSegment[] = [];
  #open: OpenSegment | undefined;
  #next: number;
  #discontinuity = false;
  #discontinuities = 0;

  constructor(parts: SegmentsParts) {
    this.#parts = parts;
    this.#next = parts.first;
  }

  /** Whole segments a playlist lists, oldest first. */
  get listed(): readonly HlsSegment[] {
    return this.#closed.slice(-this.#parts.listed);
  }

  /** The segment that is being made, if it has a part. */
  get open(): HlsSegment | undefined {
    return this.#open;
  }

  /** Number of the segment that is made, or will be next. */
  get current(): number {
    return this.#open?.number ?? this.#next;
  }

  /** Name of the part that will be made next, unless it begins another run. */
  get nextPart(): string {
    return this.#partName(this.current, this.#open?.parts.length ?? 0);
  }

  /** Discontinuities before the first listed segment. */
  get discontinuitySequence(): number {
    return (
      this.#discontinuities -
      this.listed.filter(({ discontinuity }) => discontinuity).length -
      (this.#open?.discontinuity === true ? 1 : 0)
    );
  }

  /** What a name stands for. */
  file(name: string): HlsFile | undefined {
    return this.#files.get(name);
  }

  /** The segments from here on have these tracks, and times of their own. */
  begin(map: Buffer): void {
    const name = `i${this.#next}-${this.#tag(`i${this.#next}`)}.mp4`;
    this.#discontinuity = this.#maps.length > 0;
    this.#maps.push(this.#keep({ name, bytes: map, seal: this.#parts.seal(map) }));
  }

  addPart(
    { bytes, durationMs, independent }: Pick<HlsPart, 'bytes' | 'durationMs' | 'independent'>,
    atMs: number,
  ): void {
    const map = this.#maps[this.#maps.length - 1];
    if (map === undefined) return;
    const open = this.#open ?? this.#beginSegment(map, atMs);
    const name = this.#partName(open.number, open.parts.length);
    open.parts.push(this.#keep({ name, bytes, durationMs, independent, seal: this.#parts.seal(bytes) }));
  }

  endSegment(): void {
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    this.#closed.push(this.#whole(open));
    if (this.#closed.length > 2 * this.#parts.listed) this.#forget(this.#closed.shift());
  }

  #beginSegment(map: HlsFile, atMs: number): OpenSegment {
    const discontinuity = this.#discontinuity;
    if (discontinuity) this.#discontinuities++;
    this.#discontinuity = false;
    const open = { number: this.#next++, atMs, map, discontinuity, parts: [], whole: undefined };
    this.#open = open;
    return open;
  }

  /** Parts of a whole segment share its memory. */
  #whole(open: OpenSegment): HlsSegment {
    const bytes = Buffer.concat(open.parts.map((part) => part.bytes));
    const name = `${open.number}-${this.#tag(String(open.number))}.m4s`;
    const whole = this.#keep({ name, bytes, seal: this.#parts.seal(bytes) });
    let at = 0;
    const parts = open.parts.map((part) => {
      at += part.bytes.length;
      return this.#keep({ ...part, bytes: bytes.subarray(at - part.bytes.length, at) });
    });
    return { ...open, parts, whole };
  }

  #forget(segment: HlsSegment | undefined): void {
    if (segment === undefined) return;
    for (const { name } of segment.parts) this.#files.delete(name);
    if (segment.whole !== undefined) this.#files.delete(segment.whole.name);
    if (this.#closed.some(({ map }) => map === segment.map) || this.#open?.map === segment.map) return;
    const newest = this.#maps[this.#maps.length - 1];
    if (segment.map === newest) return;
    this.#files.delete(segment.map.name);
    this.#maps.splice(this.#maps.indexOf(segment.map), 1);
  }

  #keep<T extends HlsFile>(file: T): T {
    this.#files.set(file.name, file);
    return file;
  }

  #partName(number: number, part: number): string {
    return `${number}-${this.#tag(String(number))}.${part}.m4s`;
  }

  #tag(of: string): string {
    return createHmac('sha256', this.#parts.secret).update(of).digest('base64url').slice(0, TAG_CHARS);
  }
}
