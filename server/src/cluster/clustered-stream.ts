// One stream of a cluster at one process: cut here or fed by the process that cuts it, and changed over between the two
// while viewers watch. What comes next is made ready first; viewers are shown it when it has its first piece, and until
// then they have what was before.

import type { ErrorCode } from '../../../src/errors.ts';
import { compareEpochs } from '../../../src/wire/head.ts';
import type { EndReason } from '../../../src/wire/origin.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import { NamedTimers } from '../named-timers.ts';
import { Audience } from '../origin/audience.ts';
import type { Epoch } from '../origin/epoch.ts';
import type { KeptPiece } from '../origin/piece-window.ts';
import type { Stream, Subscriber } from '../origin/stream.ts';
import type { StreamState } from '../origin/stream-state.ts';
import type { Running } from '../origin/streams.ts';
import type { LineTarget } from '../relay/upstream-line.ts';
import type { Claim, Leases } from './leases.ts';
import { type Holder, type RoleEvent, type RoleOrder, StreamRole } from './stream-role.ts';

/** What it works with. */
export interface ClusteredParts {
  readonly running: Running;
  readonly leases: Leases;
  readonly clock: Clock;
  readonly log: Log;
  readonly lingerMs: number;
  /** Relays the stream from wherever `targets` says. */
  relay(asked: RelayAsked): Stream;
  /** How a stream is asked for at another process. */
  targetAt(url: string, from: 'keyframe' | number): LineTarget;
}

/** What a relay of the stream is told. */
export interface RelayAsked {
  readonly running: Running;
  targets(from: 'keyframe' | number): readonly LineTarget[];
  after(): number;
  stranded(): void;
}

/** Where pieces come from: the part of the stream that stands behind its audience. */
interface Feed {
  readonly way: 'cut' | 'relay';
  readonly stream: Stream;
  readonly subscriber: Subscriber;
}

const ASK_SOON_MS = 200;

const startOf = (epoch: Epoch | undefined): number =>
  epoch === undefined ? 0 : Buffer.from(epoch.id).readUIntBE(0, 6);

/** See above. */
export class ClusteredStream implements Stream {
  readonly path: string;
  readonly #parts: ClusteredParts;
  readonly #audience: Audience;
  readonly #role: StreamRole;
  readonly #timers: NamedTimers<'ask'>;
  readonly #unwatch: () => void;
  #state: 'open' | 'closed' = 'open';
  /** What viewers are fed by, and what will take its place. */
  #feed: Feed | undefined;
  #coming: Feed | undefined;
  /** To be called when another epoch is shown. */
  #shown: (() => void) | undefined;
  /** A new epoch has to begin after this. */
  #after = 0;

