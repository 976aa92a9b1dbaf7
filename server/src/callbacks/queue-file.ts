// What waits, on disk: a file that is only appended to, one JSON object a line, each write flushed before it counts. A line
// that a crash cut short is left out; when most of the file is history it is written anew beside itself and renamed.

import { type FileHandle, mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { ShoalError } from '../../../src/errors.ts';
import { asRecord, asWhole, parseJson } from '../../../src/wire/json.ts';
import type { Waiting } from './delivery-plan.ts';
import type { CallbackEvent, PushEvent } from './events.ts';

/** A line of the file. */
export type QueueLine =
  | { readonly put: number; readonly bizid: number; readonly event: CallbackEvent; readonly dueMs: number }
  | { readonly failed: number; readonly failures: number; readonly dueMs: number }
  | { readonly gone: number }
  | { readonly will: number; readonly bizid: number; readonly event: PushEvent }
  | { readonly revoked: number };

/** What is told should the process die without having had the time. */
export interface Will {
  readonly id: number;
  readonly bizid: number;
  readonly event: PushEvent;
}

/** What a file says. */
export interface QueueContent {
  /** In the order of their ids. */
  readonly waiting: readonly Waiting[];
  readonly wills: readonly Will[];
}

/** The same, while lines are taken in. */
interface Kept {
  readonly waiting: Map<number, Waiting>;
  readonly wills: Map<number, Will>;
}

const FILE = 'callbacks.jsonl';
/** Lines of history that are borne before the file is written anew. */
const HISTORY_LINES = 2000;

/** See above. */
export class QueueFile {
  readonly #dir: string;
  /** What the file says, line by line: what it is written anew from. */
  readonly #kept: Kept;
  #file: FileHandle;
  #lines: number;
  /** The end of the file may be half a line: nothing may be written behind it. */
  #isTorn = false;
  #pending: QueueLine[] = [];
  #work: Promise<void> = Promise.resolve();

  private constructor(dir: string, file: FileHandle, kept: Kept) {
    this.#dir = dir;
    this.#file = file;
    this.#kept = kept;
    this.#lines = sizeOf(kept);
  }

  /** Opens the file of a directory, which is made if need be, and says what waits in it. */
  static async open(dir: string): Promise<QueueContent & { readonly file: QueueFile }> {
    try {
      await mkdir(dir, { recursive: true });
      const text = await readFile(join(dir, FILE), 'utf8').catch((cause: NodeJS.ErrnoException) => {
        if (cause.code === 'ENOENT') return '';
        throw cause;
      });
      const kept = readAll(text);
      const handle = await writeAnew(dir, kept);
      return { file: new QueueFile(dir, handle, kept), ...contentOf(kept) };
    } catch (cause) {
      throw new ShoalError('server/bad-config', { detail: `the callbacks of --data-dir: ${messageOf(cause)}`, cause });
    }
  }

  /** Resolves when the line is on disk; lines that come while one is written go together. */
  append(line: QueueLine): Promise<void> {
    this.#pending.push(line);
    if (this.#pending.length === 1) this.#work = this.#work.catch(() => undefined).then(() => this.#flush());
    return this.#work;
  }

  /** Lets go of the file once everything is written. */
  async close(): Promise<void> {
    await this.#work.catch(() => undefined);
    await this.#file.close();
  }

  async #flush(): Promise<void> {
    const lines = this.#pending;
    this.#pending = [];
    for (const line of lines) apply(this.#kept, line);
    if (!this.#isTorn) await this.#write(lines);
    if (!this.#isTorn && this.#lines <= 2 * sizeOf(this.#kept) + HISTORY_LINES) return;
    const fresh = await writeAnew(this.#dir, this.#kept);
    await this.#file.close();
    this.#file = fresh;
    this.#lines = sizeOf(this.#kept);
    this.#isTorn = false;
  }

  async #write(lines: readonly QueueLine[]): Promise<void> {
    try {
      await this.#file.appendFile(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
      await this.#file.datasync();
      this.#lines += lines.length;
    } catch (cause) {
      this.#isTorn = true;
      throw cause;
    }
  }
}

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

const sizeOf = ({ waiting, wills }: Kept): number => waiting.size + wills.size;

const contentOf = ({ waiting, wills }: Kept): QueueContent => ({
  waiting: [...waiting.values()].sort((a, b) => a.id - b.id),
  wills: [...wills.values()],
});

const writeAnew = async (dir: string, kept: Kept): Promise<FileHandle> => {
  const path = join(dir, FILE);
  const { waiting, wills } = contentOf(kept);
  const lines: QueueLine[] = waiting.flatMap(({ id, bizid, event, failures, dueMs }): QueueLine[] => [
    { put: id, bizid, event, dueMs },
    ...(failures === 0 ? [] : [{ failed: id, failures, dueMs }]),
  ]);
  lines.push(...wills.map(({ id, bizid, event }) => ({ will: id, bizid, event })));
  const fresh = await open(`${path}.new`, 'w');
  await fresh.writeFile(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  await fresh.datasync();
  await fresh.close();
  await rename(`${path}.new`, path);
  const folder = await open(dir, 'r');
  await folder.sync();
  await folder.close();
  return open(path, 'a');
};

/** What a text says after all its lines; lines that say nothing known are left out. */
export const replay = (text: string): QueueContent => contentOf(readAll(text));

const readAll = (text: string): Kept => {
  const kept: Kept = { waiting: new Map(), wills: new Map() };
  for (const row of text.split('\n')) {
    const line = readLine(row);
    if (line !== undefined) apply(kept, line);
  }
  return kept;
};

const apply = ({ waiting, wills }: Kept, line: QueueLine): void => {
  if ('put' in line) {
    const { put: id, bizid, event, dueMs } = line;
    waiting.set(id, { id, bizid, event, failures: 0, dueMs });
  } else if ('failed' in line) {
    const before = waiting.get(line.failed);
    if (before !== undefined) waiting.set(before.id, { ...before, failures: line.failures, dueMs: line.dueMs });
  } else if ('will' in line) wills.set(line.will, { id: line.will, bizid: line.bizid, event: line.event });
  else if ('revoked' in line) wills.delete(line.revoked);
  else waiting.delete(line.gone);
};

type Fields = Readonly<Record<string, unknown>>;

const readLine = (row: string): QueueLine | undefined => {
  const fields = asRecord(parseJson(row));
  const gone = asWhole(fields?.gone, 0, Number.MAX_SAFE_INTEGER);
  const revoked = asWhole(fields?.revoked, 0, Number.MAX_SAFE_INTEGER);
  if (gone !== undefined) return { gone };
  if (revoked !== undefined) return { revoked };
  return readWill(fields) ?? readWaiting(fields);
};

const readWill = (fields: Fields | undefined): QueueLine | undefined => {
  const will = asWhole(fields?.will, 0, Number.MAX_SAFE_INTEGER);
  const bizid = asWhole(fields?.bizid, 0, Number.MAX_SAFE_INTEGER);
  const event = asRecord(fields?.event);
  if (will === undefined || bizid === undefined || typeof event?.stream_id !== 'string') return undefined;
  return { will, bizid, event: event as unknown as PushEvent };
};

const readWaiting = (fields: Fields | undefined): QueueLine | undefined => {
  const put = asWhole(fields?.put, 0, Number.MAX_SAFE_INTEGER);
  const failed = asWhole(fields?.failed, 0, Number.MAX_SAFE_INTEGER);
  const dueMs = asWhole(fields?.dueMs, 0, Number.MAX_SAFE_INTEGER);
  if (dueMs === undefined) return undefined;
  const failures = asWhole(fields?.failures, 0, 1000);
  if (failed !== undefined && failures !== undefined) return { failed, failures, dueMs };
  const bizid = asWhole(fields?.bizid, 0, Number.MAX_SAFE_INTEGER);
  const event = asRecord(fields?.event);
  if (put === undefined || bizid === undefined || typeof event?.stream_id !== 'string') return undefined;
  // We wrote it ourselves, whole: a line that was cut short is no JSON.
  return { put, bizid, event: event as unknown as CallbackEvent, dueMs };
};
