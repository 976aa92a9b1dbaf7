/**
 * What reached one viewer and was of use to it: each piece once, from whomever its last byte came first. Knows the bytes on
 * the wire and nothing of the viewer.
 */
import { decodePart, decodePieceHeader, PIECE_FRAME } from '../../src/wire/piece.ts';

interface Partial {
  readonly indices: Set<number>;
  bytes: number;
}

/** One viewer's. */
export class UsefulBytes {
  /** Bytes of messages that made pieces whole, and of all messages. */
  useful = 0;
  all = 0;
  readonly #held = new Set<string>();
  /** Per link: pieces that are not whole yet. */
  readonly #partials = new WeakMap<object, Map<string, Partial>>();

  /** A frame from the origin. */
  frame(bytes: Uint8Array): void {
    const header = bytes[0] === PIECE_FRAME ? decodePieceHeader(bytes) : undefined;
    if (header?.kind === 'piece') this.#held.add(`${header.epochTag} ${header.sequence}`);
  }

  /** A message on the pieces channel of a link. */
  message(link: object, bytes: Uint8Array): void {
    this.all += bytes.length;
    const part = decodePart(bytes);
    if (part.kind === 'fault') return;
    const name = `${part.epochTag} ${part.sequence}`;
    if (this.#held.has(name)) return;
    const partials = this.#partials.get(link) ?? new Map<string, Partial>();
    this.#partials.set(link, partials);
    const partial = partials.get(name) ?? { indices: new Set(), bytes: 0 };
    partials.set(name, partial);
    if (partial.indices.has(part.index)) return;
    partial.indices.add(part.index);
    partial.bytes += bytes.length;
    if (partial.indices.size < part.count) return;
    this.#held.add(name);
    partials.delete(name);
    this.useful += partial.bytes;
  }
}
