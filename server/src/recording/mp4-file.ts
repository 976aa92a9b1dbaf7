// A recording as MP4, in fragments of a second: a file that is cut short at any byte is good up to its last whole fragment.
// When it is finished it is put into the usual order, with its index in front, where there is an ffmpeg to do it.

import { open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ShoalError } from '../../../src/errors.ts';
import type { Tag } from '../flv/tags.ts';
import { Fragmenter } from '../outputs/hls/fragmenter.ts';
import type { FinishedFile, FormatWriter, PartStart, WriterPlace } from './format-writer.ts';
import { GrowingFile } from './growing-file.ts';
import { scanMp4 } from './mp4-scan.ts';

/** Fragments and segments of recordings. */
export const RECORD_TIMES = { partMs: 1000, segmentMs: 4000 } as const;

/** Puts an MP4 file into the usual order; false when it stays as it is. */
export type Remux = NonNullable<WriterPlace['remux']>;

/** See above. */
export class Mp4File implements FormatWriter {
  readonly format = 'mp4';
  readonly #name: string;
  readonly #path: string;
  readonly #remux: Remux | undefined;
  readonly #file: GrowingFile;
  readonly #fragmenter: Fragmenter;
  #durationMs = 0;

  constructor(start: PartStart, place: WriterPlace) {
    const { dir, name, remux, failed } = place;
    this.#name = `${name}.mp4`;
    this.#path = join(dir, this.#name);
    this.#remux = remux;
    this.#file = new GrowingFile(this.#path, place);
    this.#fragmenter = new Fragmenter(RECORD_TIMES, {
      init: (bytes) => this.#file.append(bytes),
      part: ({ bytes, durationMs }) => {
        this.#file.append(bytes);
        this.#durationMs += durationMs;
      },
      segmentEnd: () => undefined,
      unsupported: (code, detail) => failed(new ShoalError(code, { detail })),
    });
    configure(this.#fragmenter, start);
  }

  frame(tag: Tag, atMs: number): void {
    this.#fragmenter.push({ ...tag, dtsMs: atMs });
  }

  sync(): Promise<void> {
    return this.#file.sync();
  }

  async finish(): Promise<FinishedFile | undefined> {
    this.#fragmenter.flush();
    try {
      await this.#file.sync();
    } finally {
      await this.#file.close();
    }
    if (this.#durationMs === 0) return rm(this.#path, { force: true }).then(() => undefined);
    await this.#remux?.(this.#path);
    const { size } = await stat(this.#path);
    return { format: this.format, name: this.#name, bytes: size, durationMs: Math.round(this.#durationMs) };
  }

  abandon(): Promise<void> {
    return this.#file.close();
  }
}

/** Tells a fragmenter the codec headers of a part. */
export const configure = (fragmenter: Fragmenter, { picture, sound }: PartStart): void => {
  for (const config of [picture, sound]) if (config !== undefined) fragmenter.push({ ...config, dtsMs: 0 });
};

/** Finishes a file that was cut short. Undefined when there is no whole fragment in it. */
export const repairMp4 = async (
  dir: string,
  name: string,
  remux: Remux | undefined,
): Promise<FinishedFile | undefined> => {
  const path = join(dir, name);
  // Left by a crash while it was put into order.
  await rm(`${path}.new`, { force: true });
  const { end, fragments, durationMs } = await scanMp4(path);
  // Without fragments it is empty, or in the usual order already.
  if (fragments === 0) return undefined;
  const file = await open(path, 'r+');
  try {
    await file.truncate(end);
    await file.datasync();
  } finally {
    await file.close();
  }
  await remux?.(path);
  const { size } = await stat(path);
  return { format: 'mp4', name, bytes: size, durationMs: Math.round(durationMs) };
};
