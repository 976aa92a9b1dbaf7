// The log: one JSON object a line, to standard error or to a file that is turned over before it grows without end. A
// log that cannot be written never stops the server.

import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** How much a line matters. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** What a line may carry besides its event. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Writes lines. */
export interface Log {
  write(level: LogLevel, event: string, fields?: LogFields): void;
  /** Writes what is waiting and lets go of the file. */
  close(): Promise<void>;
}

/** Takes finished lines. */
export interface LineSink {
  line(text: string): void;
  close(): Promise<void>;
}

/** A log over a sink; `debug` lines only when verbose. */
export const makeLog = (sink: LineSink, verbose: boolean, wall: () => number): Log => ({
  write: (level, event, fields = {}) => {
    if (level === 'debug' && !verbose) return;
    sink.line(`${JSON.stringify({ at: new Date(wall()).toISOString(), level, event, ...fields })}\n`);
  },
  close: () => sink.close(),
});

/** Lines to standard error. */
export const stderrSink = (): LineSink => ({
  line: (text) => {
    process.stderr.write(text);
  },
  close: async () => undefined,
});

/** Says nothing; for tests and embedding. */
export const silentSink = (): LineSink => ({ line: () => undefined, close: async () => undefined });

const FILE = 'shoal-server.log';
const FILE_BYTES_MAX = 10 * 1024 * 1024;
const WAITING_BYTES_MAX = 1024 * 1024;

/** Lines to `shoal-server.log` in a directory; the two files before it are kept as `.1` and `.2`. */
export class FileSink implements LineSink {
  readonly #path: string;
  readonly #fileBytesMax: number;
  #waiting = '';
  #dropped = 0;
  #file: FileHandle | undefined;
  #written = 0;
  #work: Promise<void> = Promise.resolve();

  constructor(dir: string, fileBytesMax = FILE_BYTES_MAX) {
    this.#path = join(dir, FILE);
    this.#fileBytesMax = fileBytesMax;
    this.#work = mkdir(dir, { recursive: true }).then(
      () => undefined,
      () => undefined,
    );
  }

  line(text: string): void {
    if (this.#waiting.length + text.length > WAITING_BYTES_MAX) {
      this.#dropped++;
      return;
    }
    this.#waiting += text;
    if (this.#waiting.length === text.length) this.#work = this.#work.then(() => this.#flush());
  }

  async close(): Promise<void> {
    await this.#work;
    await this.#file?.close();
    this.#file = undefined;
  }

  async #flush(): Promise<void> {
    const dropped =
      this.#dropped === 0 ? '' : `{"level":"warn","event":"log-lines-dropped","count":${this.#dropped}}\n`;
    const text = this.#waiting + dropped;
    this.#waiting = '';
    this.#dropped = 0;
    try {
      this.#file ??= await this.#open();
      if (this.#written > 0 && this.#written + text.length > this.#fileBytesMax)
        this.#file = await this.#turnOver(this.#file);
      await this.#file.writeFile(text);
      this.#written += Buffer.byteLength(text);
    } catch {
      process.stderr.write(text);
    }
  }

  async #open(): Promise<FileHandle> {
    const file = await open(this.#path, 'a');
    this.#written = (await file.stat()).size;
    return file;
  }

  async #turnOver(full: FileHandle): Promise<FileHandle> {
    await full.close();
    await rm(`${this.#path}.2`, { force: true });
    await rename(`${this.#path}.1`, `${this.#path}.2`).catch(() => undefined);
    await rename(this.#path, `${this.#path}.1`);
    return this.#open();
  }
}
