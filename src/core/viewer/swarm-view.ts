/**
 * What the parts of one engine share: the stream as it stands, the links, and where to put outputs. It holds facts,
 * no decisions.
 */
import { toHex } from '../../wire/bytes.ts';
import type { Head } from '../../wire/head.ts';
import type { ViewerName } from '../../wire/tracker.ts';
import type { Random } from '../kit/random.ts';
import { Counters } from './counters.ts';
import type { Outbox, PolicyReport } from './io.ts';
import { Neighbours } from './neighbours.ts';
import { OriginClock } from './origin-clock.ts';
import { PieceWindow } from './piece-window.ts';

/** Our newest names: links outlive a tracker that restarts. */
const NAMES_KEPT = 8;
/** Pieces kept behind the live edge for those who want them. */
const KEPT_BEHIND_MS = 12_000;
/** Up to so many neighbours, whoever was there first feeds the others, and a second viewer gets nearly all from the first. */
export const TINY_SWARM = 2;

export class SwarmView {
  readonly out: Outbox;
  readonly random: Random;
  readonly neighbours = new Neighbours();
  readonly clock = new OriginClock();
  readonly counters = new Counters();
  readonly #windowCapacity: number;
  /** Ours, once the tracker has named us. */
  viewer: ViewerName | undefined;
  head: Head | undefined;
  epochTag = 0;
  pieces: PieceWindow;
  policy: PolicyReport;
  #names: readonly ViewerName[] = [];
  #standing: 'founder' | 'joiner' = 'joiner';

  constructor(parts: { out: Outbox; random: Random; policy: PolicyReport; windowCapacity: number }) {
    this.out = parts.out;
    this.random = parts.random;
    this.policy = parts.policy;
    this.#windowCapacity = parts.windowCapacity;
    this.pieces = new PieceWindow(parts.windowCapacity);
  }

  /** K, or 0 before the first head. */
  get substreams(): number {
    return this.head?.substreams ?? 0;
  }

  /** Bytes a second of the stream: as the head says, or a guess. */
  get byteRate(): number {
    return Math.max(8_000, this.head?.byteRate ?? 125_000);
  }

  /** Bytes a second of one substream. */
  get substreamRate(): number {
    return this.byteRate / Math.max(1, this.substreams);
  }

  /** Bytes of a typical piece. */
  get pieceBytes(): number {
    return (this.byteRate * this.pieces.intervalMs) / 1000;
  }

  get mayUpload(): boolean {
    return this.policy.mode === 'on' && this.policy.uploadBytesPerSec > 0;
  }

  substreamOf(sequence: number): number {
    return sequence % Math.max(1, this.substreams);
  }

  /** Pieces below are of no use to anybody; one that a neighbour sends all the same is let lie. */
  get staleBelow(): number {
    return this.pieces.newest - Math.ceil(KEPT_BEHIND_MS / this.pieces.intervalMs);
  }

  /** Takes another epoch: nothing is held of it yet. */
  enterEpoch(head: Head, epochTag: number): void {
    this.head = head;
    this.epochTag = epochTag;
    this.pieces = new PieceWindow(this.#windowCapacity);
  }

  /** The tracker has named us; `alone`: it knew nobody else. One that restarts forgets who was here first; we do not. */
  named(viewer: ViewerName, alone: boolean): void {
    this.viewer = viewer;
    this.#names = [viewer, ...this.#names.filter((name) => name !== viewer)].slice(0, NAMES_KEPT);
    if (alone) this.#standing = 'founder';
  }

  /** We have left the swarm: who was there meanwhile feeds us when we come back. */
  left(): void {
    this.#standing = 'joiner';
  }

  /** Whether a name is ours: links that were made before the tracker named us anew know an older one. */
  isUs(viewer: ViewerName): boolean {
    return this.#names.includes(viewer);
  }

  /** We were here first, and the swarm is tiny. */
  get isSenior(): boolean {
    return this.#standing === 'founder' && this.neighbours.count <= TINY_SWARM;
  }

  get epochText(): string | undefined {
    return this.head === undefined ? undefined : toHex(this.head.epoch);
  }
}
