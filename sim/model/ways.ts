/**
 * How far apart two rows are and what is lost between them: the exact level's network, as columns.
 */
import type { Network, Place } from '../network.ts';
import type { ModelWorld } from './model-world.ts';

/** Regions a network may have at most. */
const REGIONS_MAX = 8;

export class Ways {
  readonly #world: ModelWorld;
  readonly #region: Uint8Array;
  readonly #accessMs: Float32Array;
  readonly #loss: Float32Array;
  /** Round trips between the exchanges of two regions, and what a millisecond of access adds. */
  readonly #between = new Float32Array(REGIONS_MAX * REGIONS_MAX);
  readonly #perAccessMs: number;
  readonly #network: Network;

  constructor(world: ModelWorld, network: Network, capacity: number) {
    this.#world = world;
    this.#network = network;
    this.#region = new Uint8Array(capacity);
    this.#accessMs = new Float32Array(capacity);
    this.#loss = new Float32Array(capacity);
    const [kind] = world.lines;
    if (kind === undefined) throw new Error('a world without lines');
    const at = (region: number, accessMs: number): Place => ({
      region,
      line: { kind, up: 0, down: 0, accessMs, loss: 0 },
    });
    for (let a = 0; a < REGIONS_MAX; a++)
      for (let b = 0; b < REGIONS_MAX; b++) this.#between[a * REGIONS_MAX + b] = network.rttMs(at(a, 0), at(b, 0));
    this.#perAccessMs = network.rttMs(at(0, 1), at(0, 0)) - network.rttMs(at(0, 0), at(0, 0));
  }

  get bytes(): number {
    return this.#region.byteLength + this.#accessMs.byteLength + this.#loss.byteLength;
  }

  settle(row: number, place: Place): void {
    this.#region[row] = place.region;
    this.#accessMs[row] = place.line.accessMs;
    this.#loss[row] = place.line.loss;
  }

  rttMs(a: number, b: number): number {
    const base = this.#between[this.#region[a]! * REGIONS_MAX + this.#region[b]!]!;
    return base + this.#perAccessMs * (this.#accessMs[a]! + this.#accessMs[b]!);
  }

  /** Share of packets lost. */
  lossOf(a: number, b: number): number {
    return this.#world.loss + this.#world.lineLoss * (this.#loss[a]! + this.#loss[b]!);
  }

  /** What a data channel carries, bytes a ms. */
  channelBytesPerMs(rttMs: number, loss: number): number {
    return this.#network.channelBytesPerMs(rttMs, loss);
  }
}
