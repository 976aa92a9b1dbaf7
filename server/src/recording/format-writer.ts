// What every format of a recording offers, and what a part of a recording begins with.

import type { ShoalError } from '../../../src/errors.ts';
import type { Tag } from '../flv/tags.ts';

/** Formats, under the names callbacks use. */
export type RecordFormat = 'flv' | 'mp4' | 'hls';

/** Codec headers and metadata a part begins with. */
export interface PartStart {
  readonly script: Tag | undefined;
  readonly picture: Tag | undefined;
  readonly sound: Tag | undefined;
}

/** Where a writer puts its files, and whom it tells when it cannot. */
export interface WriterPlace {
  /** Folder of the recording. */
  readonly dir: string;
  /** Name of the part, without an ending. */
  readonly name: string;
  /** Puts a finished MP4 file into the usual order, where that can be done. */
  readonly remux: ((path: string) => Promise<boolean>) | undefined;
  /** The folder is there, and it is written down what will be in it; what comes before is kept in memory. */
  readonly ready: Promise<void>;
  failed(error: ShoalError): void;
}

/** A file that is finished. */
export interface FinishedFile {
  readonly format: RecordFormat;
  /** From the folder of the recording. */
  readonly name: string;
  /** Of all its files. */
  readonly bytes: number;
  readonly durationMs: number;
}

/** Writes one part in one format. Timestamps of a part begin at 0. */
export interface FormatWriter {
  readonly format: RecordFormat;
  /** A frame; `atMs` is its time in the part. */
  frame(tag: Tag, atMs: number): void;
  /** Asks the disk to keep what there is. */
  sync(): Promise<void>;
  /** Finishes and closes the file; undefined when there was nothing to put into it. Rejects with a ShoalError. */
  finish(): Promise<FinishedFile | undefined>;
  /** Closes what there is, without finishing it. */
  abandon(): Promise<void>;
}
