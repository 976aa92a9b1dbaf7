/**
 * An origin that cuts ghost pieces: real headers, no bytes. It serves masks, wants and clock requests as the real one
 * does, counts what it sends, and can begin a new epoch or go down.
 */
import type { Head } from '../src/wire/head.ts';
import { makeEpoch, substreamsFor } from '../src/wire/head.ts';
import { FROM_KEYFRAME, FROM_LIVE, type OriginRequest } from '../src/wire/origin.ts';
import { pieceBytes } from '../src/wire/piece.ts';
import { type GroupPlan, planGroup, type Slot, type StreamOptions } from './ghost-cutter.ts';
import type { GhostPiece, Group } from './ghost-piece.ts';
import { PeakMeter } from './peak-meter.ts';
import type { ServedViewer, ServerStage } from './stage.ts';

const KEPT_MS = 15_000;
const EPOCH_TAG = 0x5110a1;

interface Seat {
  mask: number;
}

export class GhostOrigin {
  readonly #world: ServerStage;
  readonly #stream: StreamOptions;
  readonly #plan: GroupPlan;
  readonly #seats = new Map<ServedViewer, Seat>();
  #kept: GhostPiece[] = [];
  #epoch = 0;
  #epochAt = 0;
  #sequence = 0;
  #head: Head;
  /** Wire bytes sent to viewers. */
  sentBytes = 0;
  /** The busiest second. */
  readonly peak = new PeakMeter();
  /** Pieces asked for one by one. */
  repairs = 0;
  #state: 'up' | 'down' = 'up';

  constructor(world: ServerStage, stream: StreamOptions) {
    this.#world = world;
    this.#stream = stream;
    this.#plan = planGroup(stream);
    this.#head = this.#makeHead();
  }

  get head(): Head {
    return this.#head;
  }

  get epochTag(): number {
    return EPOCH_TAG + this.#epoch;
  }

