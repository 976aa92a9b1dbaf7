/**
 * One epoch of an in-memory origin: a synthetic FLV stream pushed tag by tag at the pace of its timestamps through the
 * real cutter, with every piece kept in both forms for comparison.
 */
import type { ByteCore, Cutter } from '../../../wasm/abi.ts';
import { concat, type FlvShape, makeFlv } from '../../../wasm/testing/flv-maker.ts';
import { fileHeaderBytes, flvTags } from '../../../wasm/testing/flv-tags.ts';
import { encodeHeadBody, HEAD_CONTEXT, sealHead } from '../../wire/head.ts';
import { decodePieceHeader, type PieceHeader } from '../../wire/piece.ts';
import { type VirtualTime, WALL_ZERO_MS } from './virtual-time.ts';

/** A piece in both forms. */
export interface CutPiece {
  readonly header: PieceHeader;
  readonly wire: Uint8Array;
  readonly clear: Uint8Array;
}

/** What an epoch is made of. */
export interface CutEpochParts {
  readonly core: ByteCore;
  readonly time: VirtualTime;
  readonly stream: Uint8Array;
  readonly epoch: Uint8Array;
  readonly signingSeed: Uint8Array;
  readonly contentSecret: Uint8Array | undefined;
  readonly substreams: number;
  readonly shape: FlvShape;
  /** A piece has been cut, or the head has changed. */
  readonly onPiece: (piece: CutPiece) => void;
  readonly onHead: (head: Uint8Array) => void;
}

const sources = new Map<string, Uint8Array>();

/** A source is made once, however many worlds it plays in. */
const sourceOf = (shape: FlvShape): Uint8Array => {
  const key = JSON.stringify(shape);
  const flv = sources.get(key) ?? makeFlv(shape);
  sources.set(key, flv);
  return flv;
};

export class CutEpoch {
  readonly pieces: CutPiece[] = [];
  readonly tag: number;
  readonly epoch: Uint8Array;
  /** Bytes a second of the source. */
  readonly byteRate: number;
  head: Uint8Array | undefined;
  prelude: Uint8Array = new Uint8Array(0);
  generation = 0;
  /** Heads made so far. */
  heads = 0;
  #state: 'cutting' | 'over' = 'cutting';
  readonly #parts: CutEpochParts;
  readonly #cutter: Cutter;
  #cancelTick: (() => void) | undefined;

  constructor(parts: CutEpochParts) {
    const { core, stream, epoch, signingSeed, contentSecret } = parts;
    this.#parts = parts;
    this.epoch = epoch;
    this.tag = core.epochTag(stream, epoch);
    this.#cutter = core.createCutter({
      stream,
      epoch,
      signingSeed,
      ...(contentSecret === undefined ? {} : { contentSecret }),
    });
    const flv = sourceOf(parts.shape);
    this.byteRate = Math.round(flv.length / (parts.shape.seconds ?? 4));
    this.#feed(flv);
  }

  /** The sequence of the piece cut next. */
  get next(): number {
    return this.pieces.length;
  }

  /** The newest piece at which playing can begin. */
  get keyframe(): number {
    return this.pieces.findLast((piece) => piece.header.keyframe)?.header.sequence ?? this.next;
  }

  /** Clear bytes from one piece on. */
  clearFrom(sequence: number): Uint8Array {
    return concat(...this.pieces.slice(sequence).map((piece) => piece.clear));
  }

  /** The next content key from the next piece on. */
  rotate(): void {
    this.generation++;
    this.#cutter.setGeneration(this.generation);
  }

  /** The source ended: the last piece. */
  finish(): void {
    if (this.#state === 'over') return;
    this.#cutter.finish(this.#wall());
    this.#drain();
    this.stop();
  }

  /** The cutter is gone. */
  stop(): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#cancelTick?.();
    this.#cutter.free();
  }

  #feed(flv: Uint8Array): void {
    const { time } = this.#parts;
    const begunAt = time.now;
    this.#cutter.push(flv.subarray(0, fileHeaderBytes(flv)), this.#wall());
    for (const { bytes, dtsMs } of flvTags(flv)) {
      time.at(begunAt + dtsMs, () => {
        if (this.#state === 'over') return;
        this.#cutter.push(bytes, this.#wall());
        this.#drain();
      });
    }
  }

  #drain(): void {
    for (let event = this.#cutter.next(); event !== undefined; event = this.#cutter.next()) {
      if (event.kind === 'fault') throw new Error(`the source is broken: ${event.code}`);
      if (event.kind === 'prelude') this.#publish(event.bytes);
      else this.#keep(event.wire, event.clear);
    }
    this.#cancelTick?.();
    const due = this.#cutter.nextDueMs();
    if (due === undefined) return;
    this.#cancelTick = this.#parts.time.at(due - WALL_ZERO_MS, () => {
      this.#cutter.tick(this.#wall());
      this.#drain();
    });
  }

  #keep(wire: Uint8Array, clear: Uint8Array): void {
    const header = decodePieceHeader(wire);
    if (header.kind === 'fault') throw new Error(header.detail);
    const piece = { header, wire, clear };
    this.pieces.push(piece);
    this.#parts.onPiece(piece);
  }

  #publish(prelude: Uint8Array): void {
    const { core, stream, signingSeed, contentSecret, substreams } = this.#parts;
    this.prelude = prelude;
    const body = encodeHeadBody({
      stream,
      epoch: this.epoch,
      revision: this.heads++,
      substreams,
      encrypted: contentSecret !== undefined,
      generation: this.generation,
      fromSequence: this.next,
      byteRate: this.byteRate,
      madeMs: this.#wall(),
      publicKey: core.publicKey(signingSeed),
      prelude,
    });
    this.head = sealHead(body, core.sign(signingSeed, concat(HEAD_CONTEXT, body)));
    this.#parts.onHead(this.head);
  }

  #wall(): number {
    return WALL_ZERO_MS + this.#parts.time.now;
  }
}
