/**
 * The world of a simulation: virtual time, the viewers, and the network between them. Everything random comes from the
 * seed, so a run can be replayed from it.
 */
import { Random } from '../src/core/kit/random.ts';
import type { PlayoutMode } from '../src/core/viewer/playout.ts';
import { HELD_BACK_MS, SET_UP_RTTS } from './calibration/real-links.ts';
import { Checks } from './checks.ts';
import type { DeciderMaker } from './decider.ts';
import { EventWheel, type Sink } from './event-wheel.ts';
import type { StreamOptions } from './ghost-cutter.ts';
import { GhostOrigin } from './ghost-origin.ts';
import type { Group } from './ghost-piece.ts';
import { GhostTracker } from './ghost-tracker.ts';
import { GhostViewer } from './ghost-viewer.ts';
import type { Ledger } from './ledger.ts';
import { LineDeck } from './lines.ts';
import { LinkEnd } from './link-end.ts';
import { LocalClock } from './local-clock.ts';
import { usedBytes } from './memory.ts';
import { Network, type NetworkOptions } from './network.ts';
import { Machines, type ProcessorOptions } from './processor.ts';
import type { Totals } from './totals.ts';
import type { Trace } from './trace.ts';
import type { Dialled, LinkDialler, ViewerStage, ViewerTraits } from './viewer-traits.ts';

/** What a world is like. */
export interface WorldOptions extends StreamOptions, NetworkOptions {
  readonly seed: number;
  /** Mean uplink as a multiple of the stream's bitrate, over all viewers, wire bytes. */
  readonly uplinkMean: number;
  /** What would wait longer than this before an uplink is dropped. */
  readonly routerMs: number;
  /** Share of viewers that cannot upload; follows from the lines. */
  readonly withoutUplink: number;
  /** The page's cap on uploads, bytes a second. */
  readonly capBytesPerSec: number;
  /** Viewers with a picture, or needing every piece this long after its cut. */
  readonly playout: PlayoutMode['kind'];
  readonly delayMs: number;
  /** What the origin may send, bytes a second. */
  readonly originBytesPerSec: number;
  /** Round trips until a connection to a server is open. */
  readonly httpRtts: number;
  /** Share of pages in the background. */
  readonly hidden: number;
  /** Clocks of viewers gain or lose up to so many millionths. */
  readonly clockPpm: number;
  /** Other streams beside the first: their bitrates. */
  readonly otherBitsPerSec: readonly number[];
  /** What pages run on; undefined when nothing ever has to wait for a processor. */
  readonly processors: ProcessorOptions | undefined;
  readonly decider: DeciderMaker;
}

/** Connecting takes so many bytes of each side's uplink. */
const SET_UP_BYTES = 4_000;
/** What a viewer with a screen plays at is its own choice; its pieces are judged by this, ms. */
const SCREEN_PLAYOUT_MS = 1_500;
const WALL_ZERO = 1_700_000_000_000;
/** A page was opened at most so long ago. */
const CLOCK_ZERO_MAX_MS = 10_000_000;
const RUN = 0;

export class World implements ViewerStage<GhostViewer>, Sink {
  readonly options: WorldOptions;
  readonly random: Random;
  readonly network: Network;
  readonly wheel = new EventWheel();
  readonly origins: readonly GhostOrigin[];
  readonly tracker: GhostTracker;
  readonly checks: Checks;
  readonly rules = { playoutMs: 0, windowFrom: 0 };
  readonly totals: Totals = { usefulBytes: 0, arrivedBytes: 0, badPlayed: 0, badForwarded: 0 };
  readonly viewers = new Map<string, GhostViewer>();
  /** Ledgers of honest viewers that have left. */
  readonly closed: Ledger[] = [];
  /** Others that can be reached: what is no viewer but takes part. */
  readonly strangers = new Map<string, LinkDialler>();
  /** When it was made, real ms, and how much memory there was then. */
  readonly bornAt = performance.now();
  readonly cpuBefore = process.cpuUsage();
  readonly #bytesBefore = usedBytes();
  readonly #deck: LineDeck;
  readonly #machines: Machines;
  #named = 0;
  /** By viewers that have left. */
  #watchedBytes = 0;

  constructor(options: WorldOptions) {
    this.options = options;
    this.rules.playoutMs = options.playout === 'clock' ? options.delayMs : SCREEN_PLAYOUT_MS;
    this.random = new Random(options.seed);
    this.network = new Network(options, new Random(options.seed ^ 0x2e7b01));
    this.#deck = new LineDeck(options.lines, options.uplinkMean, new Random(options.seed ^ 0x11e5));
    this.#machines = new Machines(options.processors, new Random(options.seed ^ 0x9c0de));
    const rates = [options.bitsPerSec, ...options.otherBitsPerSec];
    this.origins = rates.map((bitsPerSec, stream) => new GhostOrigin(this, { ...options, bitsPerSec, stream }));
    this.checks = new Checks(this);
    this.tracker = new GhostTracker(this, { seed: options.seed ^ 0x7ac4e2, httpRtts: options.httpRtts });
    for (const origin of this.origins) origin.start();
    this.checks.start();
  }

  get now(): number {
    return this.wheel.now;
  }

  get events(): number {
    return this.wheel.fired;
  }

  get trace(): Trace {
    return this.wheel.trace;
  }

