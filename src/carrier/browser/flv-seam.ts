/**
 * Lets one demuxer play on where one epoch ends and another begins, so that the decoder need not be set up anew while the
 * picture stands. Where both come from one source at one moment, what was played already is left out; else the new one
 * is moved to where the old one ended. Another codec, or other settings of it, makes a run of its own.
 */

import { FILE_HEADER_BYTES, type FlvTag, flvTags, setTime, TAG_HEADER_BYTES, type Track } from '../flv-tags.ts';

/** What becomes of a buffer: it goes on with what plays, waits for more, or belongs to a run of its own. */
export interface Joined {
  readonly verdict: 'goes-on' | 'waits' | 'other-run';
  readonly buffers: readonly ArrayBuffer[];
}

/** A picture of before, by which another epoch of the same source is known. */
interface Known {
  readonly sourceMs: number;
  readonly outMs: number;
  readonly print: number;
}

type State = 'flowing' | 'joining';

const KNOWN_MAX = 8;
/** A source that sends its last group of pictures first goes back by that much. */
const BACK_MS = 5_000;
const FRAME_MS = 40;
const FRAME_MS_MAX = 200;
const WAITING_MAX = 64;

/** See above. Timestamps are changed in place. */
export class FlvSeam {
  #state: State = 'flowing';
  #offsetMs = 0;
  #frameMs = FRAME_MS;
  #known: Known[] = [];
  readonly #configs = new Map<Track, number>();
  readonly #newestMs = new Map<Track, number>();
  /** After a seam: nothing of a track goes on that is not beyond this. */
  readonly #floorMs = new Map<Track, number>();
  #waiting: ArrayBuffer[] = [];
  #isFresh = true;

  /** What was added to the timestamps of the present epoch. */
  get offsetMs(): number {
    return this.#offsetMs;
  }

  get isJoining(): boolean {
    return this.#state === 'joining';
  }

