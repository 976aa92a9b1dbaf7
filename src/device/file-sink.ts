/**
 * Downloads into files: into the page's own file system by a worker that writes in place, into a file that the user has
 * chosen by what the browser offers for those.
 */
import { fileWorkerSource } from 'virtual:shoal-file';
import { asShoalError } from '../carrier/calls.ts';
import { ShoalError } from '../errors.ts';
import type { DownloadSink } from './download-sink.ts';
import type { FileOrder, FileWord } from './file-messages.ts';

/** How a file is written. */
export interface FileSinkOptions {
  /** What the file has already stays, and the download goes on behind it; otherwise the file is emptied. */
  readonly resume?: boolean;
}

/** Pieces under way to the worker: enough that neither waits for the other. */
const UNDER_WAY_MAX = 4;

/** A sink that writes a file. Rejects with `download/not-written`. */
export const fileSink = async (handle: FileSystemFileHandle, options: FileSinkOptions = {}): Promise<DownloadSink> => {
  const resume = options.resume === true;
  try {
    return (await writeInPlace(handle, resume)) ?? (await writeAnew(handle, resume));
  } catch (thrown) {
    throw asNotWritten(thrown);
  }
};

/**
 * A file of the page's own file system by its name, with `/` between folders; made when it is not there. Names that a device
 * gives may hold anything: what is no name there becomes `_`.
 */
export const opfsFile = async (path: string): Promise<FileSystemFileHandle> => {
  const names = path.split('/').filter((name) => name !== '');
  const last = nameOf(names.pop() ?? '');
  try {
    let folder = await navigator.storage.getDirectory();
    for (const name of names) folder = await folder.getDirectoryHandle(nameOf(name), { create: true });
    return await folder.getFileHandle(last, { create: true });
  } catch (thrown) {
    throw asNotWritten(thrown);
  }
};

const nameOf = (text: string): string => {
  const name = text.replace(/[\\:*?"<>|\p{Cc}]/gu, '_').slice(0, 200);
  return /^\.*$/.test(name) ? `_${name}` : name;
};

/** By a worker; undefined for a file outside the page's own file system, and where a page may have no worker. */
const writeInPlace = async (handle: FileSystemFileHandle, resume: boolean): Promise<DownloadSink | undefined> => {
  let line: FileLine | undefined;
  let size: number;
  try {
    line = new FileLine();
    size = await line.order({ kind: 'open', handle, resume });
  } catch (thrown) {
    line?.end();
    // A file that somebody else writes cannot be written in another way either.
    if (String(thrown).includes('NoModificationAllowedError')) throw thrown;
    return undefined;
  }
  return sinkOver(line, size);
};

const sinkOver = (line: FileLine, begun: number): DownloadSink => {
  let size = begun;
  return {
    get size() {
      return size;
    },
    async write(bytes) {
      size += bytes.length;
      await line.write(bytes);
    },
    async close() {
      try {
        await line.order({ kind: 'close' });
      } finally {
        line.end();
      }
    },
  };
};

/** The way to the worker of one file. */
class FileLine {
  readonly #worker: Worker;
  #waiting: { resolve(size: number): void; reject(thrown: unknown): void }[] = [];
  /** Memory that has come back. */
  readonly #spare: ArrayBuffer[] = [];
  #failure: unknown;

  constructor() {
    const address = URL.createObjectURL(new Blob([fileWorkerSource], { type: 'text/javascript' }));
    try {
      this.#worker = new Worker(address, { name: 'shoal-file' });
    } finally {
      URL.revokeObjectURL(address);
    }
    this.#worker.addEventListener('message', ({ data }: MessageEvent<FileWord>) => {
      if (data.kind === 'failed') return this.#fail(data.why);
      if (data.spare !== undefined) this.#spare.push(data.spare);
      this.#waiting.shift()?.resolve(data.size);
    });
    this.#worker.addEventListener('error', (event) => {
      event.preventDefault();
      this.#fail(event.message ?? 'the worker of the file could not be started');
    });
  }

  /** Resolves when it has been carried out. */
  order(order: FileOrder): Promise<number> {
    if (this.#failure !== undefined) return Promise.reject(asNotWritten(this.#failure));
    const transfer = order.kind === 'write' ? [order.bytes.buffer] : [];
    this.#worker.postMessage(order, transfer);
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** Takes a copy; resolves when there is room for another one. */
  async write(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const known = this.#spare.pop();
    const memory = known !== undefined && known.byteLength >= bytes.length ? known : new ArrayBuffer(bytes.length);
    const copy = new Uint8Array(memory, 0, bytes.length);
    copy.set(bytes);
    const done = this.order({ kind: 'write', bytes: copy });
    // Its failure is told to the next one who asks.
    done.catch(() => undefined);
    if (this.#waiting.length >= UNDER_WAY_MAX || this.#failure !== undefined) await done;
  }

  end(): void {
    this.#worker.terminate();
    this.#fail('closed');
  }

  #fail(why: unknown): void {
    this.#failure ??= why;
    for (const { reject } of this.#waiting.splice(0)) reject(asNotWritten(why));
  }
}

/** By the browser's own writer, which keeps what it has written once it is closed. */
const writeAnew = async (handle: FileSystemFileHandle, resume: boolean): Promise<DownloadSink> => {
  const begun = resume ? (await handle.getFile()).size : 0;
  const writer = await handle.createWritable({ keepExistingData: resume });
  await writer.seek(begun);
  let size = begun;
  let last: Promise<void> = Promise.resolve();
  const next = (act: () => Promise<void>): Promise<void> => {
    last = last.then(act).catch((thrown: unknown) => Promise.reject(asNotWritten(thrown)));
    return last;
  };
  return {
    get size() {
      return size;
    },
    write: (bytes) => {
      size += bytes.length;
      return next(() => writer.write(bytes));
    },
    close: () => next(() => writer.close()),
  };
};

const asNotWritten = (thrown: unknown): ShoalError => {
  const { code, detail, message } = asShoalError(thrown, 'download/not-written');
  return new ShoalError('download/not-written', {
    detail: code === 'download/not-written' ? (detail ?? message) : message,
    cause: thrown,
  });
};