  wallMs(): number {
    return WALL_ZERO + this.now;
  }

  origin(stream: number): GhostOrigin {
    const origin = this.origins[stream];
    if (origin === undefined) throw new RangeError(`there is no stream ${stream}`);
    return origin;
  }

  /** Bytes of plain streams that viewers have watched so far. */
  get watchedBytes(): number {
    let bytes = this.#watchedBytes;
    for (const viewer of this.viewers.values()) bytes += this.#bytesWatchedBy(viewer);
    return bytes;
  }

  /** Bytes the origins have sent. */
  get originBytes(): number {
    return this.origins.reduce((sum, origin) => sum + origin.sentBytes, 0);
  }

  at(time: number, action: () => void): void {
    this.wheel.schedule(time, this, RUN, action);
  }

  fire(_code: number, what: unknown): void {
    (what as () => void)();
  }

  /** Lets virtual time pass. */
  run(untilMs: number): void {
    this.wheel.run(untilMs);
  }

  /** A viewer joins now. */
  join(traits: Partial<ViewerTraits> = {}): GhostViewer {
    const viewer = new GhostViewer(this, { ...this.#traits(traits.stream ?? 0), ...traits });
    this.viewers.set(viewer.name, viewer);
    viewer.start();
    return viewer;
  }

  vanish(viewer: GhostViewer): void {
    if (!this.viewers.delete(viewer.name)) return;
    this.checks.left(viewer);
    this.#watchedBytes += this.#bytesWatchedBy(viewer);
    viewer.ledger.close(this.now);
    if (viewer.honest) this.closed.push(viewer.ledger);
    viewer.vanish();
  }

  /** A name nobody has had. */
  newName(): string {
    return (
      (++this.#named).toString(16).padStart(5, '0') + this.random.bits().toString(16).padStart(8, '0').padEnd(11, '0')
    );
  }

  viewer(name: string): LinkDialler | undefined {
    return this.viewers.get(name) ?? this.strangers.get(name);
  }

  /** When the keyframe after it is due, everybody's picture of a group is judged. */
  groupEnded(group: Group): void {
    this.at(group.endsAt + this.rules.playoutMs, () => {
      for (const viewer of this.viewers.values()) viewer.judge(group);
    });
  }

  /** Both ends have signalled: the link opens, or this pair cannot connect. */
  establish(a: Dialled, b: Dialled): void {
    if (!this.network.reaches(a.viewer.name, b.viewer.name) || this.network.severs(a.viewer, b.viewer)) return;
    const rttMs = this.network.rttMs(a.viewer, b.viewer);
    const loss = this.network.lossOf(a.viewer, b.viewer);
    a.viewer.ghostLine.depart(this.now, SET_UP_BYTES);
    b.viewer.ghostLine.depart(this.now, SET_UP_BYTES);
    this.at(this.now + this.#heldBackMs(a.viewer, b.viewer) + SET_UP_RTTS * rttMs, () => {
      if (!a.viewer.up || !b.viewer.up) return;
      const one = new LinkEnd(this, a.viewer, { link: a.link, rttMs, loss });
      const other = new LinkEnd(this, b.viewer, { link: b.link, rttMs, loss });
      one.join(other);
      other.join(one);
      a.viewer.connect(one);
      b.viewer.connect(other);
    });
  }

  /** Candidates wait for a timer of the page. Those of one side are enough, so two pages must be hidden to be held back. */
  #heldBackMs(a: LinkDialler, b: LinkDialler): number {
    return a.page === 'hidden' && b.page === 'hidden' ? this.random.unit() * HELD_BACK_MS : 0;
  }

  /** Memory the world takes now. */
  memoryBytes(): number {
    return usedBytes() - this.#bytesBefore;
  }

  #bytesWatchedBy(viewer: GhostViewer): number {
    return (viewer.origin.bytesPerSec * (this.now - viewer.joinedAt)) / 1000;
  }

  #traits(stream: number): ViewerTraits {
    const { options, random, network } = this;
    const name = this.newName();
    const seed = random.bits();
    const line = this.#deck.deal();
    const place = { region: network.region(), line };
    const { bytesPerSec } = this.origin(stream);
    return {
      name,
      seed,
      ...place,
      stream,
      address: addressOf(seed),
      uplinkBitsPerSec: line.up * bytesPerSec * 8,
      downlinkBitsPerSec: line.down * bytesPerSec * 8,
      routerMs: options.routerMs,
      capBytesPerSec: options.capBytesPerSec,
      originRttMs: network.originRttMs(place),
      originLoss: network.originLossOf(place),
      clock: new LocalClock(random.unit() * CLOCK_ZERO_MAX_MS, random.between(-1, 1) * options.clockPpm),
      page: random.unit() < options.hidden ? 'hidden' : 'visible',
      playout:
        options.playout === 'clock'
          ? { kind: 'clock', delayMs: options.delayMs }
          : { kind: 'media', latencyMs: options.delayMs },
      processor: this.#machines.open(this.now),
      decider: options.decider,
      conduct: undefined,
    };
  }
}

/** People are spread over all networks but the attacker's. */
const addressOf = (dice: number): string =>
  `${1 + (dice % 190)}.${(dice >>> 8) & 255}.${(dice >>> 16) & 255}.${dice >>> 24}`;
