/**
 * An HLS viewer's decider: which segment comes from whom. Tracker and links are handled by the parts that viewers of FLV
 * use; segments, which are wanted out of order and at a time the player says, are pulled by deadline instead of pushed.
 */
import type { ErrorCode } from '../../errors.ts';
import type { HlsMessage, SegmentKey } from '../../wire/hls-link.ts';
import type { Status } from '../../wire/link.ts';
import type { ViewerName, ViewerReport } from '../../wire/tracker.ts';
import type { Engine, Millis } from '../engine.ts';
import { Timers } from '../kit/timers.ts';
import type { LinkNumber, PolicyReport } from '../viewer/io.ts';
import { Membership } from '../viewer/membership.ts';
import { Neighbour } from '../viewer/neighbour.ts';
import { UploadBudget } from '../viewer/upload-budget.ts';
import { HlsView } from './hls-view.ts';
import type { HlsInput, HlsOutput, SegmentSource } from './io.ts';
import { Offers } from './offers.ts';
import { Pursuits } from './pursuits.ts';
import { Seat } from './seat.ts';

const TIMERS = { names: ['membership', 'status', 'pursuits', 'offers'], slackMs: [0, 0, 0, 0] } as const;
type TimerName = (typeof TIMERS.names)[number];

const STATUS_BUSY_MS = 250;
const STATUS_IDLE_MS = 1_500;
/** A neighbour that has said nothing for so long is gone. */
const SILENT_MS = 12_000;
/** Bytes after which an acknowledgement does not wait. */
const ACK_BYTES = 16_000;
const ACK_LEAST_MS = 50;
/** A tracker that has not let us in by then may never do so. */
const MEETING_MS = 4_000;
const NO_BYTES = new Uint8Array(0);

/** What an engine is made of. */
export interface HlsEngineOptions {
  readonly seed: number;
  readonly policy: PolicyReport;
}

/** What is counted for the tracker, beside what the engine sees. */
export interface ServerBytes {
  readonly originBytes: number;
  readonly stalls: number;
}

export class HlsEngine implements Engine<HlsInput, HlsOutput> {
  readonly view: HlsView;
  readonly membership: Membership;
  readonly #pursuits: Pursuits;
  readonly #offers: Offers;
  readonly #timers = new Timers<TimerName>(TIMERS);
  readonly #outputs: HlsOutput[] = [];
  #state: 'new' | 'running' | 'stopped' = 'new';
  #startedAt: Millis = 0;
  #server: ServerBytes = { originBytes: 0, stalls: 0 };

