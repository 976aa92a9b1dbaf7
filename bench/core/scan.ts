/**
 * Scanning FLV with the bytes delivered to JavaScript: each chunk goes into the scanner, and what comes out are its
 * tags, one by one, and their bytes in one run: in a buffer that is used again, or in a fresh one for each chunk. Beside
 * the latter stands what it cannot do without: copying in, and a fresh buffer.
 */
import type { ByteCore } from '../../wasm/abi.ts';
import type { Variant } from '../harness/rounds.ts';
import { demuxAll } from './mpegts-flv.ts';

const POOLED_BYTES = 256 * 1024;

/** What a scan found: it must agree with the demuxer it is compared to. */
export interface Scanned {
  readonly tags: number;
  readonly frames: number;
  readonly bytes: number;
}

/** Scans a whole stream; without `into` every run is delivered in a fresh buffer. */
export const scanAll = (core: ByteCore, chunks: readonly Uint8Array[], into?: Uint8Array<ArrayBuffer>): Scanned => {
  const scanner = core.createScanner();
  let tags = 0;
  let frames = 0;
  let bytes = 0;
  for (const chunk of chunks) {
    scanner.push(chunk);
    bytes += (into === undefined ? scanner.run() : scanner.runInto(into))?.length ?? 0;
    for (let tag = scanner.next(); tag !== undefined; tag = scanner.next()) {
      tags++;
      if (tag.type !== 'script' && !tag.codecHeader) frames++;
    }
  }
  scanner.free();
  return { tags, frames, bytes };
};

/** Scanner, mpegts.js and the floor, each over the whole stream. */
export const scanVariants = (
  core: ByteCore,
  chunks: readonly Uint8Array<ArrayBuffer>[],
): Readonly<Record<string, Variant>> => {
  const total = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const kernels = core.kernels();
  const pooled = new Uint8Array(POOLED_BYTES);
  return {
    scan: () => {
      scanAll(core, chunks, pooled);
      return total;
    },
    scanFresh: () => {
      scanAll(core, chunks);
      return total;
    },
    mpegtsRemux: () => {
      demuxAll(chunks, true);
      return total;
    },
    mpegtsDemux: () => {
      demuxAll(chunks, false);
      return total;
    },
    freshCopies: () => {
      for (const chunk of chunks) {
        kernels.copyIn(chunk);
        kernels.copyOut(new Uint8Array(chunk.length));
      }
      return total;
    },
  };
};
