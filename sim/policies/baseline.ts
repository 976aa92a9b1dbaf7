/**
 * What every policy needs that is not the engine: the stream, the clock, the origin, the tracker, links and a playhead.
 * What to send and to ask for is the policy's own.
 */
import type { Millis } from '../../src/core/engine.ts';
import { Random } from '../../src/core/kit/random.ts';
import type { LinkNumber, Source, ViewerInput, ViewerOutput } from '../../src/core/viewer/io.ts';
import { Membership } from '../../src/core/viewer/membership.ts';
import { Neighbour } from '../../src/core/viewer/neighbour.ts';
import { Playout } from '../../src/core/viewer/playout.ts';
import { SwarmView } from '../../src/core/viewer/swarm-view.ts';
import type { ViewerEngineOptions } from '../../src/core/viewer/viewer-engine.ts';
import { compareEpochs, type Head } from '../../src/wire/head.ts';
import type { LinkMessage } from '../../src/wire/link.ts';
import { partsBytes, pieceBytes } from '../../src/wire/piece.ts';
import type { Decider } from '../decider.ts';

const WANTS_PER_SEC = 60;
const UPKEEP_MS = 1_000;
const REOPEN_MS = 1_000;
const CLOCK_ASKS = 4;
const CLOCK_EVERY_MS = 250;
const EVICT_EVERY = 64;

export abstract class Baseline implements Decider {
  readonly view: SwarmView;
  readonly playout: Playout;
  readonly #membership: Membership;
  readonly #outputs: ViewerOutput[] = [];
  #state: 'running' | 'stopped' = 'running';
  #lookAt: Millis = Number.POSITIVE_INFINITY;
  #upkeepAt: Millis = Number.POSITIVE_INFINITY;
  #openAt: Millis = Number.POSITIVE_INFINITY;
  #clockAt: Millis = Number.POSITIVE_INFINITY;
  #clockAsked: Millis = 0;
  #clockAsks = 0;

  constructor(options: ViewerEngineOptions) {
    this.view = new SwarmView({
      out: { put: (output) => this.#outputs.push(output) },
      random: new Random(options.seed),
      policy: options.policy,
      windowCapacity: options.windowCapacity ?? 2048,
    });
    this.playout = new Playout(this.view, options.playout, () => 'no-parent');
    this.#membership = new Membership(this.view);
  }

  /** Does what is due; returns when to look again. */
  protected abstract look(now: Millis): Millis;
  protected abstract said(now: Millis, link: LinkNumber, message: LinkMessage): void;
  protected abstract arrived(input: Extract<ViewerInput, { kind: 'piece' }>): void;
  abstract get missing(): number;

  /** Another epoch began. */
  protected abstract newEpoch(): void;
  /** The origin cannot send a piece, or not now. */
  protected abstract refused(now: Millis, sequence: number): void;

  protected put(output: ViewerOutput): void {
    this.#outputs.push(output);
  }

  handle(now: Millis, input: ViewerInput): void {
    if (this.#state === 'stopped') return;
    this.#take(now, input);
    if (now >= this.#openAt) this.#open();
    if (now >= this.#clockAt) this.#askClock(now);
    if (now >= this.#upkeepAt) {
      this.#upkeepAt = Math.min(
        now + UPKEEP_MS,
        this.#membership.tick(now, { report: () => this.#report(), isStarving: () => false }),
      );
      this.playout.tick(now);
    }
    if (now >= this.#lookAt) {
      this.playout.tick(now);
      this.#lookAt = this.look(now);
    }
  }

  poll(): ViewerOutput | undefined {
    return this.#outputs.shift();
  }

  nextWakeup(): Millis {
    return Math.min(this.#lookAt, this.#upkeepAt, this.#openAt, this.#clockAt);
  }

  #take(now: Millis, input: ViewerInput): void {
    switch (input.kind) {
      case 'start':
        this.#open();
        this.#membership.start(now);
        this.#upkeepAt = now + UPKEEP_MS;
        this.#lookAt = now + this.view.random.between(20, 200);
        return;
      case 'stop':
        this.#state = 'stopped';
        return this.#membership.stop();
      case 'origin-opened':
        this.#clockAsks = 0;
        this.#clockAt = now;
        return;
      case 'origin-closed':
        this.#openAt = now + Math.max(REOPEN_MS, input.retryAfterMs) * this.view.random.between(0.6, 1.4);
        return;
      case 'origin-said':
        if (input.frame.kind === 'absent') return this.refused(now, input.frame.sequence);
        if (input.frame.kind !== 'clock') return;
        if (input.frame.stampMs === 0) return this.view.clock.hint(now, input.frame.wallMs);
        return this.view.clock.sample(now, this.#clockAsked, input.frame.wallMs);
      case 'head':
        return this.#head(input.head, input.epochTag);
      case 'piece':
        return this.#piece(now, input);
      case 'piece-duplicate':
        this.view.counters.piecesDuplicate++;
        return this.#count(input.from, input.bytes);
      case 'tracker-opened':
        return this.#membership.opened();
      case 'tracker-closed':
        return this.#membership.closed(now);
      case 'tracker-said':
        return this.#membership.said(now, input.answer);
      case 'link-signal':
        return this.#membership.outgoing(input.link, input.data);
      case 'link-opened':
        return this.#linked(now, input.link, input.viewer);
      case 'link-said':
        return this.said(now, input.link, input.message);
      case 'link-closed':
        this.#membership.linkClosed(now, input.link);
        this.view.neighbours.remove(input.link);
        return;
      case 'playhead':
        return this.playout.report(now, input.playhead);
      default:
        return;
    }
  }

  #open(): void {
    this.#openAt = Number.POSITIVE_INFINITY;
    this.put({ kind: 'open-origin', mask: 0xffff_ffff, from: 'keyframe' });
  }

  #askClock(now: Millis): void {
    this.#clockAsked = now;
    this.#clockAsks++;
    this.#clockAt = this.#clockAsks < CLOCK_ASKS ? now + CLOCK_EVERY_MS : Number.POSITIVE_INFINITY;
    this.put({ kind: 'ask-origin', request: { kind: 'clock', stampMs: Math.max(1, Math.round(now) >>> 0) } });
  }

  #head(head: Head, epochTag: number): void {
    const current = this.view.head;
    if (current !== undefined && compareEpochs(head.epoch, current.epoch) <= 0) return;
    this.view.enterEpoch(head, epochTag);
    this.playout.enterEpoch();
    this.newEpoch();
    this.put({ kind: 'epoch', head });
    for (const neighbour of this.view.neighbours.all()) this.put({ kind: 'tell-head', link: neighbour.link });
  }

  #piece(now: Millis, input: Extract<ViewerInput, { kind: 'piece' }>): void {
    const { header, from } = input;
    this.#count(from, pieceBytes(header));
    if (!this.view.pieces.add(header)) return;
    if (from !== 'origin') this.view.counters.piecesFromNeighbours++;
    this.playout.stored(now, header.sequence);
    this.arrived(input);
    if (header.sequence % EVICT_EVERY !== 0) return;
    const below = Math.min(this.playout.cursor, this.view.staleBelow);
    if (below <= this.view.pieces.oldest) return;
    this.view.pieces.forgetBelow(below);
    this.put({ kind: 'evict', below });
  }

