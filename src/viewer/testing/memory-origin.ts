/**
 * An origin in memory: it cuts, signs and encrypts for real, and serves frames to viewers as the protocol says, with
 * masks, catch-up, wants, keys and the clock. Every frame a viewer gets is a buffer of its own.
 */
import type { ByteCore } from '../../../wasm/abi.ts';
import { concat, type FlvShape } from '../../../wasm/testing/flv-maker.ts';
import type { ErrorCode } from '../../errors.ts';
import { ascii } from '../../wire/bytes.ts';
import { makeEpoch, STREAM_CONTEXT } from '../../wire/head.ts';
import {
  decodeOriginRequest,
  type EndReason,
  encodeOriginFrame,
  FROM_KEYFRAME,
  FROM_LIVE,
  type OriginFrame,
  type OriginRequest,
} from '../../wire/origin.ts';
import { wrapContext } from '../keyring.ts';
import type { OriginEvents, OriginOpening, OriginPort } from '../ports.ts';
import { CutEpoch, type CutPiece } from './cut-epoch.ts';
import { type VirtualTime, WALL_ZERO_MS } from './virtual-time.ts';

/** How an origin behaves. */
export interface MemoryOriginOptions {
  readonly encrypted: boolean;
  readonly substreams: number;
  readonly shape: FlvShape;
  readonly delayMs: number;
  /** Keys of the codes it knows. */
  readonly codes: ReadonlyMap<string, Uint8Array>;
  /** A content key is good for this long; absent: for good. */
  readonly rotateMs?: number;
}

/** Path of the one stream there is. */
export const STREAM_PATH = '/live/demo';
const KEPT_PIECES = 400;
const SEED = new Uint8Array(32).fill(0x51);
const SECRET = new Uint8Array(32).fill(0x52);
const NONCE = new Uint8Array(24).fill(0x53);

/** Whether one viewer can get to the origin, and what ends its present connection. */
export interface Reach {
  isOpen: boolean;
  cutOff: () => void;
}

interface Seat {
  readonly events: OriginEvents;
  readonly opening: OriginOpening;
  readonly floors: number[];
  state: 'opening' | 'open' | 'closed';
  mask: number;
}

export class MemoryOrigin {
  readonly core: ByteCore;
  readonly publicKey: Uint8Array;
  readonly stream: Uint8Array;
  readonly epochs: CutEpoch[] = [];
  /** Requests heard, and bytes of pieces sent one by one. */
  readonly heard: OriginRequest[] = [];
  readonly asked: OriginOpening[] = [];
  /** What it does not answer. */
  deafTo: OriginRequest['kind'] | undefined;
  /** Bytes of all frames sent. */
  sentBytes = 0;
  state: 'up' | 'down' = 'up';
  readonly #time: VirtualTime;
  readonly #options: MemoryOriginOptions;
  readonly #seats = new Set<Seat>();
  #cancelRotation: (() => void) | undefined;
  #rotateAt = 0;

  constructor(core: ByteCore, time: VirtualTime, options: MemoryOriginOptions) {
    this.core = core;
    this.publicKey = core.publicKey(SEED);
    this.stream = core.blake3(concat(STREAM_CONTEXT, this.publicKey, ascii(STREAM_PATH)));
    this.#time = time;
    this.#options = options;
    this.beginEpoch();
  }

  /** The epoch being cut, or cut last. */
  get epoch(): CutEpoch {
    const epoch = this.epochs.at(-1);
    if (epoch === undefined) throw new Error('no epoch');
    return epoch;
  }

