// HEVC as enhanced FLV, which ffmpeg 5.1 does not write: it encodes into MP4, and the samples of that become tags.

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { FLV_HEADER, makeTag, VIDEO_TAG } from '../flv/tags.ts';

const FRAME_MS = 40;
const KEYFRAME_EVERY = 25;

/** So many seconds of moving bars, 322x182, a keyframe each second. */
export const hevcSample = async (seconds: number): Promise<Buffer> => {
  const mp4 = await encode(seconds);
  const config = contentOf(mp4, 'hvcC');
  const sizes = contentOf(mp4, 'stsz');
  const media = contentOf(mp4, 'mdat');
  const tags = [videoTag(0, 0x90, config)];
  let at = 0;
  for (let frame = 0; frame < sizes.readUInt32BE(8); frame++) {
    const size = sizes.readUInt32BE(12 + 4 * frame);
    const first = frame % KEYFRAME_EVERY === 0 ? 0x93 : 0xa3;
    tags.push(videoTag(frame * FRAME_MS, first, media.subarray(at, at + size)));
    at += size;
  }
  return Buffer.concat([FLV_HEADER, ...tags]);
};

const videoTag = (dtsMs: number, first: number, body: Buffer): Buffer =>
  makeTag(VIDEO_TAG, dtsMs, Buffer.concat([Buffer.from([first]), Buffer.from('hvc1'), body]));

const encode = async (seconds: number): Promise<Buffer> => {
  const folder = await mkdtemp(join(tmpdir(), 'shoal-hevc-'));
  const file = join(folder, 'a.mp4');
  const source = ['-v', 'error', '-f', 'lavfi', '-i', `testsrc=size=322x182:rate=25:duration=${seconds}`];
  const codec = ['-c:v', 'libx265', '-preset', 'ultrafast', '-tag:v', 'hvc1', '-pix_fmt', 'yuv420p'];
  const params = [
    '-x265-params',
    `bframes=0:keyint=${KEYFRAME_EVERY}:min-keyint=${KEYFRAME_EVERY}:scenecut=0:log-level=0`,
  ];
  try {
    await promisify(execFile)('ffmpeg', [...source, ...codec, ...params, file]);
    return await readFile(file);
  } finally {
    await rm(folder, { recursive: true });
  }
};

/** What the first box of a kind holds. */
const contentOf = (mp4: Buffer, kind: string): Buffer => {
  const at = mp4.indexOf(kind, 0, 'latin1');
  if (at < 4) throw new Error(`no ${kind}`);
  return mp4.subarray(at + 4, at - 4 + mp4.readUInt32BE(at - 4));
};
