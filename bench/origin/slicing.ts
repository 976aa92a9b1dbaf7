/**
 * How fast the origin's own work on bytes is: scanning, marking, cutting, encrypting and signing, one core.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readByteCore, samplePath } from '../../server/src/assets.ts';
import { FlvLoop } from '../../server/src/sources/flv-loop.ts';
import { ByteCore } from '../../wasm/abi.ts';

const CHUNK_BYTES = 16 * 1024;
const ROUND_MS = 8000;

/** Megabytes of FLV a second, over at least so long. */
export const sliceSignRate = async (seconds: number): Promise<number> => {
  const core = await ByteCore.load(await readByteCore());
  const loop = new FlvLoop(readFileSync(samplePath()));
  const cutter = core.createCutter({
    stream: randomBytes(32),
    epoch: randomBytes(10),
    signingSeed: randomBytes(32),
    contentSecret: randomBytes(32),
  });
  let untilMs = 0;
  let bytes = 0;
  let pieces = 0;
  const round = (flv: Buffer): void => {
    for (let at = 0; at < flv.length; at += CHUNK_BYTES) {
      cutter.push(flv.subarray(at, at + CHUNK_BYTES), untilMs);
      for (let event = cutter.next(); event !== undefined; event = cutter.next()) if (event.kind === 'piece') pieces++;
    }
    bytes += flv.length;
  };
  round(loop.preamble);
  // Warm first, and the sample's own making outside of what is timed.
  untilMs += ROUND_MS;
  round(loop.take(untilMs));
  bytes = 0;
  let usedMs = 0;
  while (usedMs < seconds * 1000) {
    untilMs += ROUND_MS;
    const flv = loop.take(untilMs);
    const began = performance.now();
    round(flv);
    usedMs += performance.now() - began;
  }
  cutter.free();
  if (pieces === 0) throw new Error('nothing was cut');
  return bytes / 1e6 / (usedMs / 1000);
};
