// The recordings of a device: a folder with one file each, named for when it was made:
// `<start>-<end>[_<type>].<flv|mp4|jpg|png>` with Unix seconds. The folder is read again for every question, since
// whoever records writes into it; nothing outside it can be named.

import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { REQUEST_BODY_MAX } from '../../src/wire/limits.ts';

/** One file. */
export interface Recording {
  readonly name: string;
  readonly kind: 'video' | 'picture';
  readonly fromS: number;
  readonly toS: number;
  readonly type: string;
  readonly bytes: number;
}

const NAME = /^(\d{9,11})-(\d{9,11})(?:_([\w-]{1,32}))?\.(flv|mp4|jpg|png)$/;
const SHOWN_MAX = 5_000;

/** See above. */
export class Recordings {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** What was made between two moments, oldest first. */
  async between(fromS: number, toS: number): Promise<readonly Recording[]> {
    const names = await readdir(this.#folder).catch(() => []);
    const found: Recording[] = [];
    for (const name of names.sort()) {
      const read = readName(name);
      if (read === undefined || read.toS < fromS || read.fromS > toS || found.length >= SHOWN_MAX) continue;
      const facts = await stat(join(this.#folder, name)).catch(() => undefined);
      if (facts?.isFile() === true) found.push({ ...read, bytes: facts.size });
    }
    return found;
  }

  /** Size of a file, or undefined when there is none of that name. */
  async sizeOf(name: string): Promise<number | undefined> {
    if (readName(name) === undefined) return undefined;
    const facts = await stat(join(this.#folder, name)).catch(() => undefined);
    return facts?.isFile() === true ? facts.size : undefined;
  }

  /**
   * The bytes of a file between two offsets, which whoever records may write on to meanwhile. What is yielded is valid until the
   * next is asked for: two pieces of memory take turns, one being read into while the other one is used.
   */
  async *read(name: string, from: number, to: number): AsyncGenerator<Uint8Array> {
    if (readName(name) === undefined) return;
    const file = await open(join(this.#folder, name));
    const size = Math.min(READ_BYTES, to - from);
    let [used, spare] = [Buffer.allocUnsafeSlow(size), Buffer.allocUnsafeSlow(size)];
    const readAt = (at: number, memory: Buffer): Promise<number> =>
      at >= to
        ? Promise.resolve(0)
        : file.read(memory, 0, Math.min(size, to - at), at).then(({ bytesRead }) => bytesRead);
    let ahead = readAt(from, used);
    try {
      for (let at = from; ; ) {
        const bytes = await ahead;
        if (bytes === 0) return;
        at += bytes;
        ahead = readAt(at, spare);
        // Whoever stops in between does not wait for it.
        ahead.catch(() => undefined);
        yield used.subarray(0, bytes);
        [used, spare] = [spare, used];
      }
    } finally {
      await file.close();
    }
  }
}

/** Whole messages, and few enough reads that they cost little. */
const READ_BYTES = 8 * REQUEST_BODY_MAX;

const readName = (name: string): Omit<Recording, 'bytes'> | undefined => {
  const [, from = '', to = '', type = '', ending = ''] = NAME.exec(name) ?? [];
  if (ending === '') return undefined;
  const kind = ending === 'flv' || ending === 'mp4' ? 'video' : 'picture';
  return { name, kind, fromS: Number(from), toS: Number(to), type };
};
