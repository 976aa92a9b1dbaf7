// One recording: the tapes that take its streams down, and the sheet that says what there is of it.

import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ShoalError } from '../../../src/errors.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { Stream } from '../origin/stream.ts';
import { TagTap } from '../origin/tag-tap.ts';
import type { FinishedFile } from './format-writer.ts';
import type { Remux } from './mp4-file.ts';
import { type RecordedPart, type RecordSheet, writeSheet } from './record-sheet.ts';
import { Tape } from './tape.ts';

/** What a recording works with. */
export interface RecordingParts {
  readonly clock: Clock;
  readonly log: Log;
  /** Folder of all recordings. */
  readonly root: string;
  readonly partMs: number;
  readonly remux: Remux | undefined;
  /** The customer's server is told of a file; resolves when that is safe. */
  told(sheet: RecordSheet, part: RecordedPart, file: FinishedFile): Promise<void>;
  /** The disk does not take it. */
  failed(error: ShoalError): void;
}

/** Folder of a recording. */
export const folderOf = (root: string, { bizid, task }: Pick<RecordSheet, 'bizid' | 'task'>): string =>
  join(root, String(bizid), task);

/** A name nobody can guess: whoever knows it may download. */
export const freshTask = (): string => randomBytes(16).toString('hex');

/** See above. */
export class Recording {
  readonly #parts: RecordingParts;
  readonly dir: string;
  readonly #tapes: { readonly tape: Tape; readonly tap: TagTap }[] = [];
  #sheet: RecordSheet;
  #names = 0;
  /** Everything that is written of the sheet, one after the other. */
  #work: Promise<void>;

  constructor(sheet: RecordSheet, parts: RecordingParts) {
    this.#parts = parts;
    this.#sheet = sheet;
    this.#names = sheet.parts.length;
    this.dir = folderOf(parts.root, sheet);
    this.#work = mkdir(this.dir, { recursive: true }).then(
      () => undefined,
      (cause: unknown) => this.#trouble(String(cause)),
    );
    this.#write();
  }

  get sheet(): RecordSheet {
    return this.#sheet;
  }

  /** Takes down a stream in these formats, from its newest keyframe on. */
  record(stream: Stream, formats: number): void {
    if (this.#sheet.endedMs !== undefined) return;
    const { clock, partMs, remux } = this.#parts;
    const tape = new Tape({
      clock,
      formats,
      dir: this.dir,
      partMs,
      remux,
      name: () => String(++this.#names),
      began: (name, facts) => {
        const part = { name, formats, ...facts, files: undefined, told: [] };
        this.#change({ parts: [...this.#sheet.parts, part] });
        return this.#work;
      },
      finished: (name, files) => this.#finished(name, files),
      failed: (error) => this.#failed(error),
    });
    const tap = new TagTap(stream, tape);
    this.#tapes.push({ tape, tap });
    if (this.#sheet.state === 'blocked') tape.block();
    tap.open();
  }

  /** Something of it cannot be recorded; the rest goes on. */
  note(trouble: string): void {
    this.#trouble(trouble);
    this.#change({ trouble });
  }

  /** There is no room for it at the moment. */
  block(): void {
    if (this.#sheet.state !== 'recording') return;
    this.#change({ state: 'blocked', trouble: 'the disk is full' });
    for (const { tape } of this.#tapes) tape.block();
  }

  /** There is room again. */
  unblock(): void {
    if (this.#sheet.state !== 'blocked') return;
    this.#change({ state: 'recording' });
    for (const { tape } of this.#tapes) tape.unblock();
  }

  /** Ends it; resolves when everything is on the disk, and told. */
  async finish(): Promise<RecordSheet> {
    for (const { tap } of this.#tapes) tap.close();
    const { clock } = this.#parts;
    if (this.#sheet.endedMs === undefined) this.#change({ state: 'finishing', endedMs: clock.wall() });
    await Promise.all(this.#tapes.map(({ tape }) => tape.finish()));
    this.#change({ state: 'finished' });
    await this.settled();
    return this.#sheet;
  }

  /** Resolves when what is known so far is written. */
  async settled(): Promise<void> {
    for (let work = this.#work; ; work = this.#work) {
      await work;
      if (work === this.#work) return;
    }
  }

  /** A part of it was saved after a crash. */
  saved(name: string, files: readonly FinishedFile[]): void {
    this.#finished(name, files);
  }

  #finished(name: string, files: readonly FinishedFile[]): void {
    this.#changePart(name, (part) => ({ ...part, files }));
    this.#work = this.#work.then(() => this.#tell(name));
  }

  /** The customer's server is told once: what it was told of is written down behind it. */
  async #tell(name: string): Promise<void> {
    const part = this.#sheet.parts.find((known) => known.name === name);
    for (const file of part?.files ?? []) {
      if (part === undefined || part.told.includes(file.format) || !this.#sheet.isReported) continue;
      await this.#parts.told(this.#sheet, part, file);
      this.#changePart(name, (now) => ({ ...now, told: [...now.told, file.format] }));
    }
  }

  #failed(error: ShoalError): void {
    this.note(error.message);
    this.#parts.failed(error);
  }

  #changePart(name: string, change: (part: RecordedPart) => RecordedPart): void {
    this.#change({ parts: this.#sheet.parts.map((part) => (part.name === name ? change(part) : part)) });
  }

  #change(change: Partial<RecordSheet>): void {
    this.#sheet = { ...this.#sheet, ...change };
    this.#write();
  }

  #write(): void {
    this.#work = this.#work
      .then(() => writeSheet(this.dir, this.#sheet))
      .catch((cause: unknown) => this.#trouble(String(cause)));
  }

  #trouble(trouble: string): void {
    const { task, facts } = this.#sheet;
    this.#parts.log.write('error', 'recording-trouble', { task, stream: facts.code, trouble });
  }
}
