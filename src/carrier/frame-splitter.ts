/**
 * Cuts the bytes of a `.pieces` response into frames, however the network chunked them. Keeps at most one unfinished
 * frame, whose size the wire's limits bound.
 */
import type { Fault } from '../errors.ts';
import { frameLength } from '../wire/origin.ts';

/** Turns chunks into whole frames. */
export class FrameSplitter {
  #rest: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  readonly #frame: (bytes: Uint8Array<ArrayBuffer>) => void;

  constructor(frame: (bytes: Uint8Array<ArrayBuffer>) => void) {
    this.#frame = frame;
  }

  /** Takes a chunk; each frame is handed out in a buffer of its own. A fault ends the stream. */
  push(chunk: Uint8Array): Fault | undefined {
    const bytes = joined(this.#rest, chunk);
    let at = 0;
    for (;;) {
      const length = frameLength(bytes.subarray(at));
      if (typeof length !== 'number') return length;
      if (length === 0 || at + length > bytes.length) break;
      this.#frame(bytes.slice(at, at + length));
      at += length;
    }
    this.#rest = bytes.slice(at);
    return undefined;
  }
}

const joined = (a: Uint8Array, b: Uint8Array): Uint8Array => {
  if (a.length === 0) return b;
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
};
