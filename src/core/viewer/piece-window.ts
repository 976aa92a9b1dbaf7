/**
 * Which pieces of the epoch are held, over a sliding window of sequences, with what their headers said. Typed arrays
 * keep a viewer of the simulator small. It knows nothing of neighbours or deadlines.
 */

import type { PieceHeader } from '../../wire/piece.ts';
import type { Millis } from '../engine.ts';

const HELD = 1;
const KEYFRAME = 2;
const LAST = 4;
/** How far ahead of the newest piece another one may claim to be; farther is a lie or a rejoin. */
const AHEAD_MAX = 4096;
/** How many sequences to look up and down for held pieces when a missing one's cut time is estimated. */
const LOOK_AHEAD = 48;

export class PieceWindow {
  readonly #mask: number;
  readonly #flags: Uint8Array;
  readonly #dts: Uint32Array;
  /** Cut time less the epoch's first one. */
  readonly #cut: Uint32Array;
  #cutZero = 0;
  #newest = -1;
  #oldest = 0;
  /** Sequences below have been given up: they are not taken again. */
  #floor = 0;
  #newestKeyframe = -1;
  #intervalMs = 60;

  /** @param capacity a power of two: how many sequences are remembered. */
  constructor(capacity: number) {
    this.#mask = capacity - 1;
    this.#flags = new Uint8Array(capacity);
    this.#dts = new Uint32Array(capacity);
    this.#cut = new Uint32Array(capacity);
  }

  /** Highest sequence held; -1 when nothing is. */
  get newest(): number {
    return this.#newest;
  }

  /** Lowest sequence that can be held. */
  get oldest(): number {
    return this.#oldest;
  }

  /** The newest held piece at which playing can begin; -1 when none is held. */
  get newestKeyframe(): number {
    return this.#newestKeyframe;
  }

  /** Mean time between two cuts, ms. */
  get intervalMs(): number {
    return this.#intervalMs;
  }

  /** Remembers a piece; false when it is held, too old, or absurdly far ahead. */
  add(header: PieceHeader): boolean {
    const { sequence } = header;
    if (this.#newest < 0) {
      this.#cutZero = header.cutMs - 60_000;
      this.#oldest = sequence;
      this.#newest = sequence;
    }
    if (sequence < this.#floor || sequence > this.#newest + AHEAD_MAX || this.has(sequence)) return false;
    if (sequence < this.#oldest) {
      if (sequence <= this.#newest - this.#flags.length) return false;
      this.#oldest = sequence;
    }
    if (sequence > this.#newest) this.#advance(header);
    const at = sequence & this.#mask;
    this.#flags[at] = HELD | (header.keyframe ? KEYFRAME : 0) | (header.last ? LAST : 0);
    this.#dts[at] = header.dtsMs;
    this.#cut[at] = Math.max(0, header.cutMs - this.#cutZero);
    if (header.keyframe && sequence > this.#newestKeyframe) this.#newestKeyframe = sequence;
    return true;
  }

  /** Forgets pieces that are not kept any more, so that nobody is promised them. */
  forgetBelow(sequence: number): void {
    const end = Math.min(sequence, this.#newest);
    for (let gone = this.#oldest; gone < end; gone++) this.#flags[gone & this.#mask] = 0;
    this.#oldest = Math.max(this.#oldest, end);
    this.#floor = Math.max(this.#floor, end);
    if (this.#newestKeyframe < this.#oldest) this.#newestKeyframe = -1;
  }

  has(sequence: number): boolean {
    return sequence >= this.#oldest && sequence <= this.#newest && (this.#flags[sequence & this.#mask] ?? 0) !== 0;
  }

  isKeyframe(sequence: number): boolean {
    return this.has(sequence) && ((this.#flags[sequence & this.#mask] ?? 0) & KEYFRAME) !== 0;
  }

  isLast(sequence: number): boolean {
    return this.has(sequence) && ((this.#flags[sequence & this.#mask] ?? 0) & LAST) !== 0;
  }

  /** When the origin closed a piece: known when held, else between its neighbours in proportion, else extrapolated. */
  cutOf(sequence: number): Millis {
    if (this.#newest < 0) return 0;
    return this.#cutZero + this.#estimate(sequence, this.#cut);
  }

  /** FLV timestamp of a piece, by the same reasoning. */
  dtsOf(sequence: number): number {
    return this.#newest < 0 ? 0 : this.#estimate(sequence, this.#dts);
  }

  #estimate(sequence: number, column: Uint32Array): number {
    const mask = this.#mask;
    if (this.has(sequence)) return column[sequence & mask] ?? 0;
    const newest = this.#newest;
    if (sequence > newest) return (column[newest & mask] ?? 0) + (sequence - newest) * this.#intervalMs;
    const next = this.#heldBeside(sequence, 1) ?? newest;
    const nextAt = column[next & mask] ?? 0;
    const before = this.#heldBeside(sequence, -1);
    if (before === undefined) return nextAt;
    const beforeAt = column[before & mask] ?? 0;
    return beforeAt + (nextAt - beforeAt) * ((sequence - before) / (next - before));
  }

  #heldBeside(sequence: number, step: 1 | -1): number | undefined {
    for (let away = 1; away <= LOOK_AHEAD; away++) if (this.has(sequence + step * away)) return sequence + step * away;
    return undefined;
  }

  /** The first held keyframe above a sequence, or -1. */
  keyframeAfter(sequence: number): number {
    for (let next = sequence + 1; next <= this.#newestKeyframe; next++) if (this.isKeyframe(next)) return next;
    return -1;
  }

  /** The end (exclusive) of the held run that begins at a sequence. */
  runEnd(sequence: number): number {
    let end = sequence;
    while (this.has(end)) end++;
    return end;
  }

  /** A bitmap of what is held from `base` on, most significant bit first, at most `bytes` long. */
  haveFrom(base: number, bytes: number): Uint8Array {
    const length = Math.max(0, Math.min(bytes, Math.ceil((this.#newest - base + 1) / 8)));
    const have = new Uint8Array(length);
    const end = Math.min(this.#newest, base + length * 8 - 1);
    for (let sequence = Math.max(base, this.#oldest); sequence <= end; sequence++) {
      if ((this.#flags[sequence & this.#mask] ?? 0) === 0) continue;
      const at = sequence - base;
      have[at >> 3] = (have[at >> 3] ?? 0) | (0x80 >> (at & 7));
    }
    return have;
  }

  #advance(header: PieceHeader): void {
    const before = this.#newest;
    const gap = header.sequence - before;
    if (gap > 0) {
      const elapsed = header.cutMs - this.cutOf(before);
      if (gap <= 64 && elapsed > 0) this.#intervalMs += (elapsed / gap - this.#intervalMs) * Math.min(0.5, gap * 0.05);
      const clear = Math.min(gap, this.#flags.length);
      for (let step = 1; step <= clear; step++) this.#flags[(before + step) & this.#mask] = 0;
      this.#newest = header.sequence;
      this.#oldest = Math.max(this.#oldest, header.sequence - this.#flags.length + 1);
      if (this.#newestKeyframe < this.#oldest) this.#newestKeyframe = -1;
    }
  }
}
