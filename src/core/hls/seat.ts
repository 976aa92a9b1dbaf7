/**
 * What one neighbour has of the segments, and what it has been asked for. The window of pieces asked for at once grows
 * with each that comes and shrinks when one is lost, so that a slow uplink is not asked for more than it carries.
 */
import type { SegmentKey } from '../../wire/hls-link.ts';
import { HLS_HELD_MAX } from '../../wire/limits.ts';
import type { Millis } from '../engine.ts';
import type { Neighbour } from '../viewer/neighbour.ts';

const WINDOW_FIRST = 8;
const WINDOW_MIN = 2;
const WINDOW_MAX = 64;
/** A piece after which so many later ones have come is lost. */
const OVERTAKEN_MAX = 4;
/** A neighbour that has been silent for so long has lost what it was asked for. */
const SILENT_MIN_MS = 800;
const SILENT_RTTS = 4;
/** Half-filled segments remembered of one neighbour. */
const SOME_MAX = 64;

interface Asked {
  readonly key: SegmentKey;
  readonly piece: number;
  readonly at: Millis;
  overtaken: number;
}

export class Seat {
  readonly neighbour: Neighbour;
  readonly #held = new Set<SegmentKey>();
  readonly #claims = new Map<SegmentKey, Millis>();
  readonly #some = new Map<SegmentKey, Uint8Array>();
  /** Segments whose sheet or pieces it could not give. */
  readonly #lacks = new Set<string>();
  #asked: Asked[] = [];
  #window = WINDOW_FIRST;
  #cameAt: Millis;

  constructor(neighbour: Neighbour, now: Millis) {
    this.neighbour = neighbour;
    this.#cameAt = now;
  }

  /** It holds these whole. */
  holds(keys: readonly SegmentKey[]): void {
    for (const key of keys) {
      this.#claims.delete(key);
      this.#some.delete(key);
      this.#lacks.delete(key);
      this.#held.add(key);
      if (this.#held.size > HLS_HELD_MAX) this.#held.delete(this.#held.values().next().value ?? '');
    }
  }

  drops(keys: readonly SegmentKey[]): void {
    for (const key of keys) {
      this.#held.delete(key);
      this.#claims.delete(key);
      this.#some.delete(key);
    }
  }

  claims(now: Millis, key: SegmentKey): void {
    if (this.#held.has(key)) return;
    this.#claims.set(key, now);
    if (this.#claims.size > HLS_HELD_MAX) this.#claims.delete(this.#claims.keys().next().value ?? '');
  }

  /** It holds these pieces of a segment. */
  holdsSome(key: SegmentKey, first: number, pieces: Uint8Array): void {
    const bytes = new Uint8Array(Math.ceil((first + pieces.length * 8) / 8));
    bytes.set(this.#some.get(key)?.subarray(0, bytes.length) ?? []);
    for (let at = 0; at < pieces.length * 8; at++) if (bit(pieces, at)) setBit(bytes, first + at);
    this.#some.delete(key);
    this.#some.set(key, bytes);
    if (this.#some.size > SOME_MAX) this.#some.delete(this.#some.keys().next().value ?? '');
  }

  hasWhole(key: SegmentKey): boolean {
    return this.#held.has(key) && !this.#lacks.has(key);
  }

  /** It has the sheet and at least something. */
  hasSome(key: SegmentKey): boolean {
    return !this.#lacks.has(key) && (this.#held.has(key) || this.#some.has(key));
  }

  hasPiece(key: SegmentKey, piece: number): boolean {
    if (this.#lacks.has(key) || this.#lacks.has(`${key} ${piece}`)) return false;
    if (this.#held.has(key)) return true;
    const some = this.#some.get(key);
    return some !== undefined && bit(some, piece);
  }

  /** Since when it has been fetching it. */
  claimedAt(key: SegmentKey): Millis | undefined {
    return this.#lacks.has(key) ? undefined : this.#claims.get(key);
  }

  /** It could not give this although it said so. */
  lacks(key: SegmentKey, piece?: number): void {
    this.#lacks.add(piece === undefined ? key : `${key} ${piece}`);
    if (this.#lacks.size > HLS_HELD_MAX) this.#lacks.delete(this.#lacks.values().next().value ?? '');
  }

  /** Pieces that may be asked for now: many at once or none, so that asking does not cost a message for each. */
  get room(): number {
    const room = this.#window - this.#asked.length;
    return room * 2 >= this.#window ? room : 0;
  }

  get isFull(): boolean {
    return this.#asked.length >= this.#window;
  }

  /** Share of its window that is in use. */
  get load(): number {
    return this.#asked.length / this.#window;
  }

  ask(now: Millis, key: SegmentKey, piece: number): void {
    if (this.#asked.length === 0) this.#cameAt = now;
    this.#asked.push({ key, piece, at: now, overtaken: 0 });
  }

  isAsked(key: SegmentKey, piece: number): boolean {
    return this.#asked.some((each) => each.key === key && each.piece === piece);
  }

  /** A piece came; whatever was asked for long before it is lost. */
  came(now: Millis, key: SegmentKey, piece: number): void {
    this.#cameAt = now;
    const place = this.#asked.findIndex((each) => each.key === key && each.piece === piece);
    if (place < 0) return;
    this.#window = Math.min(WINDOW_MAX, this.#window + 1);
    for (const earlier of this.#asked.slice(0, place)) earlier.overtaken++;
    this.#asked = this.#asked.filter((each, at) => at !== place && each.overtaken < OVERTAKEN_MAX);
  }

  /** It says that it cannot send these. */
  declined(key: SegmentKey, pieces: readonly number[]): void {
    const gone = new Set(pieces);
    this.#asked = this.#asked.filter((each) => each.key !== key || !gone.has(each.piece));
    this.#shrink();
  }

  /** Nobody waits for this segment any more. */
  forget(key: SegmentKey): void {
    this.#asked = this.#asked.filter((each) => each.key !== key);
  }

  /** When it will have been silent for too long; Infinity when it was asked for nothing. */
  get silentAt(): Millis {
    if (this.#asked.length === 0) return Number.POSITIVE_INFINITY;
    return this.#cameAt + Math.max(SILENT_MIN_MS, SILENT_RTTS * this.neighbour.rttMs);
  }

  /** Gives up what it was asked for, if it has been silent for too long. */
  giveUp(now: Millis): boolean {
    if (now < this.silentAt) return false;
    this.#asked = [];
    this.#window = Math.max(WINDOW_MIN, Math.floor(this.#window / 2));
    this.#cameAt = now;
    return true;
  }

  #shrink(): void {
    this.#window = Math.max(WINDOW_MIN, this.#window - 1);
  }
}

const bit = (bytes: Uint8Array, at: number): boolean => ((bytes[at >> 3] ?? 0) & (0x80 >> (at & 7))) !== 0;

const setBit = (bytes: Uint8Array, at: number): void => {
  bytes[at >> 3] = (bytes[at >> 3] ?? 0) | (0x80 >> (at & 7));
};
