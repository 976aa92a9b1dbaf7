// Takes down a run of tags as parts: a part begins at a keyframe with the codec headers that hold then, and ends when those
// change, when time jumps, when it is long enough, or when there is nothing more to record.

import { ShoalError } from '../../../src/errors.ts';
import type { Clock, Timer } from '../clock.ts';
import { packetOf } from '../flv/packets.ts';
import { AUDIO_TAG, SCRIPT_TAG, type Tag, VIDEO_TAG } from '../flv/tags.ts';
import type { TagEvents } from '../origin/tag-tap.ts';
import type { FinishedFile, FormatWriter, PartStart, WriterPlace } from './format-writer.ts';
import { finishOrRepair, kindsOf } from './part-writers.ts';

/** A part that has begun. */
export interface PartFacts {
  /** Unix time of its first frame, ms. */
  readonly startMs: number;
  /** Timestamp of its first frame in the stream, ms. */
  readonly mediaStartMs: number;
}

/** What a tape works with. */
export interface TapeParts {
  readonly clock: Clock;
  readonly formats: number;
  readonly dir: string;
  /** A part ends at the first keyframe after so long. */
  readonly partMs: number;
  readonly remux: WriterPlace['remux'];
  /** Names the next part. */
  name(): string;
  /** A part is going to be written; resolves when that is known, before its files are there. */
  began(name: string, facts: PartFacts): Promise<void>;
  /** A part is on the disk, to stay; files that hold nothing are left out. */
  finished(name: string, files: readonly FinishedFile[]): void;
  failed(error: ShoalError): void;
}

interface Part {
  readonly place: WriterPlace;
  readonly writers: readonly FormatWriter[];
  readonly baseMs: number;
  lastMs: number;
}

/** How much of a machine's crash may be lost. */
const SYNC_MS = 5000;
/** A jump of time that no pause explains. */
const JUMP_MS = 10_000;

/** See above. */
export class Tape implements TagEvents {
  readonly #parts: TapeParts;
  #script: Tag | undefined;
  #picture: Tag | undefined;
  #sound: Tag | undefined;
  #part: Part | undefined;
  #state: 'running' | 'blocked' | 'over' = 'running';
  #timer: Timer | undefined;
  /** Parts are finished one after the other, so that their news come in order. */
  #finishing: Promise<void> = Promise.resolve();

  constructor(parts: TapeParts) {
    this.#parts = parts;
  }

  begin(): void {
    this.#endPart();
    this.#script = undefined;
    this.#picture = undefined;
    this.#sound = undefined;
  }

  tag(tag: Tag): void {
    if (tag.type === SCRIPT_TAG) this.#script = tag;
    else if (tag.kind === 'config') this.#configure(tag);
    else if (tag.kind === 'frame') this.#frame(tag);
  }

  paused(): void {
    // What comes next is a new run, or the end.
  }

  refused(): void {
    this.#parts.failed(new ShoalError('record/failed', { detail: 'the stream cannot be had' }));
  }

  /** Nothing is written for a while; the part ends. */
  block(): void {
    if (this.#state === 'running') this.#state = 'blocked';
    this.#endPart();
  }

  /** There is room again. */
  unblock(): void {
    if (this.#state === 'blocked') this.#state = 'running';
  }

  /** Ends the part; resolves when all parts are on the disk. */
  async finish(): Promise<void> {
    this.#state = 'over';
    this.#endPart();
    await this.#finishing;
  }

  #configure(tag: Tag): void {
    const known = tag.type === VIDEO_TAG ? this.#picture : this.#sound;
    if (known?.data.equals(tag.data) === true) return;
    if (known !== undefined || this.#part !== undefined) this.#endPart();
    if (tag.type === VIDEO_TAG) this.#picture = tag;
    else this.#sound = tag;
  }

  #frame(tag: Tag): void {
    if (this.#state !== 'running') return;
    const packet = packetOf(tag);
    const setsPace = this.#picture === undefined ? tag.type === AUDIO_TAG : tag.type === VIDEO_TAG;
    const mayBegin = setsPace && (packet?.of === 'sound' || (packet?.of === 'picture' && packet.keyframe));
    if (setsPace) this.#endIfDue(tag.dtsMs, mayBegin);
    if (this.#part === undefined && mayBegin) this.#beginPart(tag.dtsMs);
    const part = this.#part;
    if (part === undefined) return;
    if (setsPace) part.lastMs = tag.dtsMs;
    const atMs = Math.max(0, tag.dtsMs - part.baseMs);
    for (const writer of part.writers) writer.frame(tag, atMs);
  }

  #endIfDue(dtsMs: number, mayBegin: boolean): void {
    const part = this.#part;
    if (part === undefined) return;
    const jumps = dtsMs < part.lastMs || dtsMs > part.lastMs + JUMP_MS;
    if (jumps || (mayBegin && dtsMs - part.baseMs >= this.#parts.partMs)) this.#endPart();
  }

  #beginPart(dtsMs: number): void {
    const { clock, dir, formats, remux } = this.#parts;
    const name = this.#parts.name();
    const ready = this.#parts.began(name, { startMs: clock.wall(), mediaStartMs: dtsMs });
    const place = { dir, name, remux, ready, failed: (error: ShoalError) => this.#parts.failed(error) };
    const start: PartStart = { script: this.#script, picture: this.#picture, sound: this.#sound };
    const writers = kindsOf(formats).map((kind) => kind.make(start, place));
    this.#part = { place, writers, baseMs: dtsMs, lastMs: dtsMs };
    this.#syncLater();
  }

  #endPart(): void {
    const part = this.#part;
    this.#part = undefined;
    this.#timer?.cancel();
    if (part === undefined) return;
    this.#finishing = this.#finishing.then(() => this.#finishPart(part));
  }

  async #finishPart({ place, writers }: Part): Promise<void> {
    const files: FinishedFile[] = [];
    for (const writer of writers) {
      try {
        const file = await finishOrRepair(writer, place);
        if (file !== undefined) files.push(file);
      } catch (cause) {
        const detail = `${writer.format}: ${cause instanceof Error ? cause.message : String(cause)}`;
        this.#parts.failed(new ShoalError('record/failed', { detail, cause }));
      }
    }
    this.#parts.finished(place.name, files);
  }

  #syncLater(): void {
    this.#timer = this.#parts.clock.after(SYNC_MS, () => {
      // A sync that fails has told why already.
      for (const writer of this.#part?.writers ?? []) writer.sync().catch(() => undefined);
      this.#syncLater();
    });
  }
}
