/**
 * What is counted: bytes of the origin, and for each viewer how late its pieces were and how long its picture stood, as
 * the exact level's ledger counts them.
 */
import type { Crowd } from './crowd.ts';
import type { ModelWorld } from './model-world.ts';

/** Delays in bins of this many ms; the last bin holds whatever came later. */
const BIN_MS = 10;
const BINS = 251;
/** A gap between pictures longer than this is a stall. */
const STALL_MS = 250;
/** A viewer's delays count from this long after its join. */
const SETTLED_MS = 10_000;
/** The share of pieces within whose delay a viewer's delay is. */
const WITHIN = 0.999;
/** Fewer joins than this in the window, and everybody's start-up counts. */
const JOINS_LEAST = 20;
/** Fewer pieces say nothing. */
const PIECES_LEAST = 50;

export class ViewerBooks {
  readonly #world: ModelWorld;
  readonly #crowd: Crowd;
  readonly #bins: Uint16Array;
  readonly #standsFrom: Float64Array;
  readonly #standsUntil: Float64Array;
  readonly #stalledMs: Float64Array;
  readonly #stalls: Uint16Array;
  readonly #due: Uint32Array;
  /** Bytes each row has sent since it was last asked. */
  readonly sentBytes: Float64Array;
  readonly #startups: number[] = [];
  readonly #earlierStartups: number[] = [];
  readonly #startedAt: Float64Array;
  readonly #delays: number[] = [];
  #watched = 0;
  #stalledViewers = 0;
  #dueAll = 0;
  #stalledAll = 0;
  windowFrom = Number.POSITIVE_INFINITY;
  originBytes = 0;
  originRepairs = 0;
  usefulBytes = 0;
  arrivedBytes = 0;
  readonly #perSecond: number[] = [];

  constructor(world: ModelWorld, crowd: Crowd) {
    this.#world = world;
    this.#crowd = crowd;
    this.#bins = new Uint16Array(crowd.capacity * BINS);
    this.#standsFrom = new Float64Array(crowd.capacity);
    this.#standsUntil = new Float64Array(crowd.capacity);
    this.#stalledMs = new Float64Array(crowd.capacity);
    this.#stalls = new Uint16Array(crowd.capacity);
    this.#startedAt = new Float64Array(crowd.capacity);
    this.#due = new Uint32Array(crowd.capacity);
    this.sentBytes = new Float64Array(crowd.capacity);
  }

  get bytes(): number {
    const columns = [
      this.#bins,
      this.#standsFrom,
      this.#standsUntil,
      this.#stalledMs,
      this.#stalls,
      this.#due,
      this.#startedAt,
    ];
    return [...columns, this.sentBytes].reduce((sum, each) => sum + each.byteLength, 0);
  }

  originSent(at: number, bytes: number): void {
    if (at < this.windowFrom) return;
    this.originBytes += bytes;
    const second = Math.floor((at - this.windowFrom) / 1000);
    this.#perSecond[second] = (this.#perSecond[second] ?? 0) + bytes;
  }

  originRepaired(at: number, bytes: number): void {
    this.originSent(at, bytes);
    if (at >= this.windowFrom) this.originRepairs++;
  }

  /** The origin's busiest second, bytes. */
  get peakBytes(): number {
    return this.#perSecond.reduce((most, each) => Math.max(most, each ?? 0), 0);
  }

  /** Bytes of one second of the window. */
  bytesInSecond(second: number): number {
    return this.#perSecond[second] ?? 0;
  }

  sent(row: number, bytes: number): void {
    this.sentBytes[row]! += bytes;
  }

  duplicate(cutAt: number, bytes: number): void {
    if (cutAt >= this.windowFrom) this.arrivedBytes += bytes;
  }

  /** A viewer's first picture. */
  started(row: number, startupMs: number, at: number): void {
    this.#startedAt[row] = at;
    if (this.#crowd.joinedAt[row]! >= this.windowFrom) this.#startups.push(startupMs);
    else this.#earlierStartups.push(startupMs);
  }

  /** Of those who joined in the window; of everybody when these are too few. */
  get startups(): readonly number[] {
    return this.#startups.length < JOINS_LEAST ? [...this.#earlierStartups, ...this.#startups] : this.#startups;
  }

  /** A piece is there for the first time. */
  arrived(row: number, cutAt: number, at: number, bytes: number): void {
    if (cutAt < this.windowFrom) return;
    this.usefulBytes += bytes;
    this.arrivedBytes += bytes;
    if (cutAt < this.#startedAt[row]!) return;
    this.#due[row]!++;
    const dueAt = cutAt + this.#world.playoutMs;
    const patience = this.#world.gopMs - (cutAt % this.#world.gopMs);
    if (at > dueAt) this.#stand(row, dueAt, Math.min(at, dueAt + patience));
    if (cutAt < this.#crowd.joinedAt[row]! + SETTLED_MS) return;
    const bin = Math.min(BINS - 1, Math.max(0, Math.floor((at - cutAt) / BIN_MS)));
    this.#bins[row * BINS + bin]!++;
  }

  /** Somebody new has the row. */
  begin(row: number): void {
    this.#bins.fill(0, row * BINS, (row + 1) * BINS);
    this.#standsFrom[row] = 0;
    this.#standsUntil[row] = 0;
    this.#stalledMs[row] = 0;
    this.#stalls[row] = 0;
    this.#due[row] = 0;
    this.sentBytes[row] = 0;
  }

  /** It leaves, or the run ends: its figures join everybody's. */
  close(row: number): void {
    this.#endStanding(row);
    if (this.#due[row] === 0) return;
    this.#watched++;
    this.#dueAll += this.#due[row]!;
    this.#stalledAll += this.#stalledMs[row]!;
    if (this.#stalls[row]! > 0) this.#stalledViewers++;
    const delay = this.#delayOf(row);
    if (delay !== undefined) this.#delays.push(delay);
  }

  /** Each viewer's delay, ascending, and shares of stalling. */
  result(): { readonly delays: readonly number[]; readonly stallRatio: number; readonly stalledShare: number } {
    const watchedMs = (this.#dueAll * 1000) / this.#world.piecesPerSec;
    return {
      delays: this.#delays.sort((a, b) => a - b),
      stallRatio: this.#stalledAll / Math.max(1, watchedMs),
      stalledShare: this.#stalledViewers / Math.max(1, this.#watched),
    };
  }

  #delayOf(row: number): number | undefined {
    let total = 0;
    for (let bin = 0; bin < BINS; bin++) total += this.#bins[row * BINS + bin]!;
    if (total < PIECES_LEAST) return undefined;
    let beyond = total * (1 - WITHIN);
    for (let bin = BINS - 1; bin >= 0; bin--) {
      beyond -= this.#bins[row * BINS + bin]!;
      if (beyond < 0) return (bin + 1) * BIN_MS;
    }
    return 0;
  }

  #stand(row: number, from: number, until: number): void {
    if (from > this.#standsUntil[row]!) {
      this.#endStanding(row);
      this.#standsFrom[row] = from;
      this.#standsUntil[row] = until;
    } else this.#standsUntil[row] = Math.max(this.#standsUntil[row]!, until);
  }

  #endStanding(row: number): void {
    const length = this.#standsUntil[row]! - this.#standsFrom[row]!;
    this.#standsFrom[row] = this.#standsUntil[row]!;
    if (length <= STALL_MS) return;
    this.#stalls[row]!++;
    this.#stalledMs[row]! += length;
  }
}
