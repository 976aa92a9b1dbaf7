// Pictures of running streams: the newest keyframe, made into a JPEG by ffmpeg.

import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ShoalError } from '../../../src/errors.ts';
import type { Clock } from '../clock.ts';
import type { Ffmpeg } from '../ffmpeg.ts';
import { packetOf } from '../flv/packets.ts';
import { fragment } from '../mp4/fragment.ts';
import { initSegment } from '../mp4/init-segment.ts';
import { pictureTrack } from '../mp4/track.ts';
import type { Stream } from '../origin/stream.ts';
import { keptTags } from '../origin/tag-tap.ts';
import { diskError } from './growing-file.ts';
import type { Picture } from './record-events.ts';

/** A picture that is kept. */
export interface KeptPicture {
  readonly name: string;
  readonly code: string;
  readonly createdMs: number;
  readonly bytes: number;
}

/** What they work with. */
export interface ScreenshotParts {
  readonly clock: Clock;
  readonly ffmpeg: Ffmpeg;
  /** Folder of all pictures, by app. */
  readonly root: string;
}

const NAME = /^(\d{13})-(\d{1,9}_[0-9a-f]{32})-[0-9a-f]{16}\.jpg$/;
const JPEG_BYTES_MAX = 32 * 1024 * 1024;
const MAKE_MS = 15_000;
const ARGUMENTS = [
  '-f',
  'mp4',
  '-i',
  'pipe:0',
  '-frames:v',
  '1',
  '-q:v',
  '3',
  '-f',
  'image2pipe',
  '-c:v',
  'mjpeg',
  'pipe:1',
];

/** Whether a text may name a picture. */
export const isPictureName = (name: string): boolean => NAME.test(name);

/** See above. */
export class Screenshots {
  readonly #parts: ScreenshotParts;

  constructor(parts: ScreenshotParts) {
    this.#parts = parts;
  }

  /** Takes one; rejects with a ShoalError. */
  async take(bizid: number, code: string, stream: Stream | undefined): Promise<Picture> {
    const { clock, ffmpeg, root } = this.#parts;
    const still = stream === undefined ? undefined : stillOf(stream);
    if (still === undefined) throw new ShoalError('record/no-picture');
    if (!(await ffmpeg.available())) throw new ShoalError('record/no-ffmpeg');
    const jpeg = await this.#make(still);
    const createdMs = clock.wall();
    const name = `${String(createdMs).padStart(13, '0')}-${code}-${randomBytes(8).toString('hex')}.jpg`;
    try {
      await mkdir(join(root, String(bizid)), { recursive: true });
      const path = join(root, String(bizid), name);
      await writeFile(`${path}.new`, jpeg);
      await rename(`${path}.new`, path);
    } catch (cause) {
      throw diskError(cause);
    }
    return { name, createdMs, bytes: jpeg.length, ...jpegSize(jpeg) };
  }

  /** The pictures of an app, oldest first. */
  async list(bizid: number): Promise<readonly KeptPicture[]> {
    const dir = join(this.#parts.root, String(bizid));
    const names = (await readdir(dir).catch(() => [])).sort();
    const kept: KeptPicture[] = [];
    for (const name of names) {
      const [, createdMs, code] = NAME.exec(name) ?? [];
      const size = code === undefined ? undefined : await stat(join(dir, name)).catch(() => undefined);
      if (code !== undefined && size !== undefined) {
        kept.push({ name, code, createdMs: Number(createdMs), bytes: size.size });
      }
    }
    return kept;
  }

  /** Forgets what is older, and what a crash left half written. */
  async forgetBefore(bizid: number, wallMs: number): Promise<void> {
    const dir = join(this.#parts.root, String(bizid));
    for (const name of await readdir(dir).catch(() => [])) {
      const createdMs = Number(name.slice(0, 13));
      if (createdMs < wallMs) await rm(join(dir, name), { force: true });
    }
  }

  #make(mp4: Buffer): Promise<Buffer> {
    const { clock, ffmpeg } = this.#parts;
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let length = 0;
      const fail = (detail: string): void => reject(new ShoalError('record/failed', { detail }));
      const timer = clock.after(MAKE_MS, () => {
        run.stop();
        fail('ffmpeg takes too long');
      });
      const run = ffmpeg.start(ARGUMENTS, {
        bytes: (chunk) => {
          length += chunk.length;
          if (length <= JPEG_BYTES_MAX) chunks.push(chunk);
        },
        ended: (detail) => {
          timer.cancel();
          const jpeg = Buffer.concat(chunks);
          if (jpeg.length > 0 && length <= JPEG_BYTES_MAX) resolve(jpeg);
          else fail(detail === '' ? 'ffmpeg made no picture' : detail);
        },
      });
      run.write(mp4);
      run.finish();
    });
  }
}

/** The newest keyframe of a stream as an MP4 file of one picture; undefined when there is none. */
const stillOf = ({ epoch }: Stream): Buffer | undefined => {
  if (epoch === undefined) return undefined;
  let file: Buffer | undefined;
  let track: ReturnType<typeof pictureTrack> | undefined;
  for (const tag of keptTags(epoch)) {
    const packet = packetOf(tag);
    if (packet?.of !== 'picture' || (packet.codec !== 'avc' && packet.codec !== 'hevc')) continue;
    if (packet.kind === 'config') track = pictureTrack(packet.codec, packet.body);
    else if (packet.kind === 'frame' && packet.keyframe && track !== undefined) {
      const sample = { data: packet.body, time: 0, duration: track.timescale / 25, offset: 0, keyframe: true };
      file = Buffer.concat([initSegment([track]), fragment(1, [{ track: track.id, samples: [sample] }])]);
    }
  }
  return file;
};

const MARKER = 0xff;
const START_OF_SCAN = 0xda;

/** Width and height as the frame header of a JPEG says them. */
const jpegSize = (jpeg: Buffer): { readonly width: number; readonly height: number } => {
  for (let at = 2; at + 9 <= jpeg.length && jpeg[at] === MARKER; at += 2 + jpeg.readUInt16BE(at + 2)) {
    const kind = jpeg.readUInt8(at + 1);
    const isFrame = kind >= 0xc0 && kind <= 0xcf && kind !== 0xc4 && kind !== 0xc8 && kind !== 0xcc;
    if (isFrame) return { height: jpeg.readUInt16BE(at + 5), width: jpeg.readUInt16BE(at + 7) };
    if (kind === START_OF_SCAN) break;
  }
  return { width: 0, height: 0 };
};