  /** Viewers connected now. */
  get connected(): number {
    return [...this.#seats].filter((seat) => seat.state === 'open').length;
  }

  /** Substreams sent now, over all viewers. */
  get substreamsSent(): number {
    let bits = 0;
    for (const seat of this.#seats) for (let mask = this.#maskOf(seat); mask !== 0; mask &= mask - 1) bits++;
    return bits;
  }

  /** A piece of any epoch by its names. */
  piece(epochTag: number, sequence: number): CutPiece | undefined {
    return this.epochs.find((epoch) => epoch.tag === epochTag)?.pieces[sequence];
  }

  /** Cuts the source anew; connections stay. */
  beginEpoch(): void {
    this.epochs.at(-1)?.stop();
    this.#cancelRotation?.();
    const { shape, encrypted, substreams, rotateMs } = this.#options;
    const number = this.epochs.length;
    this.epochs.push(
      new CutEpoch({
        core: this.core,
        time: this.#time,
        stream: this.stream,
        epoch: makeEpoch(WALL_ZERO_MS + this.#time.now, number),
        signingSeed: SEED,
        contentSecret: encrypted ? SECRET : undefined,
        substreams,
        shape: { ...shape, seed: (shape.seed ?? 1) + number },
        onPiece: (piece) => this.#spread(piece),
        onHead: () => this.#headChanged(),
      }),
    );
    for (const seat of this.#seats) seat.floors.fill(0);
    if (!encrypted || rotateMs === undefined) return;
    this.#rotateAt = this.#time.now + rotateMs;
    this.#cancelRotation = this.#time.every(rotateMs, () => {
      this.#rotateAt = this.#time.now + rotateMs;
      this.epoch.rotate();
    });
  }

  /** All sockets die; until `up()` none can be opened. */
  down(code: ErrorCode = 'origin/unreachable'): void {
    this.state = 'down';
    for (const seat of this.#seats) this.#close(seat, code, 0);
  }

  /** Back again, with the same epoch or a new one. */
  up(cutting: 'same-epoch' | 'new-epoch'): void {
    this.state = 'up';
    if (cutting === 'new-epoch') this.beginEpoch();
  }

  /** The source ends. */
  end(): void {
    this.epoch.finish();
    this.#sayAll({ kind: 'ended', reason: 'source-ended' });
  }

  /** Says to everybody that it is over for a reason. */
  announce(reason: EndReason): void {
    this.#sayAll({ kind: 'ended', reason });
  }

  /** Sends any bytes as a frame to all viewers. */
  sendRaw(bytes: Uint8Array): void {
    for (const seat of this.#seats) this.#send(seat, bytes);
  }

  /** The port of one viewer; `reach` says whether its network lets it through. */
  port(events: OriginEvents, reach: Reach): OriginPort {
    let seat: Seat | undefined;
    return {
      open: (opening) => {
        seat = { events, opening, state: 'opening', mask: 0, floors: new Array<number>(32).fill(0) };
        reach.cutOff = () => seat !== undefined && this.#close(seat, 'origin/unreachable', 0);
        this.#open(seat, reach);
      },
      send: (bytes) => {
        const request = decodeOriginRequest(bytes);
        const to = seat;
        if (request.kind === 'fault') throw new Error(`a viewer asked nonsense: ${request.detail}`);
        if (to?.state === 'open') this.#time.after(this.#options.delayMs, () => this.#hear(to, request));
      },
      close: () => {
        if (seat !== undefined) this.#forget(seat);
      },
    };
  }

  #open(seat: Seat, reach: Reach): void {
    this.asked.push(seat.opening);
    this.#time.after(this.#options.delayMs, () => {
      if (seat.state !== 'opening') return;
      this.#seats.add(seat);
      if (this.state === 'down' || !reach.isOpen) return this.#close(seat, 'origin/unreachable', 0);
      const { code } = seat.opening;
      if (code !== undefined && !this.#options.codes.has(code)) return this.#close(seat, 'key/unknown-code', 0);
      seat.state = 'open';
      this.#time.after(this.#options.delayMs, () => seat.state === 'open' && seat.events.opened());
      this.#greet(seat);
    });
  }

  #greet(seat: Seat): void {
    const { head, generation } = this.epoch;
    const { from, mask } = seat.opening;
    if (head === undefined) {
      seat.mask = mask;
      return;
    }
    this.#send(seat, head);
    this.#sendKey(seat, generation);
    this.#say(seat, { kind: 'clock', stampMs: 0, wallMs: WALL_ZERO_MS + this.#time.now });
    this.#give(seat, mask, from === 'keyframe' ? FROM_KEYFRAME : from === 'live' ? FROM_LIVE : from);
  }

  #hear(seat: Seat, request: OriginRequest): void {
    if (seat.state !== 'open' || this.state === 'down' || request.kind === this.deafTo) return;
    this.heard.push(request);
    switch (request.kind) {
      case 'mask':
        return this.#give(seat, request.mask, request.from);
      case 'want':
        for (const sequence of request.sequences) this.#sendWanted(seat, sequence);
        return;
      case 'key':
        return this.#sendKey(seat, request.generation);
      case 'clock':
        return this.#say(seat, { kind: 'clock', stampMs: request.stampMs, wallMs: WALL_ZERO_MS + this.#time.now });
      case 'token':
        return;
    }
  }

