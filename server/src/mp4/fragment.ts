// A run of samples as fragmented MP4: one `moof` for all tracks and one `mdat` behind it.

import { box, fullBox, u32, u64 } from './boxes.ts';

/** One frame of a track; times in ticks of the track. */
export interface Sample {
  readonly data: Uint8Array;
  readonly time: number;
  readonly duration: number;
  /** From decoding to showing. */
  readonly offset: number;
  readonly keyframe: boolean;
}

/** Samples of one track. */
export interface SampleRun {
  readonly track: number;
  readonly samples: readonly Sample[];
}

const KEYFRAME_FLAGS = 0x02000000;
const OTHER_FLAGS = 0x01010000;
const BASE_IS_MOOF = 0x020000;
/** Data offset; and of each sample its duration, size, flags and offset. */
const RUN_FLAGS = 0x000f01;
const HEADER_BYTES = 8;

/** The fragment with a number. Runs without samples are left out. */
export const fragment = (sequence: number, runs: readonly SampleRun[]): Buffer => {
  const filled = runs.filter(({ samples }) => samples.length > 0);
  const moofBytes = moof(sequence, filled, 0).length;
  const media = filled.flatMap(({ samples }) => samples.map(({ data }) => data));
  return Buffer.concat([moof(sequence, filled, moofBytes + HEADER_BYTES), box('mdat', ...media)]);
};

const moof = (sequence: number, runs: readonly SampleRun[], mediaAt: number): Buffer => {
  let at = mediaAt;
  const trafs = runs.map((run) => {
    const made = traf(run, at);
    at += run.samples.reduce((sum, { data }) => sum + data.length, 0);
    return made;
  });
  return box('moof', fullBox('mfhd', {}, u32(sequence)), ...trafs);
};

const traf = ({ track, samples }: SampleRun, mediaAt: number): Buffer => {
  const fields = samples.flatMap(({ data, duration, keyframe, offset }) => [
    duration,
    data.length,
    keyframe ? KEYFRAME_FLAGS : OTHER_FLAGS,
    offset,
  ]);
  return box(
    'traf',
    fullBox('tfhd', { flags: BASE_IS_MOOF }, u32(track)),
    fullBox('tfdt', { version: 1 }, u64(samples[0]?.time ?? 0)),
    fullBox('trun', { version: 1, flags: RUN_FLAGS }, u32(samples.length, mediaAt, ...fields)),
  );
};
