/**
 * A viewer's decider: a table of contents of its parts, one case per input. The order in which the parts are told of a
 * fact is the order in which they stand here.
 */
import { type ErrorCode, severityOf } from '../../errors.ts';
import { compareEpochs, type Head } from '../../wire/head.ts';
import type { OriginFrame } from '../../wire/origin.ts';
import { type PieceHeader, partsBytes, pieceBytes } from '../../wire/piece.ts';
import type { ViewerReport } from '../../wire/tracker.ts';
import type { Engine, Millis } from '../engine.ts';
import { Random } from '../kit/random.ts';
import { Timers } from '../kit/timers.ts';
import { Children } from './children.ts';
import { ENGINE_TIMERS, TIMER_TABLE, type TimerName } from './engine-timers.ts';
import { Fallback } from './fallback.ts';
import { Feeds } from './feeds.ts';
import type { EngineState, LinkNumber, PolicyReport, Source, ViewerInput, ViewerOutput } from './io.ts';
import { Membership } from './membership.ts';
import { MeshTiming } from './mesh-timing.ts';
import { Neighbourhood } from './neighbourhood.ts';
import { OriginLine } from './origin-line.ts';
import { Playout, type PlayoutMode } from './playout.ts';
import { isStarving } from './reach.ts';
import { Repair } from './repair.ts';
import { StatusReport } from './status-report.ts';
import { SwarmView } from './swarm-view.ts';
import { UploadBudget } from './upload-budget.ts';

/** What an engine is made of. */
export interface ViewerEngineOptions {
  readonly seed: number;
  readonly policy: PolicyReport;
  readonly playout: PlayoutMode;
  /** Sequences remembered, a power of two. */
  readonly windowCapacity?: number;
}

/** Without a new piece for this long the source is silent, and nobody is to blame. */
const OUTAGE_MS = 3_000;
/** A clock that jumps this far has slept: deadlines of before mean nothing. */
const SLEPT_MS = 2_000;

/** Holes are looked at no sooner than this after something has shown them. */
const REPAIR_LOOK_MS = 30;

/** What is old is let go once in so many pieces. */
const EVICT_EVERY = 64;

/** No timer comes again sooner, whatever a part asks for. */
const TICK_LEAST_MS = 2;

export class ViewerEngine implements Engine<ViewerInput, ViewerOutput> {
  readonly view: SwarmView;
  readonly feeds: Feeds;
  readonly children: Children;
  readonly playout: Playout;
  readonly budget: UploadBudget;
  readonly membership: Membership;
  readonly neighbourhood: Neighbourhood;
  readonly #origin: OriginLine;
  readonly #repair: Repair;
  readonly #status: StatusReport;
  readonly #fallback: Fallback;
  readonly #timers = new Timers(TIMER_TABLE);
  readonly #outputs: ViewerOutput[] = [];
  #polled = 0;
  #state: EngineState = 'starting';
  #handledAt: Millis | undefined;
  #pieceAt: Millis = 0;
  /** Pieces taken since the last look at what can be let go. */
  #sinceEvicted = 0;

