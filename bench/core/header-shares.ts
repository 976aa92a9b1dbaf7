/**
 * What pieces cost in bytes: header and signature, and the part headers of links, as a share of what is sent, for a real
 * stream cut as it arrives live.
 */

import { readTags } from '../../server/src/flv/tags.ts';
import { PIECE_BODY_AT } from '../../src/wire/limits.ts';
import { partsBytes } from '../../src/wire/piece.ts';
import { ByteCore } from '../../wasm/abi.ts';
import type { Figures } from '../harness/bench.ts';
import { cutAll } from './piece-path.ts';

/** Cuts a file at its own pace, and says what the pieces add to it. */
export const headerShares = async (wasm: BufferSource, flv: Uint8Array): Promise<Figures> => {
  const core = await ByteCore.load(wasm);
  const tags = readTags(Buffer.from(flv));
  const durationMs = (tags.at(-1)?.dtsMs ?? 0) - (tags[0]?.dtsMs ?? 0);
  const chunk = 1400;
  const chunks = Array.from({ length: Math.ceil(flv.length / chunk) }, (_, index) =>
    flv.subarray(index * chunk, (index + 1) * chunk),
  );
  const { pieces } = cutAll(core, chunks, flv.length / durationMs);
  const wire = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const onLinks = pieces.reduce((sum, piece) => sum + partsBytes(piece.length), 0);
  return {
    streamKbps: (flv.length * 8) / durationMs,
    piecesPerSec: (pieces.length * 1000) / durationMs,
    headerBytesPercent: (pieces.length * PIECE_BODY_AT * 100) / wire,
    partHeaderBytesPercent: ((onLinks - wire) * 100) / wire,
  };
};
