/**
 * Little FLVs for tests: tags that say what they are, and what a reader sees in bytes.
 */

/** One tag of a test. */
export interface TestTag {
  readonly kind: 'script' | 'video-config' | 'video' | 'audio';
  readonly atMs: number;
}

const BODIES: Readonly<Record<TestTag['kind'], readonly [number, readonly number[]]>> = {
  script: [18, [2, 0, 1]],
  'video-config': [9, [0x17, 0, 0, 0, 0]],
  video: [9, [0x17, 1, 0, 0, 0, 7]],
  audio: [8, [0xaf, 1, 5]],
};

/** `FLV`, version, flags, and the first previous-tag size. */
export const FILE_HEADER = Uint8Array.from([0x46, 0x4c, 0x56, 1, 5, 0, 0, 0, 9, 0, 0, 0, 0]);

/** A tag's bytes. */
export const tagOf = (kind: TestTag['kind'], atMs: number): Uint8Array => {
  const [type, body] = BODIES[kind];
  const tag = new Uint8Array(11 + body.length + 4);
  const view = new DataView(tag.buffer);
  view.setUint32(0, (type << 24) | body.length);
  view.setUint32(4, (((atMs & 0xff_ffff) << 8) | (atMs >>> 24)) >>> 0);
  tag.set(body, 11);
  view.setUint32(11 + body.length, 11 + body.length);
  return tag;
};

/** Bytes in a row, in a buffer of their own. */
export const rowOf = (...parts: readonly Uint8Array[]): ArrayBuffer => {
  const row = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    row.set(part, at);
    at += part.length;
  }
  return row.buffer;
};

/** What a reader sees: `header`, or a tag's kind and time. */
export const readFlv = (...buffers: readonly (ArrayBuffer | undefined)[]): readonly string[] => {
  const seen: string[] = [];
  for (const buffer of buffers) {
    if (buffer === undefined) continue;
    const view = new DataView(buffer);
    let at = 0;
    if (buffer.byteLength >= 13 && view.getUint8(0) === 0x46 && view.getUint8(1) === 0x4c) {
      seen.push('header');
      at = 13;
    }
    while (at < buffer.byteLength) {
      const size = view.getUint32(at) & 0xff_ffff;
      const time = ((view.getUint32(at + 4) >>> 8) | (view.getUint8(at + 7) << 24)) >>> 0;
      seen.push(`${nameOf(view, at)} ${time}`);
      at += 11 + size + 4;
    }
  }
  return seen;
};

const nameOf = (view: DataView, at: number): string => {
  const type = view.getUint8(at);
  if (type === 18) return 'script';
  if (type === 8) return 'audio';
  return view.getUint8(at + 12) === 0 ? 'video-config' : 'video';
};
