// One uninterrupted cutting of a stream: source bytes in, signed pieces and heads out, kept in a window.

import { toHex } from '../../../src/wire/bytes.ts';
import { encodeHeadBody, HEAD_CONTEXT, makeEpoch, sealHead, substreamsFor } from '../../../src/wire/head.ts';
import { PIECE_BODY_AT, PIECE_BODY_MAX, PRELUDE_BYTES_MAX } from '../../../src/wire/limits.ts';
import { decodePieceHeader, type PieceHeader } from '../../../src/wire/piece.ts';
import type { ByteCore, CutEvent, CutFault, Cutter } from '../../../wasm/abi.ts';
import type { Clock } from '../clock.ts';
import { declaredByteRate } from '../flv/declared-rate.ts';
import { FLV_HEADER } from '../flv/tags.ts';
import type { Epoch } from './epoch.ts';
import { type KeptPiece, PieceWindow, type PublishedHead, type WindowLimits } from './piece-window.ts';
import type { OriginKeys } from './stream-keys.ts';

/** What an epoch is made of. */
export interface EpochParts {
  readonly core: ByteCore;
  readonly clock: Clock;
  readonly stream: Uint8Array;
  readonly keys: OriginKeys;
  /** Absent: pieces are clear. */
  readonly contentSecret: Uint8Array | undefined;
  readonly window: WindowLimits;
  /** Start time and random part. */
  readonly startMs: number;
  readonly random: number;
  /** Bytes a second of an earlier epoch, if there was one. */
  readonly usualByteRate: number | undefined;
}

/** What an epoch tells its stream. */
export interface EpochEvents {
  piece(piece: KeptPiece): void;
  fault(code: CutFault, skippedBytes: number): void;
}

const DEFAULT_BYTE_RATE = 125_000;
const MEASURE_MS = 4000;
/** A measured rate this far from the stated one is worth a new head. */
const RATE_ERROR = 0.25;
const HEADS_KEPT = 8;

/** Pieces a second that cutting by size and age makes of a bitrate. */
const piecesPerSecond = (byteRate: number): number =>
  Math.max(10, Math.min(25, byteRate / 4096), byteRate / PIECE_BODY_MAX);

const buffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** See above. */
export class CutEpoch implements Epoch {
  readonly id: Uint8Array<ArrayBuffer>;
  readonly hex: string;
  readonly window: PieceWindow;
  readonly #parts: EpochParts;
  readonly #events: EpochEvents;
  readonly #cutter: Cutter;
  #firstDtsMs: number | undefined;
  #state: 'cutting' | 'finished' | 'freed' = 'cutting';
  #generation = 0;
  #heads: PublishedHead[] = [];
  #fresh: PublishedHead | undefined;
  #revision = 0;
  #substreams: number | undefined;
  #byteRate: number;
  #cutBytes = 0;
  #measured = false;

