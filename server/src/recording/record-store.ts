// The folder of all recordings: what is in it, what a crash left unfinished, and what is too old to keep.

import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FinishedFile } from './format-writer.ts';
import { kindsOf } from './part-writers.ts';
import { type RecordSheet, readSheet } from './record-sheet.ts';
import { folderOf, Recording, type RecordingParts } from './recording.ts';

const TASK = /^[0-9a-f]{32}$/;

/** Whether a text may name a recording. */
export const isTask = (text: string): boolean => TASK.test(text);

/** See above. */
export class RecordStore {
  readonly #parts: RecordingParts;
  readonly #sheets = new Map<string, RecordSheet>();

  private constructor(parts: RecordingParts) {
    this.#parts = parts;
  }

  /** Reads what is there. */
  static async open(parts: RecordingParts): Promise<RecordStore> {
    const store = new RecordStore(parts);
    for (const app of await names(parts.root)) {
      for (const task of (await names(join(parts.root, app))).filter(isTask)) {
        const sheet = readSheet(join(parts.root, app, task));
        if (sheet !== undefined) store.put(sheet);
      }
    }
    return store;
  }

  put(sheet: RecordSheet): void {
    this.#sheets.set(sheet.task, sheet);
  }

  get(task: string): RecordSheet | undefined {
    return this.#sheets.get(task);
  }

  /** The recordings of an app, newest first. */
  list(bizid: number): readonly RecordSheet[] {
    return [...this.#sheets.values()].filter((sheet) => sheet.bizid === bizid).sort((a, b) => b.beganMs - a.beganMs);
  }

  /** Removes a recording and its files. */
  async remove(task: string): Promise<boolean> {
    const sheet = this.#sheets.get(task);
    if (sheet === undefined) return false;
    this.#sheets.delete(task);
    await rm(folderOf(this.#parts.root, sheet), { recursive: true, force: true });
    return true;
  }

  /** Removes the finished recordings of an app that ended before. */
  async forgetBefore(bizid: number, wallMs: number): Promise<void> {
    for (const { task, endedMs } of this.list(bizid)) {
      if (endedMs !== undefined && endedMs < wallMs) await this.remove(task);
    }
  }

  /** Finishes what a crash left. */
  async repairAll(): Promise<void> {
    for (const sheet of [...this.#sheets.values()]) {
      if (sheet.state === 'finished' && !sheet.parts.some((part) => isUnfinished(sheet, part))) continue;
      try {
        this.put(await this.#repair(sheet));
      } catch (cause) {
        this.#parts.log.write('error', 'recording-not-repaired', { task: sheet.task, cause: String(cause) });
      }
    }
  }

  /** Goes on where the server was killed: files are finished, and told where they have not been. */
  async #repair(sheet: RecordSheet): Promise<RecordSheet> {
    const { log, root, remux } = this.#parts;
    log.write('info', 'recording-repaired', { task: sheet.task, stream: sheet.facts.code });
    const recording = new Recording(sheet, this.#parts);
    for (const part of sheet.parts) {
      if (part.files !== undefined) {
        recording.saved(part.name, part.files);
        continue;
      }
      const files: FinishedFile[] = [];
      for (const kind of kindsOf(part.formats)) {
        const file = await kind
          .repair(folderOf(root, sheet), `${part.name}${kind.ending}`, remux)
          .catch(() => undefined);
        if (file !== undefined) files.push(file);
      }
      recording.saved(part.name, files);
    }
    return recording.finish();
  }
}

const isUnfinished = ({ isReported }: RecordSheet, { files, told }: RecordSheet['parts'][number]): boolean =>
  files === undefined || (isReported && files.some(({ format }) => !told.includes(format)));

const names = (dir: string): Promise<string[]> => readdir(dir).catch(() => []);