  #give(seat: Seat, wanted: number, from: number): void {
    const { epoch } = this;
    const before = this.#maskOf(seat);
    seat.mask = wanted;
    const mask = this.#maskOf(seat);
    const fresh = mask & ~before;
    const future = from > epoch.next && from !== FROM_LIVE;
    const start = from === FROM_LIVE ? epoch.next : future ? epoch.keyframe : Math.max(from, epoch.next - KEPT_PIECES);
    this.#say(seat, { kind: 'applied', mask: mask >>> 0, sequence: start });
    for (let bit = 0; bit < this.#options.substreams; bit++) if ((fresh & (1 << bit)) !== 0) seat.floors[bit] = start;
    for (const piece of epoch.pieces.slice(start)) {
      if ((fresh & (1 << (piece.header.sequence % this.#options.substreams))) !== 0) this.#send(seat, piece.wire);
    }
  }

  #maskOf(seat: Seat): number {
    return seat.mask & (2 ** this.#options.substreams - 1);
  }

  #spread(piece: CutPiece): void {
    if (this.epoch.head === undefined) return;
    for (const seat of this.#seats) {
      if (this.#wants(seat, piece)) this.#send(seat, piece.wire);
    }
  }

  #wants(seat: Seat, { header }: CutPiece): boolean {
    const bit = header.sequence % this.#options.substreams;
    return (seat.mask & (1 << bit)) !== 0 && header.sequence >= (seat.floors[bit] ?? 0);
  }

  #headChanged(): void {
    const { epoch } = this;
    if (epoch.head === undefined) return;
    for (const seat of this.#seats) {
      this.#send(seat, epoch.head);
      this.#sendKey(seat, epoch.generation);
      if (epoch.heads > 1) continue;
      this.#say(seat, { kind: 'applied', mask: this.#maskOf(seat) >>> 0, sequence: 0 });
      for (const piece of epoch.pieces) if (this.#wants(seat, piece)) this.#send(seat, piece.wire);
    }
  }

  #sendWanted(seat: Seat, sequence: number): void {
    const piece = this.epoch.pieces[sequence];
    if (piece === undefined || sequence < this.epoch.next - KEPT_PIECES)
      return this.#say(seat, { kind: 'absent', sequence });
    this.#send(seat, piece.wire);
  }

  #sendKey(seat: Seat, generation: number): void {
    const { epoch, stream, core } = this;
    if (!this.#options.encrypted || Math.abs(generation - epoch.generation) > 1) return;
    const content = core.contentKey(SECRET, epoch.epoch, generation);
    const codeKey = seat.opening.code === undefined ? undefined : this.#options.codes.get(seat.opening.code);
    const context = wrapContext(stream, epoch.epoch, generation);
    const key = codeKey === undefined ? content : core.wrapKey(codeKey, NONCE, context, content);
    this.#say(seat, {
      kind: 'key',
      generation,
      wrapped: codeKey !== undefined,
      nextInMs: this.#nextInMs(generation),
      key,
    });
  }

  #nextInMs(generation: number): number {
    const { rotateMs } = this.#options;
    if (rotateMs === undefined) return 0;
    return Math.max(1, this.#rotateAt - this.#time.now + Math.max(0, generation - this.epoch.generation) * rotateMs);
  }

  #sayAll(frame: OriginFrame): void {
    for (const seat of this.#seats) this.#say(seat, frame);
  }

  #say(seat: Seat, frame: OriginFrame): void {
    this.#send(seat, encodeOriginFrame(frame));
  }

  #send(seat: Seat, bytes: Uint8Array): void {
    if (seat.state !== 'open') return;
    const copy = Uint8Array.from(bytes);
    this.sentBytes += copy.length;
    this.#time.after(this.#options.delayMs, () => seat.state === 'open' && seat.events.frame(copy));
  }

  #close(seat: Seat, code: ErrorCode, retryAfterMs: number): void {
    this.#forget(seat);
    this.#time.after(this.#options.delayMs, () => seat.events.closed(code, retryAfterMs));
  }

  #forget(seat: Seat): void {
    seat.state = 'closed';
    this.#seats.delete(seat);
  }
}