  constructor(options: ViewerEngineOptions) {
    const out = { put: (output: ViewerOutput) => this.#outputs.push(output) };
    this.view = new SwarmView({
      out,
      random: new Random(options.seed),
      policy: options.policy,
      windowCapacity: options.windowCapacity ?? 2048,
    });
    this.playout = new Playout(this.view, options.playout, (at, sequence) => this.#repair.cause(at, sequence));
    const timing = new MeshTiming(this.playout);
    this.feeds = new Feeds(this.view, timing);
    this.budget = new UploadBudget(this.view);
    this.children = new Children(this.view, this.feeds, this.budget);
    this.#repair = new Repair(this.view, { feeds: this.feeds, children: this.children, timing });
    this.#status = new StatusReport(this.view, this.feeds, this.children);
    this.membership = new Membership(this.view);
    this.neighbourhood = new Neighbourhood(this.view, {
      membership: this.membership,
      feeds: this.feeds,
      children: this.children,
      repair: this.#repair,
      status: this.#status,
      budget: this.budget,
      hasten: (timer, at) => this.#timers.hasten(timer, at),
      fault: (code, detail) => this.#fault(code, detail),
    });
    this.#origin = new OriginLine(this.view, this.feeds, this.playout);
    this.#fallback = new Fallback(this.view, this.feeds, this.playout);
  }

  get state(): EngineState {
    return this.#state;
  }

  /** Holes the engine is working on. */
  get holes(): number {
    return this.#repair.holes;
  }

  /** Whether the viewer has left the mesh because it did worse with it. */
  get fellBack(): boolean {
    return this.#fallback.active;
  }

  handle(at: Millis, input: ViewerInput): void {
    if (this.#state === 'stopped') return;
    const now = Math.max(at, this.#handledAt ?? at);
    this.#notice(now);
    this.#take(now, input);
    if (this.#timers.next() <= now) for (const name of this.#timers.expire(now)) this.#fire(now, name);
    if (this.state === 'stopped') return;
    const found = this.#repair.takeFoundDue();
    if (found !== Number.POSITIVE_INFINITY) this.#timers.hasten('repair', Math.max(found, now + REPAIR_LOOK_MS));
    this.feeds.flushMask();
    this.children.flushAncestors();
    const { outgoing } = this.children;
    if (outgoing.waiting > 0) this.#timers.hasten('outgoing', outgoing.tick(now));
  }

  poll(): ViewerOutput | undefined {
    const output = this.#outputs[this.#polled];
    if (output === undefined) {
      this.#outputs.length = 0;
      this.#polled = 0;
      return undefined;
    }
    this.#polled++;
    return output;
  }

  nextWakeup(): Millis {
    return this.#timers.wakeAt();
  }

  #take(now: Millis, input: ViewerInput): void {
    switch (input.kind) {
      case 'start':
        return this.#start(now);
      case 'wake':
        return;
      case 'stop':
        return this.#stop(now);
      case 'origin-opened':
        return this.#origin.opened(now);
      case 'origin-closed':
        return this.#originClosed(now, input.code, input.retryAfterMs);
      case 'origin-said':
        return this.#originSaid(now, input.frame);
      case 'head':
        return this.#head(now, input.head, input.epochTag, input.from);
      case 'piece':
        return this.#piece(now, input.header, input.from);
      case 'piece-duplicate':
        return this.#duplicate(now, input);
      case 'piece-rejected':
        return this.neighbourhood.rejected(now, input.from, input.reason);
      case 'tracker-opened':
        return this.membership.opened();
      case 'tracker-closed':
        return this.membership.closed(now);
      case 'tracker-said':
        return this.membership.said(now, input.answer);
      case 'link-signal':
        return this.membership.outgoing(input.link, input.data);
      case 'link-opened':
        return this.neighbourhood.opened(now, input.link, input.viewer);
      case 'link-said':
        return this.neighbourhood.said(now, input.link, input.message);
      case 'link-fault':
        return this.neighbourhood.cut(now, input.link, input.code, input.detail);
      case 'link-closed':
        return this.neighbourhood.closed(now, input.link);
      case 'playhead':
        this.playout.report(now, input.playhead);
        return this.#timers.hasten('playout', now);
      case 'policy':
        return this.#policy(now, input.policy);
      case 'nat':
        return this.#timers.hasten('membership', this.membership.natIs(now, input.nat));
      case 'pause':
        return this.playout.pause();
      case 'resume':
        this.playout.resume();
        return this.playout.advance();
    }
  }

  #start(now: Millis): void {
    this.#origin.open(now);
    this.membership.start(now);
    for (const name of ENGINE_TIMERS) this.#timers.set(name, now + this.view.random.between(20, 200));
  }

  #stop(now: Millis): void {
    this.neighbourhood.leaveAll(now);
    this.membership.stop();
    this.view.out.put({ kind: 'close-origin' });
    this.#enter('stopped');
    for (const name of ENGINE_TIMERS) this.#timers.clear(name);
  }

  #fire(now: Millis, name: TimerName): void {
    this.#timers.set(name, Math.max(now + TICK_LEAST_MS, this.#tick(now, name)));
  }

  #tick(now: Millis, name: TimerName): Millis {
    switch (name) {
      case 'status':
        return this.#status.tick(now);
      case 'feeds':
        return this.feeds.tick(now);
      case 'repair':
        return Math.min(this.#repair.tick(now), now + 1_000);
      case 'membership':
        return this.membership.tick(now, {
          report: () => this.report(),
          isStarving: () => !this.fellBack && isStarving(now, this.feeds.all()),
        });
      case 'playout':
        this.#watchSource(now);
        return this.playout.tick(now);
      case 'origin':
        return this.#origin.tick(now);
      case 'outgoing':
        return this.children.outgoing.tick(now);
      case 'budget':
        this.neighbourhood.dismissHopeless(now);
        this.children.dropSilent(now);
        this.children.spread(now);
        this.children.shed(this.budget.step(now, this.children.count, this.children.outgoing.waited), 'congested');
        return Math.min(now + 500, this.#fallback.tick(now, this.#state === 'source-outage'));
    }
  }

  #originClosed(now: Millis, code: ErrorCode, retryAfterMs: number): void {
    this.#origin.closed(now, retryAfterMs);
    this.#fault(code, 'origin connection');
    if (severityOf(code) === 'fatal') this.#enter('failed');
    this.#timers.hasten('origin', this.#origin.nextAt);
  }

  #originSaid(now: Millis, frame: OriginFrame): void {
    if (frame.kind === 'absent') this.#repair.originAbsent(now, frame.sequence);
    else if (frame.kind === 'ended' && frame.reason === 'source-ended') {
      this.#enter('ended');
      this.#repair.expectTail(now);
    } else this.#origin.said(now, frame);
  }

