/**
 * The ways between people: how far apart two of them are, who can connect, what is lost, and how much one data channel
 * carries over such a way.
 */
import { Random } from '../src/core/kit/random.ts';
import { LOSS_REVEALED, LOSS_TIMEOUT_MS, REVEALED_RTTS, WINDOW_BYTES } from './calibration/real-links.ts';
import { HOME_LINES, type Line, LineDeck, type LineKind } from './lines.ts';

/** What the network is like. */
export interface NetworkOptions {
  readonly lines: readonly LineKind[];
  /** Share of pairs that cannot connect. */
  readonly unreachable: number;
  /** Over pairs of viewers. */
  readonly rttMedianMs: number;
  /** 0: everybody is equally far away; 1: regions and access lines as they are. */
  readonly rttSpread: number;
  /** Share of packets lost on every way, besides what the lines lose. */
  readonly loss: number;
  /** What the lines lose counts so much. */
  readonly lineLoss: number;
  /** Messages take up to so much longer by chance. */
  readonly jitterMs: number;
}

/** Where somebody is. */
export interface Place {
  readonly region: number;
  readonly line: Line;
}

/** Share of the viewers, and round trips between regions' exchanges before they are scaled to the median. */
const REGIONS: readonly { readonly share: number; readonly rttMs: readonly number[] }[] = [
  { share: 0.5, rttMs: [20, 60, 100] },
  { share: 0.3, rttMs: [60, 20, 130] },
  { share: 0.2, rttMs: [100, 130, 20] },
];
const ORIGIN_REGION = 0;
const SAMPLED_PAIRS = 2_001;

/** Payload of a full packet, and what SCTP, DTLS, UDP and IP add to it. */
const PACKET_BYTES = 1_163;
const PACKET_OVERHEAD = 93;
/** Mathis: what loss leaves of a channel, in packets per round trip. */
const MATHIS = 1.22;
/** A data channel gives up a piece after this long. */
export const LIFETIME_MS = 500;

/** Bytes on the wire of a data-channel message. */
export const wireBytes = (bytes: number): number => bytes + Math.ceil(bytes / PACKET_BYTES) * PACKET_OVERHEAD;

export class Network {
  readonly #options: NetworkOptions;
  readonly #random: Random;
  readonly #scale: number;
  #split: 'whole' | 'split' = 'whole';

  constructor(options: NetworkOptions, random: Random) {
    this.#options = options;
    this.#random = random;
    this.#scale = options.rttMedianMs / medianRtt();
  }

  /** A region for a new viewer. */
  region(): number {
    return regionBy(this.#random);
  }

  /** Round trip between two viewers, ms. */
  rttMs(a: Place, b: Place): number {
    const { rttMedianMs, rttSpread } = this.#options;
    const real = this.#scale * rawRtt(a, b);
    return rttMedianMs + rttSpread * (real - rttMedianMs);
  }

  /** Round trip between a viewer and the origin, ms. */
  originRttMs(viewer: Place): number {
    const { rttMedianMs, rttSpread } = this.#options;
    const between = REGIONS[viewer.region]?.rttMs[ORIGIN_REGION] ?? 0;
    return rttMedianMs + rttSpread * (this.#scale * (between + 2 * viewer.line.accessMs + 6) - rttMedianMs);
  }

  /** Share of packets lost between two viewers. */
  lossOf(a: Place, b: Place): number {
    return this.#options.loss + this.#options.lineLoss * (a.line.loss + b.line.loss);
  }

  originLossOf(viewer: Place): number {
    return this.#options.loss + this.#options.lineLoss * viewer.line.loss;
  }

  /** From now on the first region and the others cannot reach each other, or can again. */
  split(state: 'whole' | 'split'): void {
    this.#split = state;
  }

  /** Whether nothing gets from one to the other now. */
  severs(a: Place, b: Place): boolean {
    return this.#split === 'split' && (a.region === ORIGIN_REGION) !== (b.region === ORIGIN_REGION);
  }

  /** Whether a pair can connect; the same whoever asks. */
  reaches(a: string, b: string): boolean {
    return pairDice(a, b) >= this.#options.unreachable;
  }

  /** What one data channel carries over a way, bytes a ms. */
  channelBytesPerMs(rttMs: number, loss: number): number {
    const window = WINDOW_BYTES / rttMs;
    return loss === 0 ? window : Math.min(window, (PACKET_BYTES * MATHIS) / (rttMs * Math.sqrt(loss)));
  }

  /** Chance alone. */
  jitterMs(): number {
    const { jitterMs } = this.#options;
    return jitterMs === 0 ? 0 : this.#random.unit() * jitterMs;
  }

  /** What losses add to the delay of a message of this size; Infinity when it is given up. */
  lossMs(bytes: number, rttMs: number, loss: number): number {
    if (loss === 0) return 0;
    const packets = Math.ceil(bytes / PACKET_BYTES);
    if (this.#random.unit() >= 1 - (1 - loss) ** packets) return 0;
    const wait = this.sentAgainMs(rttMs);
    if (this.#random.unit() >= loss) return wait;
    return Number.POSITIVE_INFINITY;
  }

  /** How long after it was sent a lost packet is sent again. */
  sentAgainMs(rttMs: number): number {
    return this.#random.unit() < LOSS_REVEALED ? REVEALED_RTTS * rttMs : LOSS_TIMEOUT_MS + rttMs;
  }

  /** What losses add on an ordered stream from the origin. */
  streamLossMs(bytes: number, rttMs: number, loss: number): number {
    if (loss === 0) return 0;
    const packets = Math.ceil(bytes / PACKET_BYTES);
    return this.#random.unit() < 1 - (1 - loss) ** packets ? rttMs * 1.1 : 0;
  }
}

const regionBy = (random: Random): number => {
  const dice = random.unit();
  let sum = 0;
  for (let region = 0; region < REGIONS.length; region++) {
    sum += REGIONS[region]?.share ?? 0;
    if (dice < sum) return region;
  }
  return 0;
};

const rawRtt = (a: Place, b: Place): number =>
  (REGIONS[a.region]?.rttMs[b.region] ?? 0) + 2 * (a.line.accessMs + b.line.accessMs);

/** Over random pairs of people on home lines, from a seed of its own: the same for every run. */
const medianRtt = (): number => {
  const random = new Random(0x0571de);
  const deck = new LineDeck(HOME_LINES, 1, random);
  const place = (): Place => ({ region: regionBy(random), line: deck.deal() });
  const rtts = Array.from({ length: SAMPLED_PAIRS }, () => rawRtt(place(), place())).sort((a, b) => a - b);
  return rtts[SAMPLED_PAIRS >> 1] ?? 1;
};

/** The same number in [0, 1) for a pair, whoever asks. */
const pairDice = (a: string, b: string): number => {
  const text = a < b ? a + b : b + a;
  let word = 2166136261;
  for (let at = 0; at < text.length; at++) word = Math.imul(word ^ text.charCodeAt(at), 16777619);
  return (word >>> 8) / 0x1_00_0000;
};
