// The slow obvious FLV reader that tests compare the byte core with: whole buffer in, list of tags out, and an
// exception (this is test code) as soon as a byte is not as it should be.

/** One tag of a stream. */
export interface FlvTag {
  readonly type: 'audio' | 'video' | 'script';
  readonly dtsMs: number;
  /** Where the tag begins in the buffer. */
  readonly byteOffset: number;
  /** The whole tag: header, data and PreviousTagSize. */
  readonly bytes: Uint8Array;
  /** The data alone. */
  readonly data: Uint8Array;
  readonly keyframe: boolean;
  readonly codecHeader: boolean;
}

const TYPES = new Map([
  [8, 'audio'],
  [9, 'video'],
  [18, 'script'],
] as const);

/** Length of the file header with its PreviousTagSize, or 0 when the buffer begins with a tag. */
export const fileHeaderBytes = (bytes: Uint8Array): number =>
  bytes[0] === 0x46 && bytes[1] === 0x4c && bytes[2] === 0x56 ? 13 : 0;

const videoFacts = (data: Uint8Array): { keyframe: boolean; codecHeader: boolean } => {
  const first = data[0] ?? 0;
  const key = ((first >> 4) & 7) === 1;
  if ((first & 0x80) !== 0) {
    const packet = first & 15;
    return { keyframe: key && (packet === 1 || packet === 3), codecHeader: packet === 0 };
  }
  const framed = (first & 15) === 7 || (first & 15) === 12;
  if (!framed) return { keyframe: key, codecHeader: false };
  return { keyframe: key && data[1] === 1, codecHeader: data[1] === 0 };
};

const audioHeader = (data: Uint8Array): boolean => {
  const first = data[0] ?? 0;
  if (first >> 4 === 10) return data[1] === 0;
  return first >> 4 === 9 && (first & 15) === 0;
};

/** All tags of a buffer that holds whole tags only, with or without a file header. */
export const flvTags = (bytes: Uint8Array): FlvTag[] => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tags: FlvTag[] = [];
  let at = fileHeaderBytes(bytes);
  while (at < bytes.length) {
    const type = TYPES.get(bytes[at] as 8 | 9 | 18);
    const size = view.getUint32(at) & 0xffffff;
    const dts = view.getUint32(at + 4);
    const end = at + 11 + size + 4;
    if (type === undefined || end > bytes.length) throw new Error(`broken tag at ${at}`);
    if (view.getUint32(end - 4) !== 11 + size) throw new Error(`wrong PreviousTagSize at ${end - 4}`);
    const data = bytes.subarray(at + 11, end - 4);
    const facts =
      type === 'video' ? videoFacts(data) : { keyframe: false, codecHeader: type === 'audio' && audioHeader(data) };
    tags.push({
      type,
      dtsMs: ((dts >>> 8) | ((dts & 0xff) << 24)) >>> 0,
      byteOffset: at,
      bytes: bytes.subarray(at, end),
      data,
      ...facts,
    });
    at = end;
  }
  return tags;
};
