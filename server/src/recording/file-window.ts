// Reads of a file from front to back, a few bytes here and there, out of few large reads.

import type { FileHandle } from 'node:fs/promises';

const WINDOW_BYTES = 1024 * 1024;

/** See above. */
export class FileWindow {
  readonly #file: FileHandle;
  #at = 0;
  #bytes = Buffer.alloc(0);

  constructor(file: FileHandle) {
    this.#file = file;
  }

  /** So many bytes from a place; fewer where the file ends. They are good until the next call. */
  async read(at: number, length: number): Promise<Buffer> {
    if (at < this.#at || at + length > this.#at + this.#bytes.length) {
      const window = Buffer.allocUnsafe(Math.max(WINDOW_BYTES, length));
      const { bytesRead } = await this.#file.read(window, 0, window.length, at);
      this.#at = at;
      this.#bytes = window.subarray(0, bytesRead);
    }
    return this.#bytes.subarray(at - this.#at, at - this.#at + length);
  }
}