  get piecesPerSecond(): number {
    return (this.#plan.slots.length * 1000) / this.#stream.gopMs;
  }

  start(): void {
    this.#group(this.#world.now, this.#epoch);
  }

  /** The source was interrupted: sequences begin again, sockets stay. */
  newEpoch(): void {
    this.#epoch++;
    this.#sequence = 0;
    this.#epochAt = this.#world.now;
    this.#kept = [];
    this.#head = this.#makeHead();
    for (const viewer of this.#seats.keys()) {
      this.#world.toViewer(viewer, viewer.originRttMs / 2, () => viewer.head(this.#head, this.epochTag, 'origin'));
    }
    this.#group(this.#world.now + 200, this.#epoch);
  }

  /** Cuts everybody off; `up` after this long, with a new epoch. */
  restart(downMs: number): void {
    this.#state = 'down';
    for (const viewer of this.#seats.keys()) {
      this.#say(viewer, 20, { kind: 'origin-closed', code: 'origin/unreachable', retryAfterMs: 0 });
    }
    this.#seats.clear();
    this.#world.at(this.#world.now + downMs, () => {
      this.#state = 'up';
      this.newEpoch();
    });
  }

  open(viewer: ServedViewer, opening: { readonly mask: number; readonly from: 'keyframe' | 'live' | number }): void {
    const way = viewer.originRttMs;
    if (this.#state === 'down') {
      return this.#say(viewer, way, { kind: 'origin-closed', code: 'origin/unreachable', retryAfterMs: 0 });
    }
    this.#seats.set(viewer, { mask: 0 });
    this.#say(viewer, way, { kind: 'origin-opened' });
    this.#say(viewer, way, { kind: 'origin-said', frame: { kind: 'clock', stampMs: 0, wallMs: this.#world.wallMs() } });
    this.#world.toViewer(viewer, way, () => viewer.head(this.#head, this.epochTag, 'origin'));
    const from = opening.from === 'keyframe' ? FROM_KEYFRAME : opening.from === 'live' ? FROM_LIVE : opening.from;
    this.#mask(viewer, opening.mask, { from, way });
  }

  ask(viewer: ServedViewer, request: OriginRequest): void {
    if (!this.#seats.has(viewer)) return;
    const way = viewer.originRttMs;
    switch (request.kind) {
      case 'mask':
        return this.#mask(viewer, request.mask, { from: request.from, way });
      case 'want':
        return this.#want(viewer, request.sequences, way);
      case 'clock': {
        const frame = { kind: 'clock', stampMs: request.stampMs, wallMs: this.#world.wallMs() + way / 2 } as const;
        return this.#say(viewer, way, { kind: 'origin-said', frame });
      }
      case 'key':
      case 'token':
        return;
    }
  }

  close(viewer: ServedViewer): void {
    this.#seats.delete(viewer);
  }

  /** Whether somebody who joins now could be served. */
  get up(): boolean {
    return this.#state === 'up';
  }

  #say(viewer: ServedViewer, delayMs: number, input: Parameters<ServedViewer['input']>[0]): void {
    this.#world.toViewer(viewer, delayMs, () => viewer.input(input));
  }

  #want(viewer: ServedViewer, sequences: readonly number[], way: number): void {
    for (const sequence of sequences) {
      this.repairs++;
      const header = this.#kept.find((kept) => kept.sequence === sequence);
      if (header !== undefined) this.#send(viewer, header, way);
      else this.#say(viewer, way, { kind: 'origin-said', frame: { kind: 'absent', sequence } });
    }
  }

  #mask(viewer: ServedViewer, mask: number, at: { readonly from: number; readonly way: number }): void {
    const seat = this.#seats.get(viewer);
    if (seat === undefined) return;
    const effective = mask & (2 ** this.#head.substreams - 1);
    const added = effective & ~seat.mask;
    seat.mask = effective;
    const frame = { kind: 'applied', mask: effective, sequence: this.#sequence } as const;
    this.#say(viewer, at.way, { kind: 'origin-said', frame });
    const first = this.#firstOf(at.from);
    for (const header of this.#kept) {
      if (header.sequence < first || (added & (1 << (header.sequence % this.#head.substreams))) === 0) continue;
      this.#send(viewer, header, at.way);
    }
  }

  /** A sequence that is yet to come is of an epoch before ours: begin at the keyframe. */
  #firstOf(from: number): number {
    if (from === FROM_LIVE) return this.#sequence;
    if (from === FROM_KEYFRAME || from > this.#sequence) {
      return this.#kept.findLast((header) => header.groupOffset === 0)?.sequence ?? this.#sequence;
    }
    return from;
  }

  #group(start: number, epoch: number): void {
    const { slots, keyPieces } = this.#plan;
    let group: Group | undefined;
    slots.forEach((slot, offset) => {
      this.#world.at(start + slot.atMs, () => {
        group ??= {
          epochTag: this.epochTag,
          firstSequence: this.#sequence,
          cutAt: start,
          endsAt: start + this.#stream.gopMs,
          offsetsMs: slots.map((each) => each.atMs),
          keyPieces,
        };
        this.#cut(slot, group, { offset, epoch });
      });
    });
    this.#world.at(start + this.#stream.gopMs, () => {
      if (group !== undefined) this.#world.groupEnded(group);
      if (epoch === this.#epoch) this.#group(start + this.#stream.gopMs, epoch);
    });
  }

  #cut(slot: Slot, group: Group, at: { readonly offset: number; readonly epoch: number }): void {
    const { offset, epoch } = at;
    if (epoch !== this.#epoch || this.#state === 'down') return;
    const sequence = this.#sequence++;
    const header: GhostPiece = {
      kind: 'piece',
      keyframe: offset === 0,
      encrypted: false,
      last: false,
      length: slot.bytes,
      epochTag: this.epochTag,
      sequence,
      dtsMs: Math.round(this.#world.now - this.#epochAt),
      cutMs: Math.round(this.#world.wallMs()),
      generation: 0,
      tagStart: 0,
      groupOffset: offset,
      cutAt: this.#world.now,
      group,
    };
    this.#kept.push(header);
    if ((this.#kept[0]?.cutMs ?? 0) < header.cutMs - KEPT_MS) this.#kept.shift();
    this.#world.checks.cut(header);
    const bit = 1 << (sequence % this.#head.substreams);
    for (const [viewer, seat] of this.#seats) {
      if ((seat.mask & bit) !== 0) this.#send(viewer, header, viewer.originRttMs / 2);
    }
  }

  #send(viewer: ServedViewer, header: GhostPiece, way: number): void {
    const bytes = pieceBytes(header);
    this.sentBytes += bytes;
    this.peak.add(this.#world.now, bytes);
    this.#world.toViewer(viewer, way, () => viewer.piece(header, 'origin'));
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
      byteRate: this.#stream.bitsPerSec / 8,
      madeMs: 0,
      publicKey: new Uint8Array(32),
      prelude: new Uint8Array(0),
    };
  }
}
