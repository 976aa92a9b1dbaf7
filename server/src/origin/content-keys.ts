// What a viewer is told of the content keys: in clear over its admitted connection, or wrapped under the key of its code.

import { randomBytes } from 'node:crypto';
import { Writer } from '../../../src/wire/bytes.ts';
import { encodeOriginFrame } from '../../../src/wire/origin.ts';
import type { ByteCore } from '../../../wasm/abi.ts';
import type { Epoch } from './epoch.ts';

/** Makes the key frame of a generation, or undefined when it may not be had (yet, or any more). */
export type KeyFrames = (
  epoch: Epoch,
  generation: number,
  nextInMs: number,
) => Buffer | undefined | Promise<Buffer | undefined>;

/** For whoever carries pieces and does not read them. */
export const noKeyFrames: KeyFrames = () => undefined;

const NONCE_BYTES = 24;

/** What a wrapped key is bound to: stream, epoch and generation. */
export const wrapContext = (stream: Uint8Array, epoch: Uint8Array, generation: number): Uint8Array<ArrayBuffer> =>
  new Writer(64).bytes(stream).bytes(epoch).u16(generation).finish();

/** Key frames for one viewer; `codeKey` is absent when it gave no code. */
export const keyFramesFor =
  (core: ByteCore, stream: Uint8Array, codeKey: Uint8Array | undefined): KeyFrames =>
  (epoch, generation, nextInMs) => {
    const near = generation >= epoch.generation - 1 && generation <= epoch.generation + 1;
    const key = near ? epoch.contentKey(generation) : undefined;
    if (key === undefined) return undefined;
    const context = wrapContext(stream, epoch.id, generation);
    const told = codeKey === undefined ? key : core.wrapKey(codeKey, randomBytes(NONCE_BYTES), context, key);
    return Buffer.from(
      encodeOriginFrame({ kind: 'key', generation, wrapped: codeKey !== undefined, nextInMs, key: told }),
    );
  };
