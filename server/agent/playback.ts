// Recordings as a stream: paced in real time, over the seams between files, with pause, resume and seek while it runs.
// Timestamps go on rising whatever is sought, since a player cannot follow a clock that jumps back.

import type { Exchange } from '../../src/carrier/exchange.ts';
import type { ByteCore } from '../../wasm/abi.ts';
import type { Clock } from '../src/clock.ts';
import type { CommandAnswer } from './commands.ts';
import { recordedTags } from './recorded-tags.ts';
import type { Recording } from './recordings.ts';

/** What a playback is made of. */
export interface PlaybackParts {
  readonly core: ByteCore;
  readonly clock: Clock;
  readonly exchange: Exchange;
  readonly files: readonly Recording[];
  readonly fromS: number;
  readonly toS: number;
  pathOf(name: string): string;
}

/** This much is sent ahead of real time, so that a player has something to start with. */
const LEAD_MS = 1_500;
const FILE_HEADER = Uint8Array.of(0x46, 0x4c, 0x56, 1, 5, 0, 0, 0, 9, 0, 0, 0, 0);
/** Between the last frame before a seam and the first one after it. */
const SEAM_MS = 40;

interface Place {
  readonly file: number;
  readonly atMs: number;
}

/** One playback. */
export class Playback {
  readonly #parts: PlaybackParts;
  #place: Place = { file: 0, atMs: 0 };
  #sought: Place | undefined;
  #state: 'playing' | 'paused' | 'over' = 'playing';
  #wake: () => void = () => undefined;
  /** Timestamp sent last, and where the clock stands for timestamp 0. */
  #sentMs = -SEAM_MS;
  #zeroAt: number;

  constructor(parts: PlaybackParts) {
    this.#parts = parts;
    this.#zeroAt = parts.clock.now();
    this.#place = this.#placeOf(parts.fromS * 1000);
    const over = (): void => {
      this.#state = 'over';
      this.#wake();
    };
    parts.exchange.over.then(over, over);
  }

  /** Runs to the end. */
  async run(): Promise<void> {
    await this.#parts.exchange.write(FILE_HEADER);
    while (this.#state !== 'over') {
      const file = this.#parts.files[this.#place.file];
      if (file === undefined) break;
      await this.#playFile(file);
      if (this.#sought !== undefined) {
        this.#place = this.#sought;
        this.#sought = undefined;
      } else this.#place = { file: this.#place.file + 1, atMs: 0 };
    }
    if (this.#state !== 'over') this.#parts.exchange.end();
  }

  /** Does what a page commands. */
  steer(verb: 'pause' | 'resume' | 'seek' | 'progress', values: URLSearchParams): CommandAnswer {
    switch (verb) {
      case 'pause':
        if (this.#state === 'playing') this.#state = 'paused';
        return done({});
      case 'resume':
        if (this.#state === 'paused') {
          this.#state = 'playing';
          this.#zeroAt = this.#parts.clock.now() - this.#sentMs;
          this.#wake();
        }
        return done({});
      case 'seek':
        return this.#seek(values);
      case 'progress':
        return done({ progress: Math.round(this.#place.atMs) });
    }
  }

  /** `progress`: ms into the current file; `time`: Unix seconds. The first wins. */
  #seek(values: URLSearchParams): CommandAnswer {
    const progress = numberOf(values.get('progress'));
    const time = numberOf(values.get('time'));
    if (progress !== undefined) this.#sought = { file: this.#place.file, atMs: progress };
    else if (time !== undefined) this.#sought = this.#placeOf(time * 1000);
    else return { status: 404, data: '{"status":404}' };
    this.#zeroAt = this.#parts.clock.now() - this.#sentMs;
    this.#wake();
    return done({});
  }

  #placeOf(wallMs: number): Place {
    const { files } = this.#parts;
    const file = files.findIndex(({ toS }) => toS * 1000 > wallMs);
    const start = (files[file]?.fromS ?? 0) * 1000;
    return { file: file < 0 ? files.length : file, atMs: Math.max(0, wallMs - start) };
  }

  async #playFile(file: Recording): Promise<void> {
    const { core, pathOf, toS } = this.#parts;
    let offset: number | undefined;
    for await (const { tag, bytes } of recordedTags(core, pathOf(file.name), this.#place.atMs)) {
      if (this.#sought !== undefined || this.#state === 'over') return;
      const isFrame = !tag.codecHeader && tag.type !== 'script';
      if (isFrame && file.fromS * 1000 + tag.dtsMs > toS * 1000) return;
      if (isFrame) offset ??= this.#sentMs + SEAM_MS - tag.dtsMs;
      const stamp = Math.max(0, isFrame && offset !== undefined ? tag.dtsMs + offset : this.#sentMs);
      if (!(await this.#due(stamp))) return;
      await this.#parts.exchange.write(stamped(bytes, stamp));
      if (!isFrame) continue;
      this.#sentMs = Math.max(this.#sentMs, stamp);
      this.#place = { file: this.#place.file, atMs: tag.dtsMs };
    }
  }

  /** Resolves when a timestamp may be sent; false when something else is to be done first. */
  async #due(stamp: number): Promise<boolean> {
    for (;;) {
      if (this.#state === 'over' || this.#sought !== undefined) return false;
      const waitMs = this.#state === 'paused' ? undefined : stamp - LEAD_MS - (this.#parts.clock.now() - this.#zeroAt);
      if (waitMs !== undefined && waitMs <= 0) return true;
      await new Promise<void>((resolve) => {
        const timer = waitMs === undefined ? undefined : this.#parts.clock.after(waitMs, resolve);
        this.#wake = () => {
          timer?.cancel();
          resolve();
        };
      });
    }
  }
}

const done = (fields: object): CommandAnswer => ({ status: 200, data: JSON.stringify({ status: 0, ...fields }) });

const numberOf = (text: string | null): number | undefined =>
  text !== null && /^\d{1,14}$/.test(text) ? Number(text) : undefined;

/** The tag with another timestamp: 24 bits and 8 higher ones in bytes 4 to 7. */
const stamped = (bytes: Uint8Array, ms: number): Uint8Array => {
  const copy = new Uint8Array(bytes);
  const whole = Math.round(ms);
  copy.set([(whole >> 16) & 0xff, (whole >> 8) & 0xff, whole & 0xff, (whole >>> 24) & 0xff], 4);
  return copy;
};