  /** A run of its own begins: the next buffer begins with an FLV header. */
  begin(): void {
    this.#state = 'flowing';
    this.#isFresh = true;
    this.#offsetMs = 0;
    this.#known = [];
    this.#waiting = [];
    for (const map of [this.#configs, this.#newestMs, this.#floorMs]) map.clear();
  }

  /** The next buffer begins another epoch. */
  interrupt(): void {
    this.#state = 'joining';
    this.#waiting = [];
  }

  /** Gives back what waits, to be played as a run of its own. */
  giveUp(): readonly ArrayBuffer[] {
    this.#state = 'flowing';
    return this.#waiting.splice(0);
  }

  /** Takes whole tags. */
  push(buffer: ArrayBuffer): Joined {
    if (this.#state === 'flowing') return { verdict: 'goes-on', buffers: this.#passed(buffer) };
    this.#waiting.push(buffer);
    const verdict = this.#judge();
    if (verdict === 'waits') return { verdict, buffers: [] };
    const waited = this.giveUp();
    if (verdict === 'other-run') return { verdict, buffers: waited };
    return { verdict, buffers: fromFirstSample(waited).flatMap((each) => this.#passed(each)) };
  }

  /** Looks at what waits: settings of codecs, then the picture that begins the epoch. */
  #judge(): Joined['verdict'] {
    const configs = new Map<Track, number>();
    for (const [at, buffer] of this.#waiting.entries()) {
      const view = new DataView(buffer);
      for (const tag of flvTags(view, at === 0 ? FILE_HEADER_BYTES : 0)) {
        if (tag.content === 'config') configs.set(tag.track, printOf(view, tag));
        if (!isSample(tag)) continue;
        if (tag.track === 'audio' && this.#newestMs.has('video')) continue;
        return this.#isSame(configs) && this.#align(view, tag) ? 'goes-on' : 'other-run';
      }
    }
    return this.#waiting.length < WAITING_MAX ? 'waits' : 'other-run';
  }

  #isSame(configs: ReadonlyMap<Track, number>): boolean {
    return (
      configs.size === this.#configs.size && [...configs].every(([track, print]) => this.#configs.get(track) === print)
    );
  }

  /** Finds where the new epoch goes; false where it cannot go on. */
  #align(view: DataView, tag: FlvTag): boolean {
    const newest = this.#newestMs.get(tag.track);
    if (newest === undefined || (tag.track === 'video' && !tag.keyframe)) return false;
    const print = printOf(view, tag);
    const known = this.#known.find((one) => one.sourceMs === tag.ms && one.print === print);
    const isNear = known !== undefined && newest - known.outMs <= BACK_MS;
    this.#offsetMs = isNear ? known.outMs - tag.ms : newest + this.#frameMs - tag.ms;
    for (const [track, ms] of this.#newestMs) this.#floorMs.set(track, ms);
    return true;
  }

  /** Notes what goes on, moved to its place. */
  #passed(buffer: ArrayBuffer): readonly ArrayBuffer[] {
    const view = new DataView(buffer);
    const from = this.#isFresh ? FILE_HEADER_BYTES : 0;
    this.#isFresh = false;
    const dropped: FlvTag[] = [];
    for (const tag of flvTags(view, from)) if (!this.#takes(view, tag)) dropped.push(tag);
    return dropped.length === 0 ? [buffer] : without(buffer, dropped);
  }

  #takes(view: DataView, tag: FlvTag): boolean {
    const { track, content, ms } = tag;
    const outMs = ms + this.#offsetMs;
    if (content === 'config') this.#configs.set(track, printOf(view, tag));
    if (isSample(tag)) {
      const floor = this.#floorMs.get(track);
      if (floor !== undefined && outMs <= floor) return false;
      this.#floorMs.delete(track);
      this.#note(view, tag, outMs);
    }
    if (this.#offsetMs !== 0) setTime(view, tag.at, outMs);
    return true;
  }

  #note(view: DataView, tag: FlvTag, outMs: number): void {
    const before = this.#newestMs.get(tag.track);
    const step = outMs - (before ?? outMs);
    if (tag.track === 'video' && step > 0 && step <= FRAME_MS_MAX) this.#frameMs = step;
    this.#newestMs.set(tag.track, outMs);
    if (!tag.keyframe) return;
    this.#known = [...this.#known.slice(1 - KNOWN_MAX), { sourceMs: tag.ms, outMs, print: printOf(view, tag) }];
  }
}

/** Header and settings are left out: the demuxer has them. */
const fromFirstSample = (buffers: readonly ArrayBuffer[]): readonly ArrayBuffer[] => {
  for (const [at, buffer] of buffers.entries()) {
    for (const tag of flvTags(new DataView(buffer), at === 0 ? FILE_HEADER_BYTES : 0)) {
      if (isSample(tag)) return [buffer.slice(tag.at), ...buffers.slice(at + 1)];
    }
  }
  return [];
};

const isSample = ({ content }: FlvTag): boolean => content === 'sample' || content === 'both';

/** Enough of a tag to tell it from others; its timestamp does not count. */
const printOf = (view: DataView, { at, end }: FlvTag): number => {
  const from = at + TAG_HEADER_BYTES;
  const step = Math.max(1, Math.floor((end - from) / 512));
  let print = 0x811c_9dc5 ^ (end - from);
  for (let place = from; place < end; place += step) print = Math.imul(print ^ view.getUint8(place), 0x0100_0193);
  return print >>> 0;
};

const without = (buffer: ArrayBuffer, dropped: readonly FlvTag[]): readonly ArrayBuffer[] => {
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const tag of dropped) {
    if (tag.at > at) parts.push(new Uint8Array(buffer, at, tag.at - at));
    at = tag.end;
  }
  if (at < buffer.byteLength) parts.push(new Uint8Array(buffer, at));
  const length = parts.reduce((sum, part) => sum + part.byteLength, 0);
  if (length === 0) return [];
  const kept = new Uint8Array(length);
  let to = 0;
  for (const part of parts) {
    kept.set(part, to);
    to += part.byteLength;
  }
  return [kept.buffer];
};
