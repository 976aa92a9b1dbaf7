/**
 * What is buffered around a point of media time, and how to get over a hole in it.
 */

/** A stretch of buffered media, seconds. */
export interface BufferedRange {
  readonly start: number;
  readonly end: number;
}

/** Ranges this close are played over by every browser. */
const SAME_SECONDS = 0.02;
/** With less than this ahead the element stands still. */
const DRY_SECONDS = 0.1;

/** The ranges of a media element as a list. */
export const rangesOf = (buffered: TimeRanges): BufferedRange[] =>
  Array.from({ length: buffered.length }, (_, index) => ({ start: buffered.start(index), end: buffered.end(index) }));

const holding = (ranges: readonly BufferedRange[], at: number): BufferedRange | undefined =>
  ranges.find((range) => at >= range.start - SAME_SECONDS && at < range.end);

/** Where the media that can be played from `at` without a hole ends; `at` itself when there is none. */
export const playableUntil = (ranges: readonly BufferedRange[], at: number): number => holding(ranges, at)?.end ?? at;

/** Where to continue when playback stands at the edge of a hole with media behind it; undefined otherwise. */
export const jumpTarget = (ranges: readonly BufferedRange[], at: number): number | undefined => {
  const here = holding(ranges, at);
  if (here !== undefined && here.end - at > DRY_SECONDS) return undefined;
  const from = here?.end ?? at;
  const next = ranges.find((range) => range.start > from && range.end - range.start > SAME_SECONDS);
  return next === undefined ? undefined : next.start + 0.001;
};

/** The nearest playable point to a wished one; undefined when nothing is buffered. */
export const clampToBuffered = (ranges: readonly BufferedRange[], wish: number): number | undefined => {
  if (holding(ranges, wish) !== undefined) return wish;
  const next = ranges.find((range) => range.start > wish);
  if (next !== undefined) return next.start + 0.001;
  const last = ranges.at(-1);
  return last === undefined ? undefined : Math.max(last.start, last.end - DRY_SECONDS);
};
