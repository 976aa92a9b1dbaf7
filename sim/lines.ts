/**
 * The lines people watch over: how much they carry each way, how far they are from the next exchange, what they lose.
 * Rates are multiples of the stream's bitrate. Lines are dealt from a shuffled deck, so that a hundred viewers in a row
 * have exactly the mean that the world promises, however small the swarm.
 */
import type { Random } from '../src/core/kit/random.ts';

/** A kind of line. */
export interface LineKind {
  readonly name: string;
  /** Of a hundred viewers, so many have it. */
  readonly perCent: number;
  readonly up: number;
  readonly down: number;
  /** One way to the next exchange. */
  readonly accessMs: number;
  /** Share of packets it loses where the world loses any. */
  readonly loss: number;
}

/** A viewer's line. */
export interface Line {
  readonly kind: LineKind;
  readonly up: number;
  readonly down: number;
  readonly accessMs: number;
  readonly loss: number;
}

/** A quarter cannot upload: phones on a data plan, and networks that let nothing in. The rest are asymmetric home lines. */
export const HOME_LINES: readonly LineKind[] = [
  { name: 'mobile', perCent: 15, up: 0, down: 8, accessMs: 25, loss: 0.004 },
  { name: 'blocked', perCent: 10, up: 0, down: 10, accessMs: 10, loss: 0.001 },
  { name: 'dsl', perCent: 30, up: 0.8, down: 10, accessMs: 12, loss: 0.002 },
  { name: 'cable', perCent: 27, up: 1.6, down: 40, accessMs: 8, loss: 0.001 },
  { name: 'fibre', perCent: 18, up: 3.2, down: 100, accessMs: 3, loss: 0 },
];

/** Everybody the same, for benches and tabs on one machine. */
export const EQUAL_LINES: readonly LineKind[] = [
  { name: 'equal', perCent: 100, up: 1, down: 100, accessMs: 0, loss: 0 },
];

const DECK = 100;
/** Lines of one kind differ by up to this share around their mean. */
const UP_SPREAD = 0.4;
const ACCESS_SPREAD = 0.5;

export class LineDeck {
  readonly #kinds: readonly LineKind[];
  readonly #upScale: number;
  readonly #random: Random;
  #deck: Line[] = [];

  /** @param upMean mean uplink over all viewers, in bitrates. */
  constructor(kinds: readonly LineKind[], upMean: number, random: Random) {
    this.#kinds = kinds;
    this.#upScale = (upMean * DECK) / kinds.reduce((sum, kind) => sum + kind.up * kind.perCent, 0);
    this.#random = random;
  }

  deal(): Line {
    const line = this.#deck.pop();
    if (line !== undefined) return line;
    this.#deck = this.#shuffled();
    return this.deal();
  }

  #shuffled(): Line[] {
    const deck = this.#kinds.flatMap((kind) => Array.from({ length: kind.perCent }, (_, at) => this.#line(kind, at)));
    for (let at = deck.length - 1; at > 0; at--) {
      const other = this.#random.below(at + 1);
      const kept = deck[at] as Line;
      deck[at] = deck[other] as Line;
      deck[other] = kept;
    }
    return deck;
  }

  /** Evenly spread around the mean of its kind. */
  #line(kind: LineKind, at: number): Line {
    const place = kind.perCent === 1 ? 0 : (2 * at) / (kind.perCent - 1) - 1;
    return {
      kind,
      up: kind.up * this.#upScale * (1 + UP_SPREAD * place),
      down: kind.down,
      accessMs: kind.accessMs * (1 + ACCESS_SPREAD * place),
      loss: kind.loss,
    };
  }
}
