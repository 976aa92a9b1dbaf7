/**
 * The log of a page in files that survive a reload: follows a log, writes in batches, and hands the files out.
 */
import { formatEntry, type Log } from '../log/log.ts';
import { type LogLimits, type LogStore, openLogStore } from './log-store.ts';

const WRITE_EVERY_MS = 500;
/** Lines that may wait for a store that is slow; more are counted and left out. */
const WAITING_LINES_MAX = 5000;
const DIR_CHARS_MAX = 200;
const BYTES_MIN = 1024;
const BYTES_MAX = 1024 * 1024 * 1024;
const FILES_MAX = 100;

/** See above. */
export class FileLog {
  readonly #limits: LogLimits;
  readonly #store: Promise<LogStore | undefined>;
  #waiting: string[] = [];
  #lost = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #writing: Promise<void> = Promise.resolve();
  #unfollow: (() => void) | undefined;
  readonly #leaving = (): void => void this.#write();

  /** Opens it; undefined when the numbers cannot be used. */
  static open(limits: LogLimits): FileLog | undefined {
    const { dir, bytes, count } = limits;
    const isName = typeof dir === 'string' && dir !== '' && dir.length <= DIR_CHARS_MAX;
    const isSize = Number.isInteger(bytes) && bytes >= BYTES_MIN && bytes <= BYTES_MAX;
    const isCount = Number.isInteger(count) && count >= 1 && count <= FILES_MAX;
    return isName && isSize && isCount ? new FileLog(limits) : undefined;
  }

  private constructor(limits: LogLimits) {
    this.#limits = limits;
    // A browser that keeps nothing (private windows) loses the file log and nothing else.
    this.#store = openLogStore().catch(() => undefined);
    window.addEventListener('pagehide', this.#leaving);
  }

  /** Writes what a log says from now on. */
  follow(log: Log): void {
    this.#unfollow = log.subscribe((entry) => this.#take(formatEntry(entry)));
  }

  /** Everything written so far, oldest file first. */
  async files(): Promise<readonly File[]> {
    await this.#write();
    const files = (await (await this.#store)?.files(this.#limits.dir)) ?? [];
    const name = this.#limits.dir.replace(/[^\w-]+/g, '_').replace(/^_+|_+$/g, '') || 'shoal';
    return files.map(({ number, text }) => new File([text], `${name}.${number}.log`, { type: 'text/plain' }));
  }

  /** Writes what waits and lets go. */
  async close(): Promise<void> {
    this.#unfollow?.();
    window.removeEventListener('pagehide', this.#leaving);
    await this.#write();
    (await this.#store)?.close();
  }

  #take(line: string): void {
    if (this.#waiting.length >= WAITING_LINES_MAX) {
      this.#lost += 1;
      return;
    }
    this.#waiting.push(line);
    this.#timer ??= setTimeout(() => void this.#write(), WRITE_EVERY_MS);
  }

  #write(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.then(() => this.#append());
    return this.#writing;
  }

  async #append(): Promise<void> {
    const lines = this.#waiting.splice(0);
    if (this.#lost > 0) lines.push(`${this.#lost} lines were left out: the browser did not write in time`);
    if (lines.length === 0) return;
    const lost = this.#lost;
    this.#lost = 0;
    try {
      await (await this.#store)?.append(this.#limits, lines);
    } catch {
      // Storage is full: what was to be written is counted, and said once there is room.
      this.#lost += lost + lines.length;
    }
  }
}
