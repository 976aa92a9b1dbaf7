/**
 * Where a download goes, and how it gets there: in pieces that are written one after another, so that no more of it is
 * in memory than is on its way.
 */

import { ShoalError } from '../errors.ts';

/** Takes the bytes of one download. */
export interface DownloadSink {
  /** Bytes it has already: a download goes on there. */
  readonly size: number;
  /** Resolves when there is room for more; the bytes are the caller's again, who overwrites them. */
  write(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** No more comes: what has come stays. */
  close(): Promise<void>;
}

/** How far a download is. */
export interface DownloadProgress {
  /** Bytes of the file that are there, those of an earlier go included. */
  readonly received: number;
  /** Bytes of the whole file, if the device says. */
  readonly total: number | undefined;
}

/** Small pieces cost as much to write as large ones. */
const PIECE_BYTES = 256 * 1024;

/** Gathers bytes into pieces worth writing. */
export class SinkWriter {
  readonly #sink: DownloadSink;
  readonly #piece = new Uint8Array(PIECE_BYTES);
  #filled = 0;
  #handing: Promise<void> | undefined;

  constructor(sink: DownloadSink) {
    this.#sink = sink;
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const taken = Math.min(bytes.length - at, PIECE_BYTES - this.#filled);
      this.#piece.set(bytes.subarray(at, at + taken), this.#filled);
      this.#filled += taken;
      at += taken;
      if (this.#filled === PIECE_BYTES) await this.flush();
    }
  }

  /** Hands on what has been gathered. */
  async flush(): Promise<void> {
    if (this.#handing === undefined && this.#filled === 0) return;
    this.#handing ??= this.#sink.write(this.#piece.subarray(0, this.#filled)).finally(() => {
      this.#filled = 0;
      this.#handing = undefined;
    });
    await this.#handing;
  }

  /** Hands on the rest and closes the sink; whoever is writing still is waited for. */
  async close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      await this.#sink.close();
    }
  }
}

/**
 * Everything a device sends, into a sink; closes it, whatever happens. `total` is the size of the whole file, if known: less
 * is `request/lost`.
 */
export const pour = async (
  body: ReadableStream<Uint8Array>,
  sink: DownloadSink,
  { total, onProgress }: { readonly total: number | undefined; onProgress?(progress: DownloadProgress): void },
): Promise<number> => {
  let received = sink.size;
  const writer = new SinkWriter(sink);
  try {
    const reader = body.getReader();
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      received += read.value.length;
      await writer.write(read.value);
      onProgress?.({ received, total });
    }
  } finally {
    await writer.close();
  }
  if (total !== undefined && received !== total) {
    throw new ShoalError('request/lost', { detail: `${received} of ${total} bytes` });
  }
  return received;
};

/** Bytes that follow, by the headers of an answer. */
export const lengthOf = (headers: Readonly<Record<string, string>>): number | undefined => {
  const length = headers['content-length'];
  return length !== undefined && /^\d{1,16}$/.test(length) ? Number(length) : undefined;
};

/** A sink in memory, for files that are small. */
export interface MemorySink extends DownloadSink {
  /** What has come so far. */
  blob(type?: string): Blob;
}

/** Makes one. The same sink takes the rest of a file whose first part it has. */
export const memorySink = (): MemorySink => {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  return {
    get size() {
      return size;
    },
    async write(bytes) {
      parts.push(bytes.slice());
      size += bytes.length;
    },
    close: async () => undefined,
    blob: (type = '') => new Blob(parts, { type }),
  };
};
