// Who a stream is: its path, its id, and the keys its pieces are signed and encrypted with.

import { ascii } from '../../../src/wire/bytes.ts';
import { STREAM_CONTEXT } from '../../../src/wire/head.ts';
import type { ByteCore } from '../../../wasm/abi.ts';

/** The origin's own keys. */
export interface OriginKeys {
  readonly seed: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** The id of a stream: the same on every host that serves it. */
export const streamId = (core: ByteCore, publicKey: Uint8Array, path: string): Uint8Array<ArrayBuffer> =>
  core.blake3(Buffer.concat([STREAM_CONTEXT, publicKey, ascii(path)]));

/** A further key of the same origin, for another use. */
export const deriveSeed = (core: ByteCore, seed: Uint8Array, use: string): Uint8Array<ArrayBuffer> =>
  core.blake3(Buffer.concat([ascii(`shoal ${use} seed v1`), seed]));
