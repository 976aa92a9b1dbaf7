// The sample with Opus sound, as a browser publishes it: ffmpeg encodes, and its packets become tags of enhanced FLV.

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { samplePath } from '../assets.ts';
import { AUDIO_TAG, FLV_HEADER, makeTag, readTags } from '../flv/tags.ts';

const HEADER = Buffer.from('\x90Opus', 'latin1');
const FRAME = Buffer.from('\x91Opus', 'latin1');
const FRAME_MS = 20;

/** One tag with its time. */
export interface TimedTag {
  readonly dtsMs: number;
  readonly bytes: Buffer;
}

/** File header, metadata and codec headers; and 8 s of frames. */
export const opusSample = async (): Promise<{ readonly prelude: Buffer; readonly frames: readonly TimedTag[] }> => {
  const args = ['-v', 'error', '-i', samplePath(), '-vn', '-c:a', 'libopus', '-frame_duration', '20', '-f', 'ogg', '-'];
  const { stdout } = await promisify(execFile)('ffmpeg', args, { encoding: 'buffer', maxBuffer: 16 * 1024 * 1024 });
  const [head = Buffer.alloc(0), , ...packets] = packetsOf(stdout);
  const tags = readTags(readFileSync(samplePath())).filter(({ type }) => type !== AUDIO_TAG);
  const sound = packets.map((packet, at) => {
    const dtsMs = at * FRAME_MS;
    return { dtsMs, bytes: makeTag(AUDIO_TAG, dtsMs, Buffer.concat([FRAME, packet])) };
  });
  const pictures = tags
    .filter(({ kind }) => kind === 'frame')
    .map(({ type, dtsMs, data }) => ({ dtsMs, bytes: makeTag(type, dtsMs, data) }));
  const configs = tags.filter(({ kind }) => kind === 'script' || kind === 'config');
  const prelude = Buffer.concat([
    FLV_HEADER,
    ...configs.map(({ type, data }) => makeTag(type, 0, data)),
    makeTag(AUDIO_TAG, 0, Buffer.concat([HEADER, head])),
  ]);
  return { prelude, frames: [...sound, ...pictures].sort((a, b) => a.dtsMs - b.dtsMs) };
};

/** The packets of an Ogg stream, whose pages end with whole packets or go on in the next. */
const packetsOf = (ogg: Buffer): Buffer[] => {
  const packets: Buffer[] = [];
  let open: Buffer[] = [];
  for (let at = 0; at + 27 <= ogg.length; ) {
    const count = ogg.readUInt8(at + 26);
    let body = at + 27 + count;
    for (const length of ogg.subarray(at + 27, at + 27 + count)) {
      open.push(ogg.subarray(body, body + length));
      body += length;
      if (length === 255) continue;
      packets.push(Buffer.concat(open));
      open = [];
    }
    at = body;
  }
  return packets;
};
