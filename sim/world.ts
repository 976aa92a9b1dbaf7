/**
 * The world of a simulation: virtual time, the viewers, and the network between them. Everything random comes from the
 * seed, so a run can be replayed from it.
 */
import { Random } from '../src/core/kit/random.ts';
import type { PlayoutMode } from '../src/core/viewer/playout.ts';
import { Checks } from './checks.ts';
import { EventHeap } from './event-heap.ts';
import type { StreamOptions } from './ghost-cutter.ts';
import { GhostOrigin } from './ghost-origin.ts';
import type { Group } from './ghost-piece.ts';
import { GhostTracker } from './ghost-tracker.ts';
import { type FarEnd, GhostViewer, type ViewerStage, type ViewerTraits } from './ghost-viewer.ts';
import type { Ledger } from './ledger.ts';
import { Network, type NetworkOptions } from './network.ts';
import type { ServedViewer } from './stage.ts';
import { Trace } from './trace.ts';

/** What a world is like. */
export interface WorldOptions extends StreamOptions, NetworkOptions {
  readonly seed: number;
  /** Mean uplink as a multiple of the stream's bitrate, over all viewers. */
  readonly uplinkMean: number;
  /** Share of viewers that cannot upload. */
  readonly withoutUplink: number;
  /** The page's cap on uploads, bytes a second. */
  readonly capBytesPerSec: number;
  /** Viewers with a picture, or needing every piece this long after its cut. */
  readonly playout: PlayoutMode['kind'];
  readonly delayMs: number;
}

/** Connection set-up takes about this many round trips after signalling. */
const SET_UP_RTTS = 4.7;
const WALL_ZERO = 1_700_000_000_000;

export class World implements ViewerStage {
  readonly options: WorldOptions;
  readonly random: Random;
  readonly network: Network;
  readonly origin: GhostOrigin;
  readonly tracker: GhostTracker;
  readonly checks: Checks;
  readonly trace = new Trace();
  readonly rules = { playoutMs: 0, windowFrom: 0 };
  readonly totals = { usefulBytes: 0, arrivedBytes: 0 };
  /** Ledgers of viewers that have left. */
  readonly closed: Ledger[] = [];
  readonly viewers = new Map<string, GhostViewer>();
  readonly #heap = new EventHeap();
  /** When it was made, real ms, and how much memory there was then. */
  readonly bornAt = performance.now();
  readonly #bytesBefore = usedBytes();
  #now = 0;
  #named = 0;
  events = 0;
  /** Milliseconds lived by viewers that have left. */
  #livedMs = 0;

  constructor(options: WorldOptions) {
    this.options = options;
    this.rules.playoutMs = options.delayMs;
    this.random = new Random(options.seed);
    this.network = new Network(options, new Random(options.seed ^ 0x2e7b01));
    this.checks = new Checks(this);
    this.origin = new GhostOrigin(this, options);
    this.tracker = new GhostTracker(this, options.seed ^ 0x7ac4e2);
    this.origin.start();
    this.checks.start();
  }

  get now(): number {
    return this.#now;
  }

  wallMs(): number {
    return WALL_ZERO + this.#now;
  }

  /** Viewer-milliseconds so far. */
  get viewerMs(): number {
    let lived = this.#livedMs;
    for (const viewer of this.viewers.values()) lived += this.#now - viewer.joinedAt;
    return lived;
  }

  at(time: number, action: () => void): void {
    this.#heap.push(Math.max(time, this.#now), action);
  }

  /** Lets virtual time pass. */
  run(untilMs: number): void {
    while (this.#heap.next() <= untilMs) {
      this.#now = this.#heap.next();
      this.#heap.pop()?.();
      this.events++;
    }
    this.#now = untilMs;
  }

  /** A viewer joins now. */
  join(traits: Partial<ViewerTraits> = {}): GhostViewer {
    const { options, random } = this;
    const name =
      (++this.#named).toString(16).padStart(4, '0') + random.bits().toString(16).padStart(12, '0').slice(0, 12);
    const uploads = random.unit() >= options.withoutUplink;
    const mean = (options.uplinkMean * options.bitsPerSec) / (1 - options.withoutUplink);
    const viewer = new GhostViewer(this, {
      name,
      seed: random.bits(),
      uplinkBitsPerSec: uploads ? mean * random.between(0.4, 1.6) : 0,
      capBytesPerSec: options.capBytesPerSec,
      originRttMs: this.network.originRttMs(),
      reachMs: this.network.reachMs(),
      playout:
        options.playout === 'clock'
          ? { kind: 'clock', delayMs: options.delayMs }
          : { kind: 'media', latencyMs: options.delayMs },
      sabotage: undefined,
      ...traits,
    });
    this.viewers.set(viewer.name, viewer);
    viewer.start();
    return viewer;
  }

  vanish(viewer: GhostViewer): void {
    if (!this.viewers.delete(viewer.name)) return;
    this.#livedMs += this.#now - viewer.joinedAt;
    this.checks.left(viewer);
    viewer.ledger.close();
    this.closed.push(viewer.ledger);
    viewer.vanish();
  }

  /** Memory the world takes now. */
  memoryBytes(): number {
    return usedBytes() - this.#bytesBefore;
  }

  viewer(name: string): GhostViewer | undefined {
    return this.viewers.get(name);
  }

  toViewer(viewer: ServedViewer, delayMs: number, deliver: () => void): void {
    this.at(this.#now + delayMs, () => {
      if (viewer.up) deliver();
    });
  }

  /** When the keyframe after it is due, everybody's picture of a group is judged. */
  groupEnded(group: Group): void {
    this.at(group.endsAt + this.rules.playoutMs, () => {
      for (const viewer of this.viewers.values()) viewer.judge(group);
    });
  }

  /** Both ends have signalled: the link opens, or this pair cannot connect. */
  establish(a: FarEnd, b: FarEnd): void {
    if (!this.network.reaches(a.viewer.name, b.viewer.name)) return;
    const opens = this.#now + SET_UP_RTTS * 2 * (a.viewer.reachMs + b.viewer.reachMs);
    this.at(opens, () => {
      if (!a.viewer.up || !b.viewer.up) return;
      a.viewer.connect(a.link, b);
      b.viewer.connect(b.link, a);
    });
  }
}

const usedBytes = (): number => {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};
