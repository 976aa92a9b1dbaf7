/**
 * Writes one file of the page's own file system in place: what has been written stays, even if the page dies, and no more
 * than one piece is in memory.
 */
import type { FileOrder, FileWord } from '../src/device/file-messages.ts';

/** The part of a synchronous file that is used; only workers have them. */
interface OpenFile {
  getSize(): number;
  truncate(size: number): void;
  write(bytes: Uint8Array<ArrayBuffer>, options: { readonly at: number }): number;
  flush(): void;
  close(): void;
}

interface Openable {
  createSyncAccessHandle(): Promise<OpenFile>;
}

/** A page that has just died, or a worker that has just been ended, lets go of its file a moment later. */
const OPEN_TRIES = 20;
const OPEN_AGAIN_MS = 100;

const openFile = async (handle: Openable): Promise<OpenFile> => {
  for (let left = OPEN_TRIES; ; left--) {
    try {
      return await handle.createSyncAccessHandle();
    } catch (thrown) {
      const isTaken = thrown instanceof DOMException && thrown.name === 'NoModificationAllowedError';
      if (!isTaken || left === 0) throw thrown;
      await new Promise((resolve) => setTimeout(resolve, OPEN_AGAIN_MS));
    }
  }
};

let file: OpenFile | undefined;
let size = 0;
let last: Promise<void> = Promise.resolve();

const heed = async (order: FileOrder): Promise<void> => {
  if (order.kind === 'open') {
    const { handle, resume } = order;
    const opened = await openFile(handle as unknown as Openable);
    file = opened;
    if (!resume) opened.truncate(0);
    size = opened.getSize();
  } else if (order.kind === 'write') {
    for (let at = 0; at < order.bytes.length; ) {
      const written = file?.write(order.bytes.subarray(at), { at: size }) ?? 0;
      if (written === 0) throw new DOMException('nothing was written', 'QuotaExceededError');
      at += written;
      size += written;
    }
  } else {
    file?.flush();
    file?.close();
    file = undefined;
  }
};

const say = (word: FileWord): void => {
  const spare = word.kind === 'done' ? word.spare : undefined;
  // A page that gets its memory back needs no more of it, however long the file is.
  postMessage(word, { transfer: spare === undefined ? [] : [spare] });
};

addEventListener('message', ({ data }: MessageEvent<FileOrder>) => {
  // One after another: opening takes a while.
  last = last
    .then(() => heed(data))
    .then(
      () => say({ kind: 'done', size, spare: data.kind === 'write' ? data.bytes.buffer : undefined }),
      (thrown: unknown) => say({ kind: 'failed', why: String(thrown) }),
    );
});
