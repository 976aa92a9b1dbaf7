// The writers of a part, by format.

import { RECORD_FLV, RECORD_HLS, RECORD_MP4 } from '../../../src/wire/room.ts';
import { FlvFile, repairFlv } from './flv-file.ts';
import type { FinishedFile, FormatWriter, PartStart, RecordFormat, WriterPlace } from './format-writer.ts';
import { HlsFolder, repairHls } from './hls-folder.ts';
import { Mp4File, type Remux, repairMp4 } from './mp4-file.ts';

interface FormatKind {
  readonly format: RecordFormat;
  readonly bit: number;
  /** What the name of a part ends with. */
  readonly ending: string;
  make(start: PartStart, place: WriterPlace): FormatWriter;
  /** Finishes what a crash, or a full disk, has left; undefined when there is nothing in it. */
  repair(dir: string, name: string, remux: Remux | undefined): Promise<FinishedFile | undefined>;
}

/** All formats. */
export const FORMATS: readonly FormatKind[] = [
  {
    format: 'flv',
    bit: RECORD_FLV,
    ending: '.flv',
    make: (start, place) => new FlvFile(start, place),
    repair: repairFlv,
  },
  {
    format: 'mp4',
    bit: RECORD_MP4,
    ending: '.mp4',
    make: (start, place) => new Mp4File(start, place),
    repair: repairMp4,
  },
  {
    format: 'hls',
    bit: RECORD_HLS,
    ending: '-hls/index.m3u8',
    make: (start, place) => new HlsFolder(start, place),
    repair: repairHls,
  },
];

/** The kinds of a sum of bits. */
export const kindsOf = (formats: number): readonly FormatKind[] => FORMATS.filter(({ bit }) => (formats & bit) !== 0);

/** Finishes a file of a part, or saves what is good of it. */
export const finishOrRepair = async (
  writer: FormatWriter,
  { dir, name, remux }: WriterPlace,
): Promise<FinishedFile | undefined> => {
  try {
    return await writer.finish();
  } catch {
    // Why has been told by `failed`; what was written before is still good.
    await writer.abandon();
    const kind = FORMATS.find(({ format }) => format === writer.format);
    return kind?.repair(dir, `${name}${kind.ending}`, remux);
  }
};
