// A file that grows while a stream comes in: writes are queued and go out one after the other, what waits is bounded, and the
// disk is told to keep what it has every few seconds. After the first write that fails nothing more is written.

import { type FileHandle, open } from 'node:fs/promises';
import { ShoalError } from '../../../src/errors.ts';

interface Write {
  readonly bytes: Uint8Array;
  readonly at: number;
}

/** A disk this far behind is too slow. */
const WAITING_BYTES_MAX = 64 * 1024 * 1024;
/** Errors of the system that mean that there is no room. */
const FULL = ['ENOSPC', 'EDQUOT', 'EFBIG'];

/** What went wrong with a disk, in our words. */
export const diskError = (cause: unknown): ShoalError => {
  if (cause instanceof ShoalError) return cause;
  const code = (cause as NodeJS.ErrnoException | undefined)?.code ?? 'unknown';
  return new ShoalError(FULL.includes(code) ? 'record/disk-full' : 'record/failed', { detail: code, cause });
};

/** See above. */
export class GrowingFile {
  readonly #file: Promise<FileHandle>;
  readonly #failed: (error: ShoalError) => void;
  #queue: Write[] = [];
  #waitingBytes = 0;
  #length = 0;
  #work: Promise<void> | undefined;
  #error: ShoalError | undefined;

  /** Makes the file once its place is ready. `failed` is called once, when a write fails. */
  constructor(path: string, { ready, failed }: { ready: Promise<unknown>; failed: (error: ShoalError) => void }) {
    this.#failed = failed;
    this.#file = ready.then(() => open(path, 'wx'));
    this.#file.catch((cause: unknown) => this.#fail(cause));
  }

  /** Bytes of the file, once all is written. */
  get length(): number {
    return this.#length;
  }

  append(bytes: Uint8Array): void {
    this.#put({ bytes, at: this.#length });
    this.#length += bytes.length;
  }

  /** Writes over what is there. */
  patch(at: number, bytes: Uint8Array): void {
    this.#put({ bytes, at });
  }

  /** Resolves when all of it is on the disk, to stay; rejects when some of it is not. */
  async sync(): Promise<void> {
    await this.#work;
    if (this.#error !== undefined) throw this.#error;
    try {
      await (await this.#file).datasync();
    } catch (cause) {
      throw this.#fail(cause);
    }
  }

  /** Lets go of the file; what could be written of it stays. */
  async close(): Promise<void> {
    await this.#work;
    const file = await this.#file.catch(() => undefined);
    await file?.close();
  }

  #put(write: Write): void {
    if (this.#error !== undefined || write.bytes.length === 0) return;
    this.#waitingBytes += write.bytes.length;
    if (this.#waitingBytes > WAITING_BYTES_MAX) {
      this.#fail(new ShoalError('record/failed', { detail: 'the disk is too slow' }));
      return;
    }
    this.#queue.push(write);
    this.#work ??= this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    try {
      const file = await this.#file;
      for (let next = this.#queue; next.length > 0; next = this.#queue) {
        this.#queue = [];
        for (const run of runsOf(next)) {
          await writeRun(file, run);
          for (const { bytes } of run) this.#waitingBytes -= bytes.length;
        }
      }
    } catch (cause) {
      this.#fail(cause);
    }
    // At once, so that what is put from here on is written too.
    this.#work = undefined;
  }

  #fail(cause: unknown): ShoalError {
    if (this.#error !== undefined) return this.#error;
    this.#error = diskError(cause);
    this.#queue = [];
    this.#failed(this.#error);
    return this.#error;
  }
}

/** Writes that follow each other in the file go out together. */
const runsOf = (writes: readonly Write[]): Write[][] => {
  const runs: Write[][] = [];
  let end = -1;
  for (const write of writes) {
    if (write.at === end) runs.at(-1)?.push(write);
    else runs.push([write]);
    end = write.at + write.bytes.length;
  }
  return runs;
};

/** A disk that is nearly full takes a part of a write. */
const writeRun = async (file: FileHandle, run: readonly Write[]): Promise<void> => {
  const bytes = run.length === 1 ? (run[0] as Write).bytes : Buffer.concat(run.map((write) => write.bytes));
  const at = run[0]?.at ?? 0;
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, at + done);
    if (bytesWritten === 0) throw new ShoalError('record/disk-full', { detail: 'nothing was written' });
    done += bytesWritten;
  }
};