  constructor({ seed, policy }: HlsEngineOptions) {
    this.view = new HlsView(seed, policy, (output) => this.#outputs.push(output));
    this.membership = new Membership(this.view.swarm);
    this.#pursuits = new Pursuits(this.view, (now) => this.#isMeeting(now));
    this.#offers = new Offers(this.view, this.#pursuits, new UploadBudget(this.view.swarm));
  }

  handle(now: Millis, input: HlsInput): void {
    if (this.#state === 'stopped') return;
    this.#take(now, input);
    if (this.#timers.next() <= now) for (const name of this.#timers.expire(now)) this.#fire(now, name);
  }

  poll(): HlsOutput | undefined {
    return this.#outputs.shift();
  }

  nextWakeup(): Millis {
    return this.#timers.wakeAt();
  }

  /** Bytes that really left, on the lane of pieces. */
  uploaded(now: Millis, link: LinkNumber, bytes: number): void {
    this.view.swarm.counters.uploadedBytes += bytes;
    this.view.seats.get(link)?.neighbour.pushed(now, bytes);
  }

  /** Bytes that came on the lane of pieces, of use or not: the other side counts what is acknowledged. */
  arrived(now: Millis, link: LinkNumber, bytes: number): void {
    const neighbour = this.view.seats.get(link)?.neighbour;
    if (neighbour === undefined) return;
    neighbour.heardAt = now;
    neighbour.laneBytesIn += bytes;
  }

  /** What the carrier counts goes into the tracker's reports. */
  counted(server: ServerBytes): void {
    this.#server = server;
  }

  #take(now: Millis, input: HlsInput): void {
    switch (input.kind) {
      case 'start':
        this.#state = 'running';
        this.#startedAt = now;
        this.membership.start(now);
        this.#timers.set('membership', now);
        return this.#timers.set('status', now + STATUS_BUSY_MS);
      case 'wake':
        return;
      case 'stop':
        return this.#stop(now);
      case 'tracker-opened':
        return this.membership.opened();
      case 'tracker-closed':
        return this.membership.closed(now);
      case 'tracker-said':
        return this.membership.said(now, input.answer);
      case 'link-signal':
        return this.membership.outgoing(input.link, input.data);
      case 'link-opened':
        return this.#opened(now, input.link, input.viewer);
      case 'link-fault':
        return this.#cut(now, input.link, input.code, input.detail);
      case 'link-closed':
        return this.#closed(now, input.link);
      case 'policy':
        return this.#policy(now, input.policy);
      case 'nat':
        return this.#timers.hasten('membership', this.membership.natIs(now, input.nat));
      case 'hls-said':
        return this.#said(now, input.link, input.message);
      default:
        return this.#segment(now, input);
    }
  }

  #segment(now: Millis, input: Extract<HlsInput, { readonly kind: SegmentInput }>): void {
    switch (input.kind) {
      case 'wish':
        this.#pursuits.wish(now, input.key, input.deadline);
        return this.#timers.hasten('pursuits', now);
      case 'unwish':
        return this.#unwish(now, input.key);
      case 'sheet':
        return this.#sheet(now, input.key, input.pieces, input.from);
      case 'sheet-refused':
        return this.#sheetRefused(now, input);
      case 'segment-piece':
        return this.#piece(now, input);
      case 'segment-piece-bad':
        this.view.swarm.counters.piecesRejected++;
        return this.#cut(now, input.link, 'link/bad-piece', 'segment');
      case 'held':
        this.view.held.set(input.key, input.pieces);
        this.#pursuits.end(now, input.key);
        this.#offers.holds(input.key);
        return this.#timers.hasten('offers', now);
      case 'fetch-ended':
        if (this.#pursuits.end(now, input.key) !== undefined) this.#offers.drops(input.key);
        return;
      case 'evicted':
        if (this.view.held.delete(input.key)) this.#offers.drops(input.key);
        return;
      case 'fetch-took':
        return this.view.fetchTook(input.ms);
    }
  }

  #unwish(now: Millis, key: SegmentKey): void {
    const pursuit = this.#pursuits.end(now, key);
    if (pursuit === undefined) return;
    if (pursuit.state === 'fetching' || pursuit.finishing) this.view.put({ kind: 'cancel-fetch', key });
    this.#offers.drops(key);
  }

  #sheet(now: Millis, key: SegmentKey, pieces: number, from: SegmentSource): void {
    this.#pursuits.measured(now, key, pieces, from);
    this.#offers.sheetKnown(key);
    this.#timers.hasten('pursuits', now);
  }

