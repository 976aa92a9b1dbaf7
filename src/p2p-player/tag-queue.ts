/**
 * Tags that wait to be played. What must go before a keyframe (file header, metadata, codec configurations) is
 * remembered beside them, so that playback can begin at any keyframe. What waits is limited in bytes; above it, the
 * oldest goes, up to the newest keyframe.
 */
import type { Read, Tag, TagKind } from './flv-reader.ts';

/** The waiting tags of one player. */
export class TagQueue {
  #tags: Tag[] = [];
  #bytes = 0;
  #header: Uint8Array<ArrayBuffer> | undefined;
  readonly #prelude = new Map<TagKind, Uint8Array<ArrayBuffer>>();
  /** Nothing but a keyframe may come first. */
  #state: 'wants-keyframe' | 'flowing' = 'wants-keyframe';
  #dropped = 0;

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Bytes that were never played because there were too many. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Takes what was read. */
  put({ header, tags }: Read): void {
    if (header !== undefined) {
      this.clear();
      this.#header = header;
      this.#prelude.clear();
    }
    for (const tag of tags) {
      if (PRELUDE.includes(tag.kind)) this.#prelude.set(tag.kind, tag.bytes);
      this.#add(tag);
    }
  }

  /** Throws away what is older than the newest keyframe, or everything when there is none; playback begins afresh. */
  skip(): void {
    const newest = this.#tags.findLastIndex(({ kind }) => kind === 'keyframe');
    // A group that is too long by itself goes as a whole.
    const hasOlder = this.#tags.slice(0, Math.max(0, newest)).some(({ kind }) => !PRELUDE.includes(kind));
    const kept = hasOlder ? this.#tags.slice(newest) : [];
    this.#dropped += this.#bytes - lengthOf(kept);
    this.#tags = kept;
    this.#bytes = lengthOf(kept);
    if (kept.length === 0) this.#state = 'wants-keyframe';
  }

  /** Takes everything that waits, as one buffer of whole tags; undefined when nothing does. */
  take(): ArrayBuffer | undefined {
    if (this.#tags.length === 0) return undefined;
    const taken = join(this.#tags.map(({ bytes }) => bytes));
    this.#tags = [];
    this.#bytes = 0;
    return taken;
  }

  /** The same for a fresh demuxer: begins with the file header, and undefined until a picture can follow. */
  takeFirst(): ArrayBuffer | undefined {
    if (this.#header === undefined || !this.#tags.some(({ kind }) => !PRELUDE.includes(kind))) return undefined;
    const samples = this.#tags.filter(({ kind }) => !PRELUDE.includes(kind)).map(({ bytes }) => bytes);
    const prelude = PRELUDE.flatMap((kind) => this.#prelude.get(kind) ?? []);
    this.#tags = [];
    this.#bytes = 0;
    return join([this.#header, ...prelude, ...samples]);
  }

  /** Forgets the tags, and begins at the next keyframe. */
  clear(): void {
    this.#tags = [];
    this.#bytes = 0;
    this.#state = 'wants-keyframe';
  }

  #add(tag: Tag): void {
    if (this.#state === 'wants-keyframe' && !PRELUDE.includes(tag.kind)) {
      if (tag.kind === 'keyframe' || !this.#hasVideo) this.#state = 'flowing';
      else return;
    }
    this.#tags.push(tag);
    this.#bytes += tag.bytes.length;
  }

  /** What the file header says. */
  get #hasVideo(): boolean {
    return ((this.#header?.[4] ?? 1) & 1) !== 0;
  }
}

const PRELUDE: readonly TagKind[] = ['script', 'video-config', 'audio-config'];

const lengthOf = (tags: readonly Tag[]): number => tags.reduce((sum, { bytes }) => sum + bytes.length, 0);

const join = (parts: readonly Uint8Array[]): ArrayBuffer => {
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined.buffer;
};
