/**
 * Which heads are believed: signed by a key the page pins, or by the key the origin's own connection told us first. A
 * neighbour can pass a head on but never introduce a key or another stream.
 */

import type { ByteCore } from '../../wasm/abi.ts';
import { type Fault, fault } from '../errors.ts';
import { sameBytes } from '../wire/bytes.ts';
import { decodeHead, HEAD_CONTEXT, type Head } from '../wire/head.ts';

/** In whose light a head is looked at. */
export interface HeadTrust {
  /** Keys the page pins; empty: the origin's connection is trusted. */
  readonly pinned: readonly Uint8Array[];
  /** The head that holds now. */
  readonly current: Head | undefined;
  readonly from: 'origin' | number;
}

/** The head inside, or why it is not believed. */
export const checkHead = (core: ByteCore, bytes: Uint8Array, trust: HeadTrust): Head | Fault => {
  const sealed = decodeHead(bytes);
  if ('kind' in sealed) return sealed;
  const { head, signed, signature } = sealed;
  const refusal = refusalOf(head, trust);
  if (refusal !== undefined) return refusal;
  const text = new Uint8Array(HEAD_CONTEXT.length + signed.length);
  text.set(HEAD_CONTEXT);
  text.set(signed, HEAD_CONTEXT.length);
  return core.verify(head.publicKey, text, signature) ? ownCopy(head) : fault('origin/bad-head', 'signature');
};

const refusalOf = (head: Head, { pinned, current, from }: HeadTrust): Fault | undefined => {
  if (pinned.length > 0) {
    if (!pinned.some((key) => sameBytes(key, head.publicKey))) return fault('origin/wrong-key', 'head');
  } else if (from !== 'origin' && (current === undefined || !sameBytes(current.publicKey, head.publicKey))) {
    return fault('origin/wrong-key', 'head of a neighbour');
  }
  const otherStream = from !== 'origin' && current !== undefined && !sameBytes(current.stream, head.stream);
  return otherStream ? fault('origin/bad-head', 'stream') : undefined;
};

/** A head outlives the message it came in. */
const ownCopy = (head: Head): Head => ({
  ...head,
  stream: head.stream.slice(),
  epoch: head.epoch.slice(),
  publicKey: head.publicKey.slice(),
  prelude: head.prelude.slice(),
});