  #count(from: Source, bytes: number): void {
    const neighbour = from === 'origin' ? undefined : this.view.neighbours.get(from);
    if (neighbour !== undefined) neighbour.laneBytesIn += partsBytes(bytes);
  }

  #linked(now: Millis, link: LinkNumber, viewer: string): void {
    if (!this.#membership.opensAs(link, viewer)) {
      this.#membership.linkClosed(now, link);
      return this.put({ kind: 'hang-up', link, reason: 'too-many-links' });
    }
    this.view.neighbours.add(new Neighbour(link, viewer, now, WANTS_PER_SEC));
    if (this.view.head !== undefined) this.put({ kind: 'tell-head', link });
  }

  #report() {
    const { counters, neighbours } = this.view;
    const { originBytes, neighbourBytes, uploadedBytes } = counters;
    const told = { originBytes, neighbourBytes, uploadedBytes, playedBytes: 0, stalls: 0 };
    return { ...told, neighbours: neighbours.count, slots: this.view.mayUpload ? 4 : 0 };
  }

  uploaded(now: Millis, link: LinkNumber, bytes: number): void {
    this.view.counters.uploadedBytes += bytes;
    this.view.neighbours.get(link)?.pushed(now, bytes);
  }

  get head(): Head | undefined {
    return this.view.head;
  }

  get epochTag(): number {
    return this.view.epochTag;
  }

  get newest(): number {
    return this.view.pieces.newest;
  }

  parentOf(): Source | undefined {
    return undefined;
  }

  get serving(): number {
    return 0;
  }

  get links(): number {
    return this.view.neighbours.count;
  }

  get explained(): number {
    return this.view.counters.missedDeadlines;
  }

  get causes(): Readonly<Record<string, number>> {
    return this.view.counters.missed;
  }

  get duplicates(): number {
    return this.view.counters.piecesDuplicate;
  }

  /** It measures none. */
  readonly roundTripsMs: readonly number[] = [];

  get fromNeighbours(): number {
    return this.view.counters.piecesFromNeighbours;
  }
}