  /** A head is believed when it is newer: of a later epoch, or of a later revision of ours. */
  #head(now: Millis, head: Head, epochTag: number, from: Source): void {
    const current = this.view.head;
    const order = current === undefined ? 1 : compareEpochs(head.epoch, current.epoch);
    if (order < 0 || (order === 0 && head.revision <= (current?.revision ?? -1))) return;
    if (order > 0) {
      this.view.enterEpoch(head, epochTag);
      this.feeds.enterEpoch(now);
      this.#repair.reset();
      this.playout.enterEpoch();
      this.children.enterEpoch();
      this.view.out.put({ kind: 'epoch', head });
      if (this.#state === 'ended') this.#enter('playing');
    } else {
      this.view.head = head;
    }
    for (const neighbour of this.view.neighbours.all()) {
      if (neighbour.link !== from) this.view.out.put({ kind: 'tell-head', link: neighbour.link });
    }
  }

  #piece(now: Millis, header: PieceHeader, from: Source): void {
    const bytes = pieceBytes(header);
    this.neighbourhood.arrived(now, from, bytes);
    if (!this.view.pieces.add(header)) return;
    this.#pieceAt = now;
    const lag = this.view.clock.wall(now) - header.cutMs;
    if (this.view.clock.known) this.view.counters.lags.add(lag);
    const repaired = this.#repair.stored(now, header.sequence, from);
    if (!repaired) this.feeds.pieceFrom(now, header.sequence, from, 'new');
    this.children.pushFresh(now, header.sequence, partsBytes(bytes), from === 'origin' ? undefined : from);
    if (this.playout.stored(now, header.sequence)) this.#timers.hasten('playout', now);
    this.#count(from, bytes, repaired);
    const letIn = this.#state === 'failed' && from === 'origin';
    if (letIn || this.#state === 'starting' || this.#state === 'source-outage') {
      if (this.playout.state === 'running') this.#enter('playing');
    }
    if (this.playout.state === 'ended') this.#enter('ended');
    else if (this.#state === 'ended') this.#repair.expectTail(now);
    if (++this.#sinceEvicted >= EVICT_EVERY) this.#evict();
  }

  #count(from: Source, bytes: number, repaired: boolean): void {
    const { counters } = this.view;
    if (from === 'origin') {
      counters.piecesFromOrigin++;
      counters.originBytes += bytes;
      if (repaired) counters.repairsFromOrigin++;
    } else {
      counters.piecesFromNeighbours++;
      counters.neighbourBytes += bytes;
      if (repaired) counters.repairsFromNeighbours++;
    }
  }

