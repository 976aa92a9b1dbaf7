// How much of a fragmented MP4 file is good, and how long it is: fragments are counted as long as both their boxes are whole.

import { type FileHandle, open } from 'node:fs/promises';

/** What a scan found. */
export interface Mp4Scan {
  /** Where the last whole fragment ends. */
  readonly end: number;
  readonly fragments: number;
  readonly durationMs: number;
}

interface Box {
  readonly kind: string;
  readonly at: number;
  readonly length: number;
}

const HEADER_BYTES = 8;
/** Heads of fragments are small; a larger one is none of ours. */
const HEAD_BYTES_MAX = 4 * 1024 * 1024;

/** Scans a file; `timescale` is given for segments, which do not say it themselves. */
export const scanMp4 = async (path: string, timescale?: number): Promise<Mp4Scan> => {
  const file = await open(path, 'r');
  try {
    return await scan(file, timescale);
  } finally {
    await file.close();
  }
};

/** Ticks a second of the first track of a file or an init segment. */
export const timescaleOf = async (path: string): Promise<number | undefined> => {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    for (let box = await boxAt(file, 0, size); box !== undefined; box = await boxAt(file, box.at + box.length, size)) {
      if (box.kind === 'moov') return readTimescale(await contentOf(file, box));
    }
    return undefined;
  } finally {
    await file.close();
  }
};

const scan = async (file: FileHandle, given: number | undefined): Promise<Mp4Scan> => {
  const { size } = await file.stat();
  let timescale = given;
  let end = 0;
  let fragments = 0;
  let ticks = 0;
  let head: number | undefined;
  for (let box = await boxAt(file, 0, size); box !== undefined; box = await boxAt(file, box.at + box.length, size)) {
    const next = box.at + box.length;
    if (box.kind === 'moov') timescale = readTimescale(await contentOf(file, box)) ?? timescale;
    if (box.kind === 'moof') head = readTicks(await contentOf(file, box));
    else {
      if (box.kind === 'mdat' && head !== undefined) {
        fragments++;
        ticks += head;
        head = undefined;
      }
      end = next;
    }
  }
  return { end, fragments, durationMs: timescale === undefined ? 0 : (ticks * 1000) / timescale };
};

/** The box at a place, if all of it is there. */
const boxAt = async (file: FileHandle, at: number, size: number): Promise<Box | undefined> => {
  if (at + HEADER_BYTES > size) return undefined;
  const header = Buffer.alloc(HEADER_BYTES);
  await file.read(header, 0, HEADER_BYTES, at);
  const length = header.readUInt32BE();
  const kind = header.toString('latin1', 4);
  return length < HEADER_BYTES || at + length > size ? undefined : { kind, at, length };
};

const contentOf = async (file: FileHandle, { at, length }: Box): Promise<Buffer> => {
  const content = Buffer.alloc(Math.min(length, HEAD_BYTES_MAX) - HEADER_BYTES);
  await file.read(content, 0, content.length, at + HEADER_BYTES);
  return content;
};

/** The content of the first box on a way of kinds. */
const find = (content: Buffer, [kind, ...rest]: readonly string[]): Buffer | undefined => {
  if (kind === undefined) return content;
  for (let at = 0; at + HEADER_BYTES <= content.length; ) {
    const length = content.readUInt32BE(at);
    if (length < HEADER_BYTES || at + length > content.length) return undefined;
    if (content.toString('latin1', at + 4, at + HEADER_BYTES) === kind) {
      return find(content.subarray(at + HEADER_BYTES, at + length), rest);
    }
    at += length;
  }
  return undefined;
};

const readTimescale = (moov: Buffer): number | undefined => {
  const header = find(moov, ['trak', 'mdia', 'mdhd']);
  if (header === undefined || header.length < 24) return undefined;
  return header.readUInt32BE(header.readUInt8(0) === 1 ? 20 : 12);
};

const SAMPLE_DURATION = 0x100;
const FIELDS = [0x100, 0x200, 0x400, 0x800];

/** Ticks of the first track's samples. */
const readTicks = (moof: Buffer): number => {
  const run = find(moof, ['traf', 'trun']);
  if (run === undefined || run.length < 8) return 0;
  const flags = run.readUIntBE(1, 3);
  if ((flags & SAMPLE_DURATION) === 0) return 0;
  const step = 4 * FIELDS.filter((field) => (flags & field) !== 0).length;
  let at = 8 + ((flags & 1) !== 0 ? 4 : 0) + ((flags & 4) !== 0 ? 4 : 0);
  let ticks = 0;
  for (let left = run.readUInt32BE(4); left > 0 && at + step <= run.length; left--, at += step) {
    ticks += run.readUInt32BE(at);
  }
  return ticks;
};
