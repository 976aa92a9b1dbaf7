/**
 * An origin that cuts ghost pieces: real headers, no bytes. It serves masks, wants and clock requests as the real one
 * does, within what it may send, and can begin a new epoch or go down.
 */
import type { ViewerInput } from '../src/core/viewer/io.ts';
import type { Head } from '../src/wire/head.ts';
import { makeEpoch, substreamsFor } from '../src/wire/head.ts';
import { FROM_KEYFRAME, FROM_LIVE, type OriginRequest } from '../src/wire/origin.ts';
import { pieceBytes } from '../src/wire/piece.ts';
import type { Sink } from './event-wheel.ts';
import { type GroupPlan, planGroup, type Slot, type StreamOptions } from './ghost-cutter.ts';
import type { GhostPiece, Group } from './ghost-piece.ts';
import { OriginEgress, shareOut, startAt } from './origin-egress.ts';
import { OriginSeat } from './origin-seat.ts';
import { PeakMeter } from './peak-meter.ts';
import type { ServedViewer, ServerStage } from './stage.ts';

/** What an origin is like. */
export interface OriginOptions extends StreamOptions {
  /** Bytes a second it may send. */
  readonly originBytesPerSec: number;
  /** Round trips until a connection is open: TCP, TLS and the upgrade. */
  readonly httpRtts: number;
  /** Tells streams apart. */
  readonly stream: number;
}

/** What a request is about when it arrives. */
type Request = { readonly viewer: ServedViewer; readonly mask: number; readonly from: 'keyframe' | 'live' | number };

const KEPT_MS = 15_000;
const EPOCH_TAG = 0x5110a1;
const NEWCOMER_MS = 3_000;
const OPEN = 0;
const ASKED = 1;

export class GhostOrigin implements Sink {
  readonly #world: ServerStage;
  readonly #options: OriginOptions;
  readonly #plan: GroupPlan;
  readonly #egress: OriginEgress;
  readonly #seats = new Map<ServedViewer, OriginSeat>();
  readonly #subscribers: Set<OriginSeat>[] = [];
  /** Every piece ever cut, by epoch and sequence. */
  readonly #pieces = new Map<number, GhostPiece[]>();
  #epoch = 0;
  #epochAt = 0;
  #head: Head;
  #state: 'up' | 'down' = 'up';
  /** Wire bytes sent to viewers. */
  sentBytes = 0;
  /** Pieces sent that were asked for one by one. */
  repairs = 0;
  /** The busiest second. */
  readonly peak = new PeakMeter();

  constructor(world: ServerStage, options: OriginOptions) {
    this.#world = world;
    this.#options = options;
    this.#plan = planGroup(options);
    this.#egress = new OriginEgress(options.originBytesPerSec);
    this.#head = this.#makeHead();
  }

  get head(): Head {
    return this.#head;
  }

  get epochTag(): number {
    return EPOCH_TAG + this.#options.stream * 4096 + this.#epoch;
  }

