// A recording as FLV: tags as they came, from 0 on, with the duration written into the metadata at the end. A file that a
// crash cut short is good up to its last whole tag.

import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { type AmfObject, decodeAmf, encodeAmf } from '../flv/amf.ts';
import { AUDIO_TAG, FLV_HEADER, makeTag, SCRIPT_TAG, type Tag, VIDEO_TAG } from '../flv/tags.ts';
import { FileWindow } from './file-window.ts';
import type { FinishedFile, FormatWriter, PartStart, WriterPlace } from './format-writer.ts';
import { GrowingFile } from './growing-file.ts';

const TAG_HEADER_BYTES = 11;
const SIZE_BYTES = 4;
/** Where the values of the first two members of our metadata stand. */
const VALUES_AT = FLV_HEADER.length + TAG_HEADER_BYTES + encodeAmf('onMetaData').length + 1;
const DURATION_AT = VALUES_AT + 2 + 'duration'.length + 1;
const NUMBER_BYTES = 8;
const FILE_SIZE_AT = DURATION_AT + NUMBER_BYTES + 2 + 'filesize'.length + 1;
const FLAGS_AT = 4;
const FLAG_SOUND = 4;
const FLAG_PICTURE = 1;

const double = (value: number): Buffer => {
  const bytes = Buffer.alloc(NUMBER_BYTES);
  bytes.writeDoubleBE(value);
  return bytes;
};

/** The source's own words about pictures and sound; what it says of duration and size is of no use. */
const wordsOf = (script: Tag | undefined): AmfObject => {
  const words = script === undefined ? undefined : decodeAmf(script.data).find((value) => isObject(value));
  const { duration: _duration, filesize: _filesize, keyframes: _keyframes, ...rest } = (words ?? {}) as AmfObject;
  return rest;
};

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

/** See above. */
export class FlvFile implements FormatWriter {
  readonly format = 'flv';
  readonly #name: string;
  readonly #file: GrowingFile;
  readonly #clock = new DurationCount();

  constructor(start: PartStart, place: WriterPlace) {
    this.#name = `${place.name}.flv`;
    this.#file = new GrowingFile(join(place.dir, this.#name), place);
    const header = Buffer.from(FLV_HEADER);
    header[FLAGS_AT] = (start.picture === undefined ? 0 : FLAG_PICTURE) | (start.sound === undefined ? 0 : FLAG_SOUND);
    this.#file.append(header);
    const metadata = encodeAmf('onMetaData', { duration: 0, filesize: 0, ...wordsOf(start.script) });
    this.#file.append(makeTag(SCRIPT_TAG, 0, metadata));
    for (const config of [start.picture, start.sound]) {
      if (config !== undefined) this.#file.append(makeTag(config.type, 0, config.data));
    }
  }

  frame({ type, data }: Tag, atMs: number): void {
    this.#file.append(makeTag(type, atMs, data));
    this.#clock.frame(type, atMs);
  }

  sync(): Promise<void> {
    return this.#file.sync();
  }

  async finish(): Promise<FinishedFile> {
    const { durationMs } = this.#clock;
    this.#file.patch(DURATION_AT, double(durationMs / 1000));
    this.#file.patch(FILE_SIZE_AT, double(this.#file.length));
    try {
      await this.#file.sync();
    } finally {
      await this.#file.close();
    }
    return { format: this.format, name: this.#name, bytes: this.#file.length, durationMs };
  }

  abandon(): Promise<void> {
    return this.#file.close();
  }
}

/** How long a file is: until its last frame, and that frame as long as the one before it. */
export class DurationCount {
  readonly #last = new Map<number, { readonly atMs: number; readonly lastsMs: number }>();

  frame(type: number, atMs: number): void {
    const before = this.#last.get(type);
    this.#last.set(type, { atMs, lastsMs: before === undefined ? 0 : Math.max(0, atMs - before.atMs) });
  }

  get durationMs(): number {
    let end = 0;
    for (const { atMs, lastsMs } of this.#last.values()) end = Math.max(end, atMs + lastsMs);
    return end;
  }
}

/** Finishes a file that was cut short: what follows its last whole tag goes. Undefined when there is no frame in it. */
export const repairFlv = async (dir: string, name: string): Promise<FinishedFile | undefined> => {
  const file = await open(join(dir, name), 'r+');
  try {
    const { end, durationMs } = await scan(file);
    if (durationMs === undefined) return undefined;
    await file.truncate(end);
    await file.write(double(durationMs / 1000), 0, NUMBER_BYTES, DURATION_AT);
    await file.write(double(end), 0, NUMBER_BYTES, FILE_SIZE_AT);
    await file.datasync();
    return { format: 'flv', name, bytes: end, durationMs };
  } finally {
    await file.close();
  }
};

/** Where the last whole tag ends, and how long the frames last. A tag is whole when its length stands behind it too. */
const scan = async (file: FileHandle): Promise<{ readonly end: number; readonly durationMs: number | undefined }> => {
  const { size } = await file.stat();
  const window = new FileWindow(file);
  const clock = new DurationCount();
  let frames = 0;
  let end = FLV_HEADER.length;
  while (end + TAG_HEADER_BYTES + SIZE_BYTES <= size) {
    const header = await window.read(end, TAG_HEADER_BYTES);
    const type = header.readUInt8(0);
    const atMs = (header.readUIntBE(4, 3) | (header.readUInt8(7) << 24)) >>> 0;
    const next = end + TAG_HEADER_BYTES + header.readUIntBE(1, 3) + SIZE_BYTES;
    if (next > size) break;
    const trailer = await window.read(next - SIZE_BYTES, SIZE_BYTES);
    if (trailer.readUInt32BE() !== next - SIZE_BYTES - end) break;
    if (type === AUDIO_TAG || type === VIDEO_TAG) {
      clock.frame(type, atMs);
      frames++;
    }
    end = next;
  }
  // Codec headers alone, at most one of each kind, are no recording.
  return { end, durationMs: frames > 2 ? clock.durationMs : undefined };
};
