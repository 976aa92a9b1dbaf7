import { expect, it } from 'vitest';
import { FlvTimeline } from './flv-timeline.ts';

const header = (flags: number): number[] => [0x46, 0x4c, 0x56, 1, flags, 0, 0, 0, 9, 0, 0, 0, 0];

const tag = (kind: number, ms: number, data: readonly number[]): number[] => {
  const size = data.length;
  const head = [kind, 0, size >> 8, size & 255, (ms >> 16) & 255, (ms >> 8) & 255, ms & 255, (ms >> 24) & 255, 0, 0, 0];
  const whole = 11 + size;
  return [...head, ...data, 0, 0, whole >> 8, whole & 255];
};

const AVC_CONFIG = [0x17, 0, 0, 0, 0, 1];
const AVC_FRAME = [0x17, 1, 0, 0, 0, 9];
const AAC_CONFIG = [0xaf, 0, 0x12];
const AAC_FRAME = [0xaf, 1, 7];
const HEVC_CONFIG = [0x90, 0x68, 0x76, 0x63, 0x31];
const HEVC_FRAME_X = [0x93, 0x68, 0x76, 0x63, 0x31, 5];
const OPUS_CONFIG = [0x90, 0x4f, 0x70, 0x75, 0x73];
const OPUS_FRAME = [0x91, 0x4f, 0x70, 0x75, 0x73, 5];
const SCRIPT = [2, 0, 1, 1];

const baseOf = (...buffers: readonly (readonly number[])[]): number | undefined => {
  const timeline = new FlvTimeline();
  for (const bytes of buffers) timeline.push(Uint8Array.from(bytes).buffer);
  return timeline.baseMs;
};

const prelude = [...header(5), ...tag(18, 0, SCRIPT), ...tag(9, 0, AVC_CONFIG), ...tag(8, 0, AAC_CONFIG)];

it('takes the earliest first sample of the batch that starts the demuxer', () => {
  expect(baseOf(prelude, [...tag(9, 5000, AVC_FRAME), ...tag(8, 4980, AAC_FRAME)])).toBe(4980);
  expect(baseOf(prelude, tag(9, 5000, AVC_FRAME), tag(8, 4980, AAC_FRAME))).toBe(5000);
  expect(baseOf(prelude)).toBeUndefined();
});

it('waits, as mpegts.js does, until every announced track has its configuration', () => {
  const videoOnly = [...header(5), ...tag(9, 0, AVC_CONFIG), ...tag(9, 100, AVC_FRAME)];
  expect(baseOf(videoOnly)).toBeUndefined();
  expect(baseOf(videoOnly, [...tag(8, 90, AAC_CONFIG), ...tag(8, 95, AAC_FRAME)])).toBe(95);
});

it('knows enhanced FLV, tracks that need no configuration, and streams of one track', () => {
  const enhanced = [...header(5), ...tag(9, 0, HEVC_CONFIG), ...tag(8, 0, OPUS_CONFIG)];
  expect(baseOf(enhanced, [...tag(9, 70, HEVC_FRAME_X), ...tag(8, 60, OPUS_FRAME)])).toBe(60);
  expect(baseOf(header(4), tag(8, 40, [0x2f, 1, 2]))).toBe(40);
  expect(baseOf([...header(1), ...tag(9, 0, AVC_CONFIG)], tag(9, 30, AVC_FRAME))).toBe(30);
});

it('reads timestamps above 24 bits', () => {
  expect(baseOf([...header(1), ...tag(9, 0, AVC_CONFIG)], tag(9, 0x0234_5678, AVC_FRAME))).toBe(0x0234_5678);
});

it('ends at a tag that is cut off', () => {
  expect(baseOf(prelude, tag(9, 5000, AVC_FRAME).slice(0, 14))).toBeUndefined();
});
