// FLV in memory: the tags of a whole file, and making tags. The live path does not come here; the byte core scans it.

/** Kinds of tags. */
export const AUDIO_TAG = 8;
export const VIDEO_TAG = 9;
export const SCRIPT_TAG = 18;

/** A file header that announces both sound and pictures, with the PreviousTagSize after it. */
export const FLV_HEADER: Buffer = Buffer.from([0x46, 0x4c, 0x56, 1, 5, 0, 0, 0, 9, 0, 0, 0, 0]);

const TAG_HEADER_BYTES = 11;
const SIZE_BYTES = 4;

/** One tag of a buffer. */
export interface Tag {
  readonly type: number;
  readonly dtsMs: number;
  readonly data: Buffer;
  readonly kind: TagKind;
}

/** What a tag holds: a frame, a codec header, metadata, or the word that a file ends here. */
export type TagKind = 'frame' | 'config' | 'script' | 'end';

/** The tags of a buffer that begins with a file header; ends at the first byte that fits no tag. */
export const readTags = (file: Buffer): Tag[] => {
  const tags: Tag[] = [];
  let at = file.length >= 9 ? file.readUInt32BE(5) + SIZE_BYTES : file.length;
  while (at + TAG_HEADER_BYTES <= file.length) {
    const type = file.readUInt8(at) & 0x1f;
    const length = file.readUIntBE(at + 1, 3);
    const dtsMs = (file.readUIntBE(at + 4, 3) | (file.readUInt8(at + 7) << 24)) >>> 0;
    const data = file.subarray(at + TAG_HEADER_BYTES, at + TAG_HEADER_BYTES + length);
    if (data.length < length) break;
    tags.push({ type, dtsMs, data, kind: kindOf(type, data) });
    at += TAG_HEADER_BYTES + length + SIZE_BYTES;
  }
  return tags;
};

/** What a tag of a type holds. */
export const kindOf = (type: number, data: Buffer): TagKind => {
  const first = data[0] ?? 0;
  if (type === SCRIPT_TAG) return 'script';
  if (type === AUDIO_TAG) {
    const aac = first >> 4 === 10 && data[1] === 0;
    return aac || (first >> 4 === 9 && (first & 15) === 0) ? 'config' : 'frame';
  }
  const enhanced = (first & 0x80) !== 0;
  if (!enhanced && ![7, 12].includes(first & 15)) return 'frame';
  const packet = enhanced ? first & 15 : data[1];
  return packet === 0 ? 'config' : packet === 2 ? 'end' : 'frame';
};

/** A whole tag. */
export const makeTag = (type: number, dtsMs: number, data: Uint8Array): Buffer => {
  const tag = Buffer.allocUnsafe(TAG_HEADER_BYTES + data.length + SIZE_BYTES);
  tag.writeUInt8(type, 0);
  tag.writeUIntBE(data.length, 1, 3);
  tag.writeUIntBE(dtsMs & 0xffffff, 4, 3);
  tag.writeUInt8((dtsMs >>> 24) & 0xff, 7);
  tag.writeUIntBE(0, 8, 3);
  tag.set(data, TAG_HEADER_BYTES);
  tag.writeUInt32BE(TAG_HEADER_BYTES + data.length, TAG_HEADER_BYTES + data.length);
  return tag;
};
