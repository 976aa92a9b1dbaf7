// Accounts in a file of this process: every addition is a line behind the others, so that a crash costs the last line at
// most. When the file has grown it is written anew, beside the old one, and takes its place.

import { type FileHandle, mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ShoalError } from '../../../src/errors.ts';
import { asRecord, asText, asWhole, parseJson } from '../../../src/wire/json.ts';
import type { Log } from '../log.ts';
import { type AccountEntry, type Amounts, isAmount } from './account-entry.ts';
import { type AccountStore, type HourRange, MemoryAccountStore } from './account-store.ts';

/** What a file store works with. */
export interface FileAccountParts {
  readonly path: string;
  readonly log: Log;
  /** Hours that ended before this long ago are let go, ms. */
  readonly keepMs: number;
  wall(): number;
  /** Written anew beyond this; default 16 MiB. */
  readonly bytesMax?: number;
}

const BYTES_MAX = 16 * 1024 * 1024;
const LINE_CHARS_MAX = 4000;

/** See above. */
export class FileAccountStore implements AccountStore {
  readonly #parts: FileAccountParts;
  readonly #kept = new MemoryAccountStore();
  #file: FileHandle;
  #bytes = 0;
  /** Writing goes one after the other. */
  #last: Promise<void> = Promise.resolve();
  #state: 'open' | 'closed' = 'open';

  private constructor(parts: FileAccountParts, file: FileHandle) {
    this.#parts = parts;
    this.#file = file;
  }

  /** Opens a store; rejects with `server/bad-config` where the file can be neither read nor written. */
  static async open(parts: FileAccountParts): Promise<FileAccountStore> {
    try {
      await mkdir(dirname(parts.path), { recursive: true, mode: 0o700 });
      const text = await readFile(parts.path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
        if (cause.code === 'ENOENT') return '';
        throw cause;
      });
      const store = new FileAccountStore(parts, await open(parts.path, 'a', 0o600));
      store.#load(text);
      await store.#renew();
      return store;
    } catch (cause) {
      const detail = '--accounts-dir can be neither read nor written';
      throw cause instanceof ShoalError ? cause : new ShoalError('server/bad-config', { detail, cause });
    }
  }

  add(entries: readonly AccountEntry[]): Promise<void> {
    return this.#next(async () => {
      const text = entries.map(lineOf).join('');
      await this.#file.appendFile(text);
      for (const entry of entries) this.#kept.put(entry);
      this.#bytes += text.length;
      if (this.#bytes > (this.#parts.bytesMax ?? BYTES_MAX)) await this.#renew();
    });
  }

  async read(range: HourRange): Promise<readonly AccountEntry[]> {
    await this.#last.catch(() => undefined);
    return this.#kept.read(range);
  }

  close(): Promise<void> {
    return this.#next(async () => {
      if (this.#state === 'closed') return;
      this.#state = 'closed';
      await this.#file.sync();
      await this.#file.close();
    });
  }

  #next(work: () => Promise<void>): Promise<void> {
    const done = this.#last.catch(() => undefined).then(work);
    this.#last = done;
    return done;
  }

  #load(text: string): void {
    const lines = text.split('\n').filter((line) => line !== '');
    let broken = 0;
    for (const line of lines) {
      const entry = readLine(line);
      if (entry === undefined) broken += 1;
      else this.#kept.put(entry);
    }
    // The last line may have been cut by a crash; what was cut is lost and nothing else.
    if (broken > 0) this.#parts.log.write('warn', 'accounts-lines-lost', { lines: broken });
  }

  /** Sums instead of single additions, without hours that are too old. */
  async #renew(): Promise<void> {
    const { path, keepMs, wall } = this.#parts;
    this.#kept.forgetBefore(wall() - keepMs);
    const text = this.#kept.all().map(lineOf).join('');
    const fresh = await open(`${path}.new`, 'w', 0o600);
    await fresh.writeFile(text);
    await fresh.sync();
    await fresh.close();
    await rename(`${path}.new`, path);
    await this.#file.close();
    this.#file = await open(path, 'a', 0o600);
    // Twice what is needed is allowed again, however much is needed.
    this.#bytes = Math.min(text.length, (this.#parts.bytesMax ?? BYTES_MAX) / 2);
  }
}

const lineOf = ({ key, amounts }: AccountEntry): string => `${JSON.stringify({ ...key, amounts })}\n`;

const readLine = (line: string): AccountEntry | undefined => {
  const fields = line.length > LINE_CHARS_MAX ? undefined : asRecord(parseJson(line));
  const app = asText(fields?.app, 64);
  const stream = asText(fields?.stream, 200);
  const hour = asWhole(fields?.hour, 0, Number.MAX_SAFE_INTEGER);
  const amounts = readAmounts(fields?.amounts);
  if (app === undefined || stream === undefined || hour === undefined || amounts === undefined) return undefined;
  return { key: { app, stream, hour }, amounts };
};

/** Checks sums that come from outside. */
export const readAmounts = (value: unknown): Amounts | undefined => {
  const fields = Object.entries(asRecord(value) ?? {});
  const good = fields.every(
    ([name, amount]) => isAmount(name) && asWhole(amount, 0, Number.MAX_SAFE_INTEGER) !== undefined,
  );
  return good && fields.length > 0 ? (Object.fromEntries(fields) as Amounts) : undefined;
};
