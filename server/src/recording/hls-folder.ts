// A recording as HLS: a folder with segments of MP4 and a playlist that lists the whole ones, written anew after each. A
// recording that is cut short plays up to there; its last segment is good up to its last whole fragment.

import { mkdir, open, readdir, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ShoalError } from '../../../src/errors.ts';
import type { Tag } from '../flv/tags.ts';
import { Fragmenter } from '../outputs/hls/fragmenter.ts';
import type { FinishedFile, FormatWriter, PartStart, WriterPlace } from './format-writer.ts';
import { diskError, GrowingFile } from './growing-file.ts';
import { configure, RECORD_TIMES } from './mp4-file.ts';
import { scanMp4, timescaleOf } from './mp4-scan.ts';

interface Segment {
  readonly name: string;
  readonly durationMs: number;
}

const PLAYLIST = 'index.m3u8';
const INIT = 'init.mp4';
const SEGMENT = /^\d{6}\.m4s$/;

const segmentName = (number: number): string => `${String(number).padStart(6, '0')}.m4s`;

const playlistText = (segments: readonly Segment[], isWhole: boolean): string => {
  const target = Math.max(RECORD_TIMES.segmentMs, ...segments.map(({ durationMs }) => durationMs));
  return [
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    `#EXT-X-PLAYLIST-TYPE:${isWhole ? 'VOD' : 'EVENT'}`,
    `#EXT-X-TARGETDURATION:${Math.ceil(target / 1000)}`,
    '#EXT-X-MEDIA-SEQUENCE:1',
    `#EXT-X-MAP:URI="${INIT}"`,
    ...segments.flatMap(({ name, durationMs }) => [`#EXTINF:${(durationMs / 1000).toFixed(3)},`, name]),
    ...(isWhole ? ['#EXT-X-ENDLIST'] : []),
    '',
  ].join('\n');
};

/** Writes a playlist, whole or not at all. */
const writePlaylist = async (dir: string, segments: readonly Segment[], isWhole: boolean): Promise<void> => {
  const path = join(dir, PLAYLIST);
  await writeFile(`${path}.new`, playlistText(segments, isWhole));
  const file = await open(`${path}.new`, 'r');
  await file.datasync();
  await file.close();
  await rename(`${path}.new`, path);
};

/** See above. */
export class HlsFolder implements FormatWriter {
  readonly format = 'hls';
  readonly #name: string;
  readonly #dir: string;
  readonly #place: Pick<WriterPlace, 'ready' | 'failed'>;
  readonly #fragmenter: Fragmenter;
  readonly #segments: Segment[] = [];
  #open: { readonly name: string; readonly file: GrowingFile; durationMs: number } | undefined;
  #bytes = 0;
  #number = 0;
  /** Segments that are being closed, and playlists, in order. */
  #work: Promise<void> = Promise.resolve();

  constructor(start: PartStart, { dir, name, ready, failed }: WriterPlace) {
    this.#name = `${name}-hls/${PLAYLIST}`;
    this.#dir = join(dir, `${name}-hls`);
    this.#place = { ready: ready.then(() => mkdir(this.#dir)), failed };
    this.#fragmenter = new Fragmenter(RECORD_TIMES, {
      init: (bytes) => this.#writeInit(bytes),
      part: (part) => this.#part(part),
      segmentEnd: () => this.#endSegment(),
      unsupported: (code, detail) => failed(new ShoalError(code, { detail })),
    });
    configure(this.#fragmenter, start);
  }

  frame(tag: Tag, atMs: number): void {
    this.#fragmenter.push({ ...tag, dtsMs: atMs });
  }

  async sync(): Promise<void> {
    await this.#open?.file.sync();
  }

  async finish(): Promise<FinishedFile | undefined> {
    this.#fragmenter.flush();
    await this.#work;
    if (this.#segments.length === 0) {
      await this.#place.ready;
      return rm(this.#dir, { recursive: true, force: true }).then(() => undefined);
    }
    this.#then(() => writePlaylist(this.#dir, this.#segments, true));
    await this.#work;
    const durationMs = Math.round(this.#segments.reduce((sum, segment) => sum + segment.durationMs, 0));
    return { format: this.format, name: this.#name, bytes: this.#bytes, durationMs };
  }

  async abandon(): Promise<void> {
    await this.#work.catch(() => undefined);
    await this.#open?.file.close();
  }

  #writeInit(bytes: Buffer): void {
    const file = new GrowingFile(join(this.#dir, INIT), this.#place);
    file.append(bytes);
    this.#bytes += bytes.length;
    this.#then(() => file.sync().finally(() => file.close()));
  }

  #part({ bytes, durationMs }: { readonly bytes: Buffer; readonly durationMs: number }): void {
    if (this.#open === undefined) {
      const name = segmentName(++this.#number);
      this.#open = { name, file: new GrowingFile(join(this.#dir, name), this.#place), durationMs: 0 };
    }
    this.#open.file.append(bytes);
    this.#open.durationMs += durationMs;
    this.#bytes += bytes.length;
  }

  #endSegment(): void {
    const closing = this.#open;
    this.#open = undefined;
    if (closing === undefined) return;
    const { name, file } = closing;
    this.#then(async () => {
      await file.sync().finally(() => file.close());
      this.#segments.push({ name, durationMs: closing.durationMs });
      await writePlaylist(this.#dir, this.#segments, false);
    });
  }

  /** In order; after the first that fails nothing more is listed. */
  #then(step: () => Promise<void>): void {
    this.#work = this.#work.then(step);
    // `finish` tells how it went; until then nobody waits for it.
    this.#work.catch((cause: unknown) => this.#place.failed(diskError(cause)));
  }
}

/** Finishes a folder that was cut short. Undefined when there is no whole fragment in it. */
export const repairHls = async (dir: string, name: string): Promise<FinishedFile | undefined> => {
  const folder = join(dir, dirname(name));
  const init = join(folder, INIT);
  const timescale = await timescaleOf(init).catch(() => undefined);
  if (timescale === undefined) return undefined;
  const segments: Segment[] = [];
  let bytes = (await stat(init)).size;
  for (const segment of (await readdir(folder)).filter((file) => SEGMENT.test(file)).sort()) {
    const { end, fragments, durationMs } = await scanMp4(join(folder, segment), timescale);
    if (fragments === 0) continue;
    await truncate(join(folder, segment), end);
    segments.push({ name: segment, durationMs });
    bytes += end;
  }
  if (segments.length === 0) return undefined;
  await writePlaylist(folder, segments, true);
  const durationMs = Math.round(segments.reduce((sum, segment) => sum + segment.durationMs, 0));
  return { format: 'hls', name: join(dirname(name), basename(name)), bytes, durationMs };
};