  /** A false sheet is a lie; one that nobody here can judge is only of no use. */
  #sheetRefused(now: Millis, refused: Extract<HlsInput, { readonly kind: 'sheet-refused' }>): void {
    if (refused.why === 'bad') return this.#cut(now, refused.link, 'hls/bad-seal', 'sheet');
    const seat = this.view.seats.get(refused.link);
    if (seat === undefined) return;
    seat.lacks(refused.key);
    this.#pursuits.lost(now, seat);
  }

  #piece(now: Millis, input: Extract<HlsInput, { readonly kind: 'segment-piece' }>): void {
    const seat = this.view.seats.get(input.from);
    if (seat !== undefined) {
      const { neighbour } = seat;
      neighbour.bytesIn += input.bytes;
      neighbour.reputation.served();
      this.view.swarm.counters.neighbourBytes += input.bytes;
      const untold = neighbour.laneBytesIn - neighbour.laneBytesTold;
      if (untold > ACK_BYTES && now - neighbour.statusSentAt > ACK_LEAST_MS) this.#tellStatus(now, neighbour);
    }
    this.#pursuits.arrived(now, input.key, input.piece, seat);
    this.#offers.progressed(now);
    this.#timers.hasten('offers', now + STATUS_BUSY_MS);
  }

  /** The tracker has not answered yet, or those it named are being dialled. */
  #isMeeting(now: Millis): boolean {
    if (this.view.swarm.policy.mode === 'off') return false;
    return this.membership.joined ? this.membership.dialling > 0 : now - this.#startedAt < MEETING_MS;
  }

  #opened(now: Millis, link: LinkNumber, viewer: ViewerName): void {
    if (!this.membership.opensAs(link, viewer)) {
      this.membership.linkClosed(now, link);
      return this.view.put({ kind: 'hang-up', link, reason: 'too-many-links' });
    }
    const neighbour = new Neighbour(link, viewer, now, 1);
    this.view.swarm.neighbours.add(neighbour);
    this.view.seats.set(link, new Seat(neighbour, now));
    this.#tellStatus(now, neighbour);
    this.#offers.greet(link);
  }

  #said(now: Millis, link: LinkNumber, message: HlsMessage): void {
    const seat = this.view.seats.get(link);
    if (seat === undefined) return;
    seat.neighbour.heardAt = now;
    switch (message.kind) {
      case 'hello':
        return this.#cut(now, link, 'link/bad-message', 'second hello');
      case 'status':
        return seat.neighbour.hear(now, message);
      case 'bye':
        this.view.put({ kind: 'hang-up', link, reason: 'leaving' });
        return this.#closed(now, link);
      case 'ask-sheet':
        return this.#offers.askSheet(link, message.key);
      case 'want':
        this.#offers.wanted(now, link, message.key, message.pieces);
        return this.#timers.hasten('offers', now);
      case 'sheet':
      case 'receipt':
        // The byte side reads these and says what they are worth.
        return;
      default:
        this.#news(now, seat, message);
        return this.#timers.hasten('pursuits', now);
    }
  }

  #news(now: Millis, seat: Seat, message: Extract<HlsMessage, { readonly kind: News }>): void {
    switch (message.kind) {
      case 'held':
        seat.holds(message.keys);
        this.#offers.satisfied(seat.neighbour.link, message.keys);
        return this.#pursuits.news(now, message.keys, seat);
      case 'dropped':
        seat.drops(message.keys);
        return this.#pursuits.news(now, message.keys, seat);
      case 'some':
        seat.holdsSome(message.key, message.first, message.pieces);
        return this.#pursuits.news(now, [message.key], seat);
      case 'claim':
        seat.claims(now, message.key);
        return this.#pursuits.claimed(now, message.key, seat);
      case 'absent':
        seat.declined(message.key, message.pieces);
        for (const piece of message.pieces) seat.lacks(message.key, piece);
        return this.#pursuits.news(now, [message.key], seat);
    }
  }

  #closed(now: Millis, link: LinkNumber): void {
    this.membership.linkClosed(now, link);
    const seat = this.view.seats.get(link);
    this.view.seats.delete(link);
    this.view.swarm.neighbours.remove(link);
    this.#offers.left(link);
    if (seat === undefined) return;
    this.#pursuits.lost(now, seat);
    this.#timers.hasten('pursuits', now);
  }

  #cut(now: Millis, link: LinkNumber, code: ErrorCode, detail: string): void {
    const seat = this.view.seats.get(link);
    if (seat !== undefined) {
      this.membership.ban(seat.neighbour.viewer);
      this.view.put({ kind: 'tell-hls', link, message: { kind: 'bye', reason: 'bad-behaviour' } });
    }
    this.view.swarm.counters.fault(code);
    this.view.put({ kind: 'fault', code, detail });
    this.view.put({ kind: 'hang-up', link, reason: 'bad-behaviour' });
    this.#closed(now, link);
  }

  #policy(now: Millis, policy: PolicyReport): void {
    const before = this.view.swarm.policy.mode;
    this.view.swarm.policy = policy;
    if (policy.mode === 'off') this.#leave(now);
    else if (before === 'off') this.membership.start(now);
    if (before !== 'on' && policy.mode === 'on') for (const link of this.view.seats.keys()) this.#offers.greet(link);
  }

  #leave(now: Millis): void {
    for (const link of [...this.view.seats.keys()]) {
      this.view.put({ kind: 'tell-hls', link, message: { kind: 'bye', reason: 'leaving' } });
      this.view.put({ kind: 'hang-up', link, reason: 'leaving' });
      this.#closed(now, link);
    }
    this.membership.stop();
  }

  #stop(now: Millis): void {
    this.#leave(now);
    this.#state = 'stopped';
    for (const name of ['membership', 'pursuits', 'offers', 'status'] as const) this.#timers.clear(name);
  }

  #fire(now: Millis, name: TimerName): void {
    switch (name) {
      case 'membership':
        return this.#timers.hasten(
          name,
          this.membership.tick(now, { report: () => this.report(), isStarving: () => false }),
        );
      case 'pursuits':
        return this.#timers.hasten(name, this.#pursuits.tick(now));
      case 'offers':
        return this.#timers.hasten(name, this.#offers.tick(now));
      case 'status':
        this.#sweep(now);
        return this.#timers.hasten(name, now + STATUS_BUSY_MS);
    }
  }

  #sweep(now: Millis): void {
    for (const { neighbour } of [...this.view.seats.values()]) {
      if (now - neighbour.heardAt > SILENT_MS) {
        this.view.put({ kind: 'hang-up', link: neighbour.link, reason: 'idle' });
        this.#closed(now, neighbour.link);
        continue;
      }
      const isBusy = neighbour.laneBytesIn !== neighbour.laneBytesTold || neighbour.inFlight(now) > 0;
      if (now - neighbour.statusSentAt >= (isBusy ? STATUS_BUSY_MS : STATUS_IDLE_MS)) this.#tellStatus(now, neighbour);
    }
  }

  #tellStatus(now: Millis, neighbour: Neighbour): void {
    neighbour.statusSentAt = now;
    neighbour.laneBytesTold = neighbour.laneBytesIn;
    const message: Status = {
      kind: 'status',
      epochTag: 0,
      base: 0,
      have: NO_BYTES,
      open: 0,
      relaying: 0,
      lags: NO_BYTES,
      ranks: [],
      received: neighbour.laneBytesIn >>> 0,
      stamp: Math.round(now) & 0xffff,
      ...neighbour.echo(now),
    };
    this.view.put({ kind: 'tell-hls', link: neighbour.link, message });
  }

  /** What the tracker is told. */
  report(): ViewerReport {
    const { counters, policy } = this.view.swarm;
    const { originBytes, stalls } = this.#server;
    return {
      originBytes,
      neighbourBytes: counters.neighbourBytes,
      uploadedBytes: counters.uploadedBytes,
      playedBytes: originBytes + counters.neighbourBytes,
      stalls,
      neighbours: this.view.seats.size,
      slots: Math.max(0, policy.neighbours - this.view.seats.size),
    };
  }
}

type News = 'held' | 'dropped' | 'some' | 'claim' | 'absent';

type SegmentInput =
  | 'wish'
  | 'unwish'
  | 'sheet'
  | 'sheet-refused'
  | 'segment-piece'
  | 'segment-piece-bad'
  | 'held'
  | 'fetch-ended'
  | 'evicted'
  | 'fetch-took';
