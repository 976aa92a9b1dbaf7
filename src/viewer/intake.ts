/**
 * Joins the parts of pieces as they come over links, until a piece is whole. It keeps what it was given, never copies:
 * the messages received are the messages sent on. Every link has a small, bounded number of pieces in the making.
 */
import type { Part } from '../wire/piece.ts';

/** Pieces in the making per link; the oldest gives way. */
const PARTIAL_MAX = 48;

/** A piece whose parts are all there. */
export interface WholePiece {
  readonly sequence: number;
  /** The part payloads in order: together the piece. */
  readonly payloads: readonly Uint8Array[];
  /** The messages as received, to be sent on. */
  readonly messages: readonly Uint8Array<ArrayBuffer>[];
}

interface Partial {
  readonly count: number;
  left: number;
  readonly payloads: (Uint8Array | undefined)[];
  readonly messages: (Uint8Array<ArrayBuffer> | undefined)[];
}

export class Intake {
  readonly #links = new Map<number, Map<number, Partial>>();

  /** Takes one part; the whole piece when it was the last one missing. */
  take(link: number, part: Part, message: Uint8Array<ArrayBuffer>): WholePiece | undefined {
    const partials = this.#of(link);
    let partial = partials.get(part.sequence);
    if (partial === undefined || partial.count !== part.count) {
      partial = { count: part.count, left: part.count, payloads: [], messages: [] };
      partials.set(part.sequence, partial);
      if (partials.size > PARTIAL_MAX) forgetOldest(partials);
    }
    if (partial.payloads[part.index] !== undefined) return undefined;
    partial.payloads[part.index] = part.payload;
    partial.messages[part.index] = message;
    partial.left--;
    if (partial.left > 0) return undefined;
    partials.delete(part.sequence);
    return { sequence: part.sequence, payloads: present(partial.payloads), messages: present(partial.messages) };
  }

  /** Forgets what one link has begun. */
  forget(link: number): void {
    this.#links.delete(link);
  }

  /** Forgets everything: another epoch begins. */
  clear(): void {
    this.#links.clear();
  }

  #of(link: number): Map<number, Partial> {
    let partials = this.#links.get(link);
    if (partials === undefined) {
      partials = new Map();
      this.#links.set(link, partials);
    }
    return partials;
  }
}

const forgetOldest = (partials: Map<number, Partial>): void => {
  const oldest = partials.keys().next();
  if (oldest.done !== true) partials.delete(oldest.value);
};

const present = <T>(list: readonly (T | undefined)[]): T[] =>
  list.filter((member): member is T => member !== undefined);