  constructor(parts: ClusteredParts, wokenBy: 'viewer' | 'publisher') {
    const { running, clock, leases, lingerMs } = parts;
    this.path = running.path;
    this.#parts = parts;
    this.#timers = new NamedTimers(clock);
    this.#audience = new Audience(clock, lingerMs, () => running.idle(this));
    this.#role = new StreamRole(running.cutsHere);
    this.#unwatch = leases.watch(this.path, {
      deposed: (holder) => this.#happens({ kind: 'deposed', holder }),
      freed: () => this.#happens({ kind: 'freed' }),
      moved: (holder) => this.#happens({ kind: 'moved', holder }),
      storeBack: () => this.#happens({ kind: 'store-back' }),
      outdone: (startMs) => this.#outdone(startMs),
      leaving: (shown) => {
        this.#shown = shown;
        return running.query;
      },
    });
    this.#happens(wokenBy === 'publisher' ? { kind: 'published' } : { kind: 'opened' });
  }

  get state(): StreamState {
    return this.#state === 'closed' ? 'closed' : (this.#feed?.stream.state ?? 'connecting');
  }

  get epoch(): Epoch | undefined {
    return this.#audience.shown;
  }

  get viewers(): number {
    return this.#audience.viewers;
  }

  wallMs(): number {
    return this.#feed?.stream.wallMs() ?? this.#parts.clock.wall();
  }

  nextInMs(generation: number): number {
    return this.#feed?.stream.nextInMs(generation) ?? 0;
  }

  subscribe(subscriber: Subscriber): void {
    this.#audience.add(subscriber);
    if (this.epoch !== undefined && this.state === 'waiting') subscriber.paused('source-outage');
  }

  unsubscribe(subscriber: Subscriber): void {
    this.#audience.delete(subscriber);
  }

  hold(): void {
    this.#audience.hold();
  }

  release(): void {
    this.#audience.release();
  }

  restart(): void {
    if (this.#feed?.way === 'cut') this.#feed.stream.restart();
    else this.#happens({ kind: 'published' });
  }

  sendAway(): void {
    this.#audience.sendAway();
  }

  close(): void {
    this.#state = 'closed';
    this.#unwatch();
    this.#timers.clear();
    this.#audience.close();
    this.#drop(this.#coming);
    this.#drop(this.#feed);
    void this.#parts.leases.release(this.path);
  }

  #happens(event: RoleEvent): void {
    if (this.#state === 'closed') return;
    for (const order of this.#role.decide(event)) this.#obey(order);
  }

  #obey(order: RoleOrder): void {
    const { leases, running } = this.#parts;
    switch (order.kind) {
      case 'ask':
        this.#timers.cancel('ask');
        void leases.claim(this.path, running.cutsHere()).then((claim) => this.#answered(claim));
        return;
      case 'look':
        void leases.claim(this.path, false).then((claim) => this.#answered(claim));
        return;
      case 'ask-soon':
        return this.#timers.set('ask', ASK_SOON_MS, () => this.#obey({ kind: 'ask' }));
      case 'seize':
        void leases.seize(this.path).then((claim) => this.#answered(claim));
        return;
      case 'cut':
        return this.#prepare('cut');
      case 'relay':
        return this.#relay(order.holder);
      case 'outdo':
        return leases.outdo(this.path, order.holder, startOf(this.epoch));
    }
  }

  #answered(claim: Claim): void {
    if (this.#state === 'closed') {
      // The answer came too late to be of use: the next one need not wait.
      if (claim.kind === 'ours') void this.#parts.leases.release(this.path);
      return;
    }
    if (claim.kind === 'ours') this.#after = Math.max(this.#after, claim.after);
    const holder = { ours: 'us', nobodys: 'nobody', unknown: 'unknown' } as const;
    this.#happens({ kind: 'answered', holder: claim.kind === 'theirs' ? claim.holder : holder[claim.kind] });
    if (claim.kind === 'nobodys' && this.epoch === undefined)
      this.#audience.tell((each) => each.refused('origin/not-found'));
  }

  #relay(holder: Holder): void {
    const { log } = this.#parts;
    log.write('info', 'stream-relayed', { stream: this.path, from: holder.url });
    // A relay that runs looks for its upstream anew: there is another one now.
    if (this.#coming?.way === 'relay') this.#coming.stream.restart();
    else if (this.#feed?.way === 'relay' && this.#coming === undefined) this.#feed.stream.restart();
    else this.#prepare('relay');
  }

  #outdone(startMs: number): void {
    this.#after = Math.max(this.#after, startMs);
    // The word may come before the store's answer that the lease is ours.
    if (this.#role.state !== 'cutting' && this.#role.state !== 'alone') return;
    if (startOf(this.epoch) <= startMs) this.#prepare('cut');
  }

  /** Makes ready what comes next; what was being made ready before is not wanted any more. */
  #prepare(way: Feed['way']): void {
    this.#drop(this.#coming);
    this.#coming = undefined;
    const stream = way === 'cut' ? this.#cut() : this.#relayed();
    const feed: Feed = { way, stream, subscriber: this.#subscriberOf(() => feed) };
    this.#coming = feed;
    stream.subscribe(feed.subscriber);
  }

  #cut(): Stream {
    return this.#parts.running.cut(() => Math.max(this.#after, startOf(this.epoch)));
  }

  #relayed(): Stream {
    const { running, relay, targetAt } = this.#parts;
    return relay({
      running,
      targets: (from) => (this.#role.holder === undefined ? [] : [targetAt(this.#role.holder.url, from)]),
      after: () => startOf(this.epoch),
      stranded: () => this.#happens({ kind: 'stranded' }),
    });
  }

  #subscriberOf(mine: () => Feed): Subscriber {
    const isShown = (): boolean => this.#feed === mine();
    return {
      inside: true,
      begin: (epoch: Epoch) => this.#begin(mine(), epoch),
      piece: (piece: KeptPiece) => {
        if (!isShown()) return;
        if (mine().way === 'relay') this.#role.decide({ kind: 'fed' });
        this.#audience.tell((each) => each.piece(piece));
      },
      generation: (generation: number) => {
        if (isShown()) this.#audience.tell((each) => each.generation(generation));
      },
      paused: (reason: EndReason) => {
        if (isShown() && this.#coming === undefined) this.#audience.tell((each) => each.paused(reason));
      },
      refused: (code: ErrorCode) => {
        const isLast = (this.#coming ?? this.#feed) === mine();
        if (isLast && this.epoch === undefined) this.#audience.tell((each) => each.refused(code));
      },
    };
  }

  #begin(feed: Feed, epoch: Epoch): void {
    if (feed === this.#coming) {
      this.#drop(this.#feed);
      this.#feed = feed;
      this.#coming = undefined;
    }
    if (feed !== this.#feed) return;
    if (feed.way === 'relay') this.#role.decide({ kind: 'fed' });
    if (this.epoch !== undefined && compareEpochs(epoch.id, this.epoch.id) <= 0) return;
    this.#audience.begin(epoch);
    this.#shown?.();
    if (feed.way === 'cut') this.#parts.leases.began(this.path, startOf(epoch));
  }

  #drop(feed: Feed | undefined): void {
    feed?.stream.unsubscribe(feed.subscriber);
    feed?.stream.close();
  }
}
