/**
 * The way between two viewers: who can reach whom, how long a message takes, and what a lost packet costs. A data channel
 * repairs a loss itself, quickly when more packets follow and after a timeout when none do, so loss is seen as lateness.
 */
import type { Random } from '../src/core/kit/random.ts';

/** What the network is like. */
export interface NetworkOptions {
  /** Share of pairs that cannot connect. */
  readonly unreachable: number;
  readonly rttMedianMs: number;
  /** 0: everybody is equally far away; 1: from half to nearly twice the median. */
  readonly rttSpread: number;
  /** Share of packets that are lost. */
  readonly loss: number;
}

/** Bytes of a packet a data channel fills. */
const PACKET_BYTES = 1_160;
const TIMEOUT_MS = 400;
/** Share of losses that later packets of the same link reveal. */
const REVEALED = 0.6;

export class Network {
  readonly #options: NetworkOptions;
  readonly #random: Random;

  constructor(options: NetworkOptions, random: Random) {
    this.#options = options;
    this.#random = random;
  }

  /** Half the round trip between a new viewer and the middle of the network. */
  reachMs(): number {
    return (this.#options.rttMedianMs / 4) * this.#spread();
  }

  /** Round trip between a new viewer and the origin. */
  originRttMs(): number {
    return this.#options.rttMedianMs * this.#spread();
  }

  reaches(a: string, b: string): boolean {
    return pairDice(a, b) >= this.#options.unreachable;
  }

  /** What losses add to the delay of a message of this size. */
  lossMs(bytes: number, rttMs: number): number {
    const { loss } = this.#options;
    if (loss === 0) return 0;
    const packets = Math.ceil(bytes / PACKET_BYTES);
    if (this.#random.unit() >= 1 - (1 - loss) ** packets) return 0;
    return this.#random.unit() < REVEALED ? 1.5 * rttMs : TIMEOUT_MS + rttMs;
  }

  #spread(): number {
    const { rttSpread } = this.#options;
    return 1 + rttSpread * (this.#random.between(0.5, 1.8) - 1);
  }
}

/** The same number in [0, 1) for a pair, whoever asks. */
const pairDice = (a: string, b: string): number => {
  const text = a < b ? a + b : b + a;
  let word = 2166136261;
  for (let at = 0; at < text.length; at++) word = Math.imul(word ^ text.charCodeAt(at), 16777619);
  return (word >>> 8) / 0x1_00_0000;
};