  get piecesPerSecond(): number {
    return (this.#plan.slots.length * 1000) / this.#options.gopMs;
  }

  get bytesPerSec(): number {
    return this.#options.bitsPerSec / 8;
  }

  piece(epochTag: number, sequence: number): GhostPiece | undefined {
    return this.#pieces.get(epochTag)?.[sequence];
  }

  start(): void {
    this.#group(this.#world.now, this.#epoch);
  }

  /** It may send so many bytes a second from now on. */
  limit(bytesPerSec: number): void {
    this.#egress.setLimit(this.#world.now, bytesPerSec);
  }

  /** The source was interrupted: sequences begin again, sockets stay. */
  newEpoch(): void {
    this.#epoch++;
    this.#epochAt = this.#world.now;
    this.#head = this.#makeHead();
    for (const seat of this.#seats.values()) this.#sendHead(seat);
    this.#group(this.#world.now + 200, this.#epoch);
  }

  /** Cuts everybody off; `up` after this long, with a new epoch. */
  restart(downMs: number): void {
    this.#state = 'down';
    for (const viewer of this.#seats.keys()) viewer.later(20, UNREACHABLE);
    for (const seat of this.#seats.values()) this.#setMask(seat, 0);
    this.#seats.clear();
    this.#world.at(this.#world.now + downMs, () => {
      this.#state = 'up';
      this.newEpoch();
    });
  }

  open(viewer: ServedViewer, opening: { readonly mask: number; readonly from: 'keyframe' | 'live' | number }): void {
    const way = (this.#options.httpRtts - 0.5) * viewer.originRttMs;
    this.#world.wheel.schedule(this.#world.now + way, this, OPEN, { viewer, ...opening });
  }

  ask(viewer: ServedViewer, request: OriginRequest): void {
    this.#world.wheel.schedule(this.#world.now + viewer.originRttMs / 2, this, ASKED, { viewer, request });
  }

  close(viewer: ServedViewer): void {
    const seat = this.#seats.get(viewer);
    if (seat !== undefined) this.#setMask(seat, 0);
    this.#seats.delete(viewer);
  }

  fire(code: number, what: unknown): void {
    if (code === OPEN) return this.#opened(what as Request);
    const { viewer, request } = what as { readonly viewer: ServedViewer; readonly request: OriginRequest };
    const seat = this.#seats.get(viewer);
    if (seat !== undefined) this.#asked(seat, request);
  }

  #opened({ viewer, mask, from }: Request): void {
    if (!viewer.up) return;
    if (this.#state === 'down') return viewer.later(viewer.originRttMs / 2, UNREACHABLE);
    this.close(viewer);
    const seat = new OriginSeat(viewer, this.#world.now);
    this.#seats.set(viewer, seat);
    this.#say(seat, { kind: 'origin-opened' });
    this.#say(seat, { kind: 'origin-said', frame: { kind: 'clock', stampMs: 0, wallMs: this.#world.wallMs() } });
    this.#sendHead(seat);
    this.#give(seat, mask, from === 'keyframe' ? FROM_KEYFRAME : from === 'live' ? FROM_LIVE : from);
  }

  #asked(seat: OriginSeat, request: OriginRequest): void {
    switch (request.kind) {
      case 'mask':
        return this.#give(seat, request.mask, request.from);
      case 'want':
        for (const sequence of request.sequences) this.#repair(seat, sequence);
        return;
      case 'clock': {
        const frame = { kind: 'clock', stampMs: request.stampMs, wallMs: this.#world.wallMs() } as const;
        return this.#say(seat, { kind: 'origin-said', frame });
      }
      case 'key':
      case 'token':
        return;
    }
  }

  #say(seat: OriginSeat, input: ViewerInput): void {
    const { now, network } = this.#world;
    seat.viewer.later(seat.arrival(now, 0, 40, network) - now, input);
  }

  #sendHead(seat: OriginSeat): void {
    const { now, network } = this.#world;
    seat.viewer.headFromOrigin(seat.arrival(now, 0, 600, network), this.#head, this.epochTag);
  }

  #repair(seat: OriginSeat, sequence: number): void {
    const piece = this.piece(this.epochTag, sequence);
    const { now } = this.#world;
    const kept = piece !== undefined && now - piece.cutAt < KEPT_MS;
    if (kept && this.#egress.mayRepair(now, pieceBytes(piece))) {
      this.repairs++;
      return this.#send(seat, piece);
    }
    this.#say(seat, { kind: 'origin-said', frame: { kind: 'absent', sequence } });
  }

  /** Gives what can be given of a mask, and the kept pieces of what is new in it. */
  #give(seat: OriginSeat, mask: number, from: number): void {
    const { substreams } = this.#head;
    const wanted = (mask & (2 ** substreams - 1)) >>> 0;
    const before = seat.mask;
    const share = this.bytesPerSec / substreams;
    const room = Math.floor(this.#egress.room(this.#isNew(seat)) / share);
    const given = room >= substreams ? wanted : shareOut({ held: before, wanted }, room, this.#holders());
    this.#setMask(seat, given);
    const pieces = this.#pieces.get(this.epochTag) ?? [];
    const frame = { kind: 'applied', mask: given, sequence: pieces.length } as const;
    this.#say(seat, { kind: 'origin-said', frame });
    const keyframe = pieces.findLast((piece) => piece.keyframe)?.sequence ?? pieces.length;
    const first = Math.max(0, startAt(from === FROM_KEYFRAME ? keyframe : from, { keyframe, next: pieces.length }));
    const added = given & ~before;
    for (let sequence = first; sequence < pieces.length; sequence++) {
      const piece = pieces[sequence];
      if (piece !== undefined && (added & (1 << (sequence % substreams))) !== 0) this.#send(seat, piece);
    }
  }

  #isNew(seat: OriginSeat): boolean {
    return this.#world.now - seat.openedAt < NEWCOMER_MS;
  }

  #holders(): number[] {
    return Array.from({ length: this.#head.substreams }, (_, substream) => this.#subscribers[substream]?.size ?? 0);
  }

  #setMask(seat: OriginSeat, mask: number): void {
    const { substreams } = this.#head;
    const share = this.bytesPerSec / substreams;
    for (let substream = 0; substream < substreams; substream++) {
      const bit = 1 << substream;
      if (((mask ^ seat.mask) & bit) === 0) continue;
      this.#subscribers[substream] ??= new Set();
      if ((mask & bit) === 0) this.#subscribers[substream]?.delete(seat);
      else this.#subscribers[substream]?.add(seat);
      this.#egress.promise((mask & bit) === 0 ? -share : share);
    }
    seat.mask = mask;
  }

  #group(start: number, epoch: number): void {
    const { slots, keyPieces } = this.#plan;
    const group: Group = {
      stream: this.#options.stream,
      epochTag: this.epochTag,
      firstSequence: this.#pieces.get(this.epochTag)?.length ?? 0,
      cutAt: start,
      endsAt: start + this.#options.gopMs,
      offsetsMs: slots.map((each) => each.atMs),
      keyPieces,
    };
    slots.forEach((slot, offset) => {
      this.#world.at(start + slot.atMs, () => {
        if (epoch === this.#epoch && this.#state === 'up') this.#cut(slot, group, offset);
      });
    });
    this.#world.at(group.endsAt, () => {
      if (epoch !== this.#epoch || this.#state === 'down') return;
      this.#world.groupEnded(group);
      this.#group(group.endsAt, epoch);
    });
  }

  #cut(slot: Slot, group: Group, offset: number): void {
    const { now } = this.#world;
    const pieces = this.#pieces.get(this.epochTag) ?? [];
    this.#pieces.set(this.epochTag, pieces);
    const sequence = pieces.length;
    const piece: GhostPiece = {
      kind: 'piece',
      keyframe: offset === 0,
      encrypted: false,
      last: false,
      length: slot.bytes,
      epochTag: this.epochTag,
      sequence,
      dtsMs: Math.round(now - this.#epochAt),
      cutMs: Math.round(this.#world.wallMs()),
      generation: 0,
      tagStart: 0,
      groupOffset: offset,
      cutAt: now,
      group,
    };
    pieces.push(piece);
    this.#world.checks.cut(piece);
    const substream = sequence % this.#head.substreams;
    for (const seat of this.#subscribers[substream] ?? []) {
      if (!this.#isNew(seat) && this.#egress.overdrawn(now)) this.#shed(seat, substream);
      else this.#send(seat, piece);
    }
  }

  /** Takes back what was promised beyond what can be kept. */
  #shed(seat: OriginSeat, substream: number): void {
    this.#setMask(seat, (seat.mask & ~(1 << substream)) >>> 0);
    const sequence = this.#pieces.get(this.epochTag)?.length ?? 0;
    this.#say(seat, { kind: 'origin-said', frame: { kind: 'applied', mask: seat.mask, sequence } });
  }

  #send(seat: OriginSeat, piece: GhostPiece): void {
    const { now, network } = this.#world;
    const bytes = pieceBytes(piece);
    this.sentBytes += bytes;
    this.peak.add(now, bytes);
    seat.viewer.pieceFromOrigin(seat.arrival(now, this.#egress.send(now, bytes), bytes, network), piece);
  }

  #makeHead(): Head {
    return {
      kind: 'head',
      version: 1,
      stream: new Uint8Array(32),
      epoch: makeEpoch(1_700_000_000_000 + this.#epoch * 1000, 1),
      revision: 0,
      substreams: substreamsFor(this.piecesPerSecond),
      encrypted: false,
      generation: 0,
      fromSequence: 0,
      byteRate: this.bytesPerSec,
      madeMs: 0,
      publicKey: new Uint8Array(32),
      prelude: new Uint8Array(0),
    };
  }
}

const UNREACHABLE: ViewerInput = { kind: 'origin-closed', code: 'origin/unreachable', retryAfterMs: 0 };
