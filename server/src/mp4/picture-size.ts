// Width and height of pictures, from the parameter sets in an AVC or HEVC decoder configuration.

import { BitReader } from './bit-reader.ts';

/** Pixels. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

const AVC_CHROMA_PROFILES = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135];
const HEVC_SPS = 33;
const SIDE_MAX = 16_384;

/** The size a configuration record says, or undefined when it cannot be read. */
export const pictureSize = (codec: 'avc' | 'hevc', record: Buffer): PictureSize | undefined => {
  const sps = codec === 'avc' ? avcSps(record) : hevcSps(record);
  if (sps === undefined) return undefined;
  const { width, height } = codec === 'avc' ? avcSize(sps) : hevcSize(sps);
  return width >= 1 && width <= SIDE_MAX && height >= 1 && height <= SIDE_MAX ? { width, height } : undefined;
};

const avcSps = (record: Buffer): Buffer | undefined => {
  if (record.length < 8 || (record.readUInt8(5) & 31) === 0) return undefined;
  return record.subarray(8, 8 + record.readUInt16BE(6));
};

const hevcSps = (record: Buffer): Buffer | undefined => {
  let at = 23;
  for (let array = record[22] ?? 0; array > 0 && at + 3 <= record.length; array--) {
    const kind = record.readUInt8(at) & 63;
    let count = record.readUInt16BE(at + 1);
    at += 3;
    for (; count > 0 && at + 2 <= record.length; count--) {
      const nal = record.subarray(at + 2, at + 2 + record.readUInt16BE(at));
      if (kind === HEVC_SPS) return nal;
      at += 2 + nal.length;
    }
  }
  return undefined;
};

const avcSize = (sps: Buffer): PictureSize => {
  const reader = new BitReader(sps.subarray(1));
  const profile = reader.bits(8);
  reader.skip(16);
  reader.ue();
  const chroma = AVC_CHROMA_PROFILES.includes(profile) ? avcChroma(reader) : 1;
  reader.ue();
  const order = reader.ue();
  if (order === 0) reader.ue();
  if (order === 1) {
    reader.skip(1);
    reader.se();
    reader.se();
    for (let left = Math.min(255, reader.ue()); left > 0; left--) reader.se();
  }
  reader.ue();
  reader.skip(1);
  const width = (reader.ue() + 1) * 16;
  const lines = reader.ue() + 1;
  const frames = reader.bits(1);
  if (frames === 0) reader.skip(1);
  reader.skip(1);
  const height = lines * 16 * (2 - frames);
  return cropped(
    reader,
    { width, height },
    { x: chroma === 1 || chroma === 2 ? 2 : 1, y: (chroma === 1 ? 2 : 1) * (2 - frames) },
  );
};

/** The fields that only the high profiles have. */
const avcChroma = (reader: BitReader): number => {
  const chroma = reader.ue();
  if (chroma === 3) reader.skip(1);
  reader.ue();
  reader.ue();
  reader.skip(1);
  if (reader.bits(1) === 0) return chroma;
  for (let list = 0; list < (chroma === 3 ? 12 : 8); list++) {
    if (reader.bits(1) === 1) skipScalingList(reader, list < 6 ? 16 : 64);
  }
  return chroma;
};

const skipScalingList = (reader: BitReader, size: number): void => {
  let last = 8;
  let next = 8;
  for (let n = 0; n < size; n++) {
    if (next !== 0) next = (last + reader.se() + 256) % 256;
    last = next === 0 ? last : next;
  }
};

const hevcSize = (sps: Buffer): PictureSize => {
  const reader = new BitReader(sps.subarray(2));
  reader.skip(4);
  const layers = reader.bits(3);
  reader.skip(1 + 88 + 8);
  const flags = Array.from({ length: layers }, () => ({ profile: reader.bits(1), level: reader.bits(1) }));
  if (layers > 0) reader.skip(2 * (8 - layers));
  for (const { profile, level } of flags) reader.skip(88 * profile + 8 * level);
  reader.ue();
  const chroma = reader.ue();
  if (chroma === 3) reader.skip(1);
  const size = { width: reader.ue(), height: reader.ue() };
  return cropped(reader, size, { x: chroma === 1 || chroma === 2 ? 2 : 1, y: chroma === 1 ? 2 : 1 });
};

const cropped = (
  reader: BitReader,
  { width, height }: PictureSize,
  unit: { readonly x: number; readonly y: number },
): PictureSize => {
  if (reader.bits(1) === 0) return { width, height };
  const [left, right, top, bottom] = [reader.ue(), reader.ue(), reader.ue(), reader.ue()];
  return { width: width - unit.x * (left + right), height: height - unit.y * (top + bottom) };
};
