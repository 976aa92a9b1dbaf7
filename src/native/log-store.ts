/**
 * Log files kept by the browser: text appended to the newest of a few files under a name, the oldest of which make room.
 * IndexedDB, because appending there costs what is appended; every append is one transaction, so tabs of a site may share
 * a name.
 */
import { ShoalError } from '../errors.ts';

/** How much is kept under a name. */
export interface LogLimits {
  readonly dir: string;
  readonly bytes: number;
  readonly count: number;
}

/** One file. */
export interface StoredFile {
  readonly number: number;
  readonly text: string;
}

interface Head {
  readonly file: number;
  readonly part: number;
  readonly bytes: number;
}

const DATABASE = 'shoal-logs';
const CHUNKS = 'chunks';
const HEADS = 'heads';

/** Opens the store; rejects where the browser keeps nothing. */
export const openLogStore = async (): Promise<LogStore> => {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(CHUNKS);
    request.result.createObjectStore(HEADS);
  };
  return new LogStore(await answered(request));
};

/** See above. */
export class LogStore {
  readonly #database: IDBDatabase;

  constructor(database: IDBDatabase) {
    this.#database = database;
  }

  /** Appends whole lines; a line longer than a file is cut. */
  async append(limits: LogLimits, lines: readonly string[]): Promise<void> {
    const { dir, bytes, count } = limits;
    const transaction = this.#database.transaction([CHUNKS, HEADS], 'readwrite');
    const chunks = transaction.objectStore(CHUNKS);
    const heads = transaction.objectStore(HEADS);
    const found = (await answered(heads.get(dir))) as Head | undefined;
    let head: Head = found ?? { file: 1, part: 0, bytes: 0 };
    let text = '';
    const put = (): void => {
      if (text === '') return;
      chunks.put(text, [dir, head.file, head.part]);
      head = { ...head, part: head.part + 1 };
      text = '';
    };
    for (const line of lines) {
      const whole = cutTo(`${line}\n`, bytes);
      const size = sizeOf(whole);
      if (head.bytes + size > bytes) {
        put();
        head = { file: head.file + 1, part: 0, bytes: 0 };
      }
      text += whole;
      head = { ...head, bytes: head.bytes + size };
    }
    put();
    if (head.file > count) chunks.delete(IDBKeyRange.bound([dir, 0], [dir, head.file - count + 1], false, true));
    heads.put(head, dir);
    await done(transaction);
  }

  /** The files under a name, oldest first. */
  async files(dir: string): Promise<readonly StoredFile[]> {
    const chunks = this.#database.transaction(CHUNKS).objectStore(CHUNKS);
    const range = IDBKeyRange.bound([dir, 0], [dir, Number.MAX_SAFE_INTEGER]);
    const [keys, texts] = await Promise.all([answered(chunks.getAllKeys(range)), answered(chunks.getAll(range))]);
    const files = new Map<number, string>();
    for (const [at, key] of keys.entries()) {
      const number = Number((key as readonly unknown[])[1]);
      files.set(number, (files.get(number) ?? '') + String(texts[at]));
    }
    return [...files].map(([number, text]) => ({ number, text }));
  }

  close(): void {
    this.#database.close();
  }
}

const sizeOf = (text: string): number => new TextEncoder().encode(text).length;

const cutTo = (line: string, bytesMax: number): string =>
  sizeOf(line) <= bytesMax
    ? line
    : `${new TextDecoder().decode(new TextEncoder().encode(line).slice(0, bytesMax - 4))}\n`;

const answered = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(new ShoalError('storage/failed', { cause: request.error }));
  });

const done = (transaction: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    const fail = (): void => reject(new ShoalError('storage/failed', { cause: transaction.error }));
    transaction.oncomplete = () => resolve();
    transaction.onerror = fail;
    transaction.onabort = fail;
  });
