// Which heads a relay believes: those of the stream it relays, signed by the root origin, whoever hands them on.

import { type Fault, fault } from '../../../src/errors.ts';
import { sameBytes } from '../../../src/wire/bytes.ts';
import { decodeHead, HEAD_CONTEXT, type Head } from '../../../src/wire/head.ts';
import type { ByteCore } from '../../../wasm/abi.ts';

/** Who the stream is. */
export interface Expected {
  readonly id: Uint8Array;
  readonly originKey: Uint8Array;
}

/** The head inside, or why it is not believed. */
export const checkUpstreamHead = (core: ByteCore, bytes: Uint8Array, expected: Expected): Head | Fault => {
  const sealed = decodeHead(bytes);
  if ('kind' in sealed) return sealed;
  const { head, signed, signature } = sealed;
  if (!sameBytes(head.publicKey, expected.originKey)) return fault('origin/wrong-key', 'head of an upstream');
  if (!sameBytes(head.stream, expected.id)) return fault('origin/bad-head', 'another stream');
  const good = core.verify(head.publicKey, Buffer.concat([HEAD_CONTEXT, signed]), signature);
  return good ? head : fault('origin/bad-head', 'signature');
};