  #duplicate(now: Millis, input: { sequence: number; bytes: number; from: Source }): void {
    this.neighbourhood.arrived(now, input.from, input.bytes);
    this.view.counters.piecesDuplicate++;
    this.#repair.came(input.sequence, input.from);
    if (input.from === 'origin') this.view.counters.originBytes += input.bytes;
    const neighbour = input.from === 'origin' ? undefined : this.view.neighbours.get(input.from);
    if (neighbour !== undefined) neighbour.duplicates++;
    if (this.view.pieces.has(input.sequence)) this.feeds.pieceFrom(now, input.sequence, input.from, 'held');
  }

  #policy(now: Millis, policy: PolicyReport): void {
    const before = this.view.policy.mode;
    this.view.policy = policy;
    if (!this.view.mayUpload) this.children.shed(this.children.count, 'policy');
    if (policy.mode === 'off' && before !== 'off') {
      this.feeds.allowMesh(now, false);
      this.neighbourhood.leaveAll(now);
      this.membership.stop();
    }
    if (policy.mode !== 'off' && before === 'off') {
      this.feeds.allowMesh(now, !this.fellBack);
      this.membership.start(now);
    }
  }

  #watchSource(now: Millis): void {
    if (this.#state === 'playing' && now - this.#pieceAt > OUTAGE_MS) {
      this.#enter('source-outage');
      this.#fault('source/outage', 'no new piece');
    }
  }

  /** A sleeping page wakes with a past that means nothing. */
  #notice(now: Millis): void {
    const before = this.#handledAt;
    this.#handledAt = now;
    if (before === undefined || now - before < SLEPT_MS) return;
    const expected = this.#timers.next();
    if (now - expected < SLEPT_MS) return;
    this.#repair.reset();
    for (const neighbour of this.view.neighbours.all()) neighbour.heardAt = now;
    this.playout.rejoin();
    this.#pieceAt = now;
  }

  #evict(): void {
    this.#sinceEvicted = 0;
    const stale = this.view.staleBelow;
    const below = this.playout.isIdle() ? stale : Math.min(this.playout.cursor, stale);
    if (below <= this.view.pieces.oldest) return;
    this.view.pieces.forgetBelow(below);
    this.view.out.put({ kind: 'evict', below });
  }

  #enter(state: EngineState): void {
    if (this.#state === state || this.#state === 'stopped') return;
    this.#state = state;
    this.view.out.put({ kind: 'state', state });
  }

  /** Bytes that really left, told by whoever carries them. */
  uploaded(now: Millis, link: LinkNumber, bytes: number): void {
    this.neighbourhood.uploaded(now, link, bytes);
  }

  #fault(code: ErrorCode, detail: string): void {
    this.view.counters.fault(code);
    this.view.out.put({ kind: 'fault', code, detail });
  }

  /** What the tracker is told. */
  report(): ViewerReport {
    const { counters } = this.view;
    return {
      originBytes: counters.originBytes,
      neighbourBytes: counters.neighbourBytes,
      uploadedBytes: counters.uploadedBytes,
      playedBytes: counters.originBytes + counters.neighbourBytes,
      stalls: counters.stalls,
      neighbours: this.view.neighbours.count,
      slots: Math.max(0, this.budget.slots - this.children.count),
    };
  }
}