  constructor(parts: EpochParts, events: EpochEvents) {
    const { core, stream, keys, contentSecret } = parts;
    this.#parts = parts;
    this.#events = events;
    this.id = makeEpoch(parts.startMs, parts.random);
    this.hex = toHex(this.id);
    this.window = new PieceWindow(parts.window);
    this.#byteRate = parts.usualByteRate ?? DEFAULT_BYTE_RATE;
    this.#cutter = core.createCutter({
      stream,
      epoch: this.id,
      signingSeed: keys.seed,
      ...(contentSecret === undefined ? {} : { contentSecret }),
    });
  }

  /** K; undefined before the first head. */
  get substreams(): number | undefined {
    return this.#substreams;
  }

  /** Bytes a second, declared at first and measured later. */
  get byteRate(): number {
    return this.#byteRate;
  }

  get encrypted(): boolean {
    return this.#parts.contentSecret !== undefined;
  }

  /** Generation of the content key in use. */
  get generation(): number {
    return this.#generation;
  }

  /** When the cutter wants a tick, wall ms. */
  get dueMs(): number | undefined {
    return this.#state === 'cutting' ? this.#cutter.nextDueMs() : undefined;
  }

  /** The newest head. */
  get head(): PublishedHead | undefined {
    return this.#fresh ?? this.#heads[this.#heads.length - 1];
  }

  /** The head in force at a piece. */
  headAt(sequence: number): PublishedHead | undefined {
    return this.#heads.findLast((head) => head.fromSequence <= sequence) ?? this.#heads[0] ?? this.#fresh;
  }

  /** The content key of a generation, or undefined when pieces are clear. */
  contentKey(generation: number): Uint8Array<ArrayBuffer> | undefined {
    const secret = this.#parts.contentSecret;
    return secret === undefined ? undefined : this.#parts.core.contentKey(secret, this.id, generation);
  }

  /** Bytes of the source. */
  push(bytes: Uint8Array): void {
    if (this.#state !== 'cutting') return;
    this.#cutter.push(bytes, this.#parts.clock.wall());
    this.#drain();
  }

  /** Closes what has waited long enough. */
  tick(): void {
    if (this.#state !== 'cutting') return;
    this.#cutter.tick(this.#parts.clock.wall());
    this.#drain();
  }

  /** The source ended in good order: cuts the final piece. */
  finish(): void {
    if (this.#state !== 'cutting') return;
    this.#cutter.finish(this.#parts.clock.wall());
    this.#drain();
    this.#state = 'finished';
  }

  /** Encrypts with the next key from the next piece on. */
  nextGeneration(): void {
    if (this.#state !== 'cutting') return;
    this.#generation++;
    this.#cutter.setGeneration(this.#generation);
  }

  /** Gives the cutter's memory back; the window stays. */
  free(): void {
    if (this.#state === 'freed') return;
    this.#state = 'freed';
    this.#cutter.free();
  }

  #drain(): void {
    for (let event = this.#cutter.next(); event !== undefined; event = this.#cutter.next()) this.#take(event);
  }

  #take(event: CutEvent): void {
    switch (event.kind) {
      case 'prelude':
        this.#publish(event.bytes);
        break;
      case 'piece':
        this.#keep(buffer(event.wire), buffer(event.clear));
        break;
      case 'fault':
        this.#events.fault(event.code, event.skippedBytes);
        break;
    }
  }

  #keep(wire: Buffer, clear: Buffer): void {
    const header = decodePieceHeader(wire);
    if (header.kind === 'fault') return this.#events.fault('flv/bad-tag', wire.length);
    // Some streams have neither metadata nor codec headers: their file header is all there is to know.
    if (header.keyframe && this.head === undefined) this.#publish(FLV_HEADER);
    this.#measure(header, wire.length);
    const head = this.#fresh;
    if (head !== undefined) {
      this.#heads = [...this.#heads.slice(1 - HEADS_KEPT), head];
      this.#fresh = undefined;
    }
    const kept = header.encrypted ? clear : wire.subarray(PIECE_BODY_AT);
    const piece = { header, wire, clear: kept, head, atMs: this.#parts.clock.now() };
    this.window.add(piece);
    this.#events.piece(piece);
  }

  /** Once per epoch, when there is enough to go by: the rate as it is, if the stated one is far off. */
  #measure(header: PieceHeader, bytes: number): void {
    this.#firstDtsMs ??= header.dtsMs;
    const elapsed = header.dtsMs - this.#firstDtsMs;
    this.#cutBytes += bytes;
    if (this.#measured || elapsed < MEASURE_MS) return;
    this.#measured = true;
    const rate = Math.round((this.#cutBytes * 1000) / elapsed);
    const wrong = Math.abs(rate - this.#byteRate) > RATE_ERROR * this.#byteRate;
    this.#byteRate = rate;
    const { head } = this;
    if (wrong && head !== undefined) this.#publish(head.prelude);
  }

  #publish(prelude: Uint8Array): void {
    if (prelude.length > PRELUDE_BYTES_MAX) return this.#events.fault('flv/tag-too-large', prelude.length);
    const { core, stream, keys, clock, usualByteRate } = this.#parts;
    if (!this.#measured) this.#byteRate = declaredByteRate(prelude) ?? usualByteRate ?? DEFAULT_BYTE_RATE;
    this.#substreams ??= substreamsFor(piecesPerSecond(this.#byteRate));
    const body = encodeHeadBody({
      stream,
      epoch: this.id,
      revision: Math.min(this.#revision++, 0xffff),
      substreams: this.#substreams,
      encrypted: this.encrypted,
      generation: this.#generation,
      fromSequence: this.window.next,
      byteRate: this.#byteRate,
      madeMs: clock.wall(),
      publicKey: keys.publicKey,
      prelude,
    });
    const signature = core.sign(keys.seed, Buffer.concat([HEAD_CONTEXT, body]));
    this.#fresh = {
      fromSequence: this.window.next,
      bytes: buffer(sealHead(body, signature)),
      prelude: buffer(prelude),
    };
  }
}
