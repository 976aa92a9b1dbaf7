// A stream that another server cuts. One connection to one upstream at a time; when it is lost the next upstream goes on
// where the last one stopped, since every relay of one root origin has the same pieces under the same numbers.

import type { ErrorCode } from '../../../src/errors.ts';
import { compareEpochs } from '../../../src/wire/head.ts';
import { WANT_MAX } from '../../../src/wire/limits.ts';
import { type EndReason, FROM_KEYFRAME, type OriginFrame } from '../../../src/wire/origin.ts';
import { decodePieceHeader, type PieceHeader } from '../../../src/wire/piece.ts';
import type { ByteCore } from '../../../wasm/abi.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import { NamedTimers } from '../named-timers.ts';
import { Audience } from '../origin/audience.ts';
import type { Epoch } from '../origin/epoch.ts';
import type { WindowLimits } from '../origin/piece-window.ts';
import type { Stream, Subscriber } from '../origin/stream.ts';
import type { StreamState } from '../origin/stream-state.ts';
import { wholeMask } from '../origin/substreams.ts';
import { checkUpstreamHead } from './head-check.ts';
import { GAP_MS, InOrder } from './in-order.ts';
import { KeyPlan } from './key-plan.ts';
import { RelayedEpoch } from './relayed-epoch.ts';
import { type LineTarget, UpstreamLine } from './upstream-line.ts';

/** What a relayed stream works with. */
export interface RelayedParts {
  readonly path: string;
  /** The stream's id, which names the root origin too. */
  readonly id: Uint8Array;
  readonly core: ByteCore;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly lingerMs: number;
  readonly window: WindowLimits;
  /** Key of the root origin. */
  readonly originKey: Uint8Array;
  /** Upstreams now, best first; `from` is where the stream is to go on. */
  targets(from: 'keyframe' | number): readonly LineTarget[];
  /** Epochs that began earlier are not believed, wall ms. */
  readonly after: () => number;
  /** Nobody watches any more. */
  idle(stream: Stream): void;
  /** No upstream can be had, again and again until one can. */
  stranded?(): void;
}

type TimerName = 'linger' | 'retry' | 'gap' | 'mask' | 'key';

interface Waiting {
  readonly header: PieceHeader;
  readonly wire: Buffer;
}

const BACKOFF_MS = 250;
const BACKOFF_MS_MAX = 5000;
const MASK_AGAIN_MS = 500;

/** See above. */
export class RelayedStream implements Stream {
  readonly path: string;
  readonly #parts: RelayedParts;
  readonly #audience: Audience;
  readonly #timers: NamedTimers<TimerName>;
  readonly #keys = new KeyPlan();
  #state: StreamState = 'connecting';
  #line: UpstreamLine | undefined;
  #aheadMs = 0;
  /** The newest epoch that has a head, and the one viewers are shown: the same as soon as there is a piece. */
  #epoch: RelayedEpoch | undefined;
  #order = new InOrder<Waiting>();
  #tries = 0;
  #failures = 0;
  #cause: ErrorCode = 'source/unreachable';

  constructor(parts: RelayedParts) {
    this.#parts = parts;
    this.path = parts.path;
    this.#timers = new NamedTimers(parts.clock);
    this.#audience = new Audience(parts.clock, parts.lingerMs, () => parts.idle(this));
    this.#connect();
  }

  get state(): StreamState {
    return this.#state;
  }

  get epoch(): Epoch | undefined {
    return this.#audience.shown;
  }

  get viewers(): number {
    return this.#audience.viewers;
  }

  wallMs(): number {
    this.#aheadMs = this.#line?.aheadMs ?? this.#aheadMs;
    return this.#parts.clock.wall() + this.#aheadMs;
  }

  nextInMs(generation: number): number {
    return this.#keys.nextInMs(generation, this.#parts.clock.now());
  }

  subscribe(subscriber: Subscriber): void {
    this.#audience.add(subscriber);
    if (this.epoch !== undefined && this.#state !== 'live') subscriber.paused('source-outage');
    if (this.epoch === undefined && this.#state === 'waiting') subscriber.refused(this.#cause);
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

  sendAway(): void {
    this.#audience.sendAway();
  }

  /** Looks for its upstreams anew, since there may be others now. */
  restart(): void {
    if (this.#state === 'closed') return;
    this.#line?.close();
    this.#tries = 0;
    this.#failures = 0;
    this.#connect();
  }

  close(): void {
    this.#state = 'closed';
    this.#timers.clear();
    this.#line?.close();
    this.#epoch?.free();
    this.#audience.close();
  }

  #connect(): void {
    const targets = this.#parts.targets(this.#order.next ?? 'keyframe');
    const target = targets[this.#tries % Math.max(1, targets.length)];
    this.#timers.cancel('retry');
    if (target === undefined) return this.#wait('origin/not-found', 0);
    const line = new UpstreamLine(this.#parts.clock, target, {
      head: (bytes) => this.#head(bytes),
      piece: (bytes) => this.#piece(bytes),
      frame: (frame) => this.#hear(frame),
      lost: (cause, retryAfterMs) => this.#lost(target, cause, retryAfterMs),
    });
    this.#line = line;
  }

  #lost({ url }: LineTarget, cause: ErrorCode, retryAfterMs: number): void {
    this.#parts.log.write('warn', 'upstream-lost', { stream: this.path, upstream: url.host, code: cause });
    this.#next(cause, retryAfterMs);
  }

  /** Something went wrong on a line that is open: it is left for another one. */
  #leave(cause: ErrorCode, detail: string): void {
    this.#line?.close();
    this.#parts.log.write('warn', 'upstream-left', { stream: this.path, code: cause, detail });
    this.#next(cause, 0);
  }

  /** The next upstream at once; when all have failed, after a pause. */
  #next(cause: ErrorCode, retryAfterMs: number): void {
    this.#line = undefined;
    this.#tries++;
    const { length } = this.#parts.targets('keyframe');
    if (this.#tries % Math.max(1, length) !== 0) return this.#connect();
    this.#wait(cause, retryAfterMs);
  }

  #wait(cause: ErrorCode, retryAfterMs: number): void {
    const wasLive = this.#state === 'live';
    // One that was lost while all was well is tried again before anybody is told.
    const pause = this.#failures === 0 && wasLive ? 0 : Math.min(BACKOFF_MS_MAX, BACKOFF_MS * 2 ** this.#failures);
    this.#failures++;
    this.#cause = cause === 'origin/not-found' ? cause : 'source/unreachable';
    const waitMs = Math.max(retryAfterMs, pause * (0.5 + this.#parts.random()));
    this.#timers.set('retry', waitMs, () => this.#connect());
    this.#parts.stranded?.();
    if (pause === 0) return;
    this.#state = 'waiting';
    if (this.epoch === undefined) this.#audience.tell((each) => each.refused(this.#cause));
    else if (this.#failures === 2) this.#pause('source-outage');
  }

  #pause(reason: EndReason): void {
    this.#state = 'waiting';
    this.#audience.tell((each) => each.paused(reason));
  }

  #head(bytes: Buffer): void {
    const { core, id, originKey, after } = this.#parts;
    const head = checkUpstreamHead(core, bytes, { id, originKey });
    if (head.kind === 'fault') return this.#leave(head.code, head.detail);
    const good = { head, bytes };
    const newer = this.#epoch === undefined ? 1 : compareEpochs(head.epoch, this.#epoch.id);
    if (newer === 0) return this.#epoch?.newHead(good);
    const isOld = newer < 0 || startOf(head.epoch) < after();
    // A server that lags behind may catch up: its pieces are left alone until it does.
    if (isOld) return;
    if (this.#epoch !== undefined && this.#epoch !== this.epoch) this.#epoch.free();
    this.#epoch = new RelayedEpoch(core, good, this.#parts.window);
    this.#order = new InOrder();
    this.#keys.clear();
  }

  #piece(bytes: Buffer): void {
    const epoch = this.#epoch;
    const header = decodePieceHeader(bytes);
    if (header.kind === 'fault') return this.#leave('origin/bad-frame', header.detail);
    if (epoch === undefined) return;
    const verdict = epoch.verify(bytes);
    if (verdict === 'bad-signature' || verdict === 'malformed') return this.#leave('origin/bad-frame', verdict);
    if (verdict !== 'ok') return;
    const { clock } = this.#parts;
    if (this.#order.put(clock.now(), header.sequence, { header, wire: bytes }) === 'gap') this.#askForGap();
    this.#drain();
  }

  #askForGap(): void {
    const sequences = this.#order.missing(WANT_MAX);
    if (sequences.length > 0) this.#line?.ask({ kind: 'want', sequences });
    this.#timers.set('gap', GAP_MS, () => {
      this.#order.expire(this.#parts.clock.now());
      this.#drain();
      if (this.#order.stuck) this.#askForGap();
    });
  }

  #drain(): void {
    for (let next = this.#order.take(); next !== undefined; next = this.#order.take()) this.#pass(next);
    if (!this.#order.stuck) this.#timers.cancel('gap');
  }

  #pass({ header, wire }: Waiting): void {
    const epoch = this.#epoch;
    if (epoch === undefined) return;
    const { generation } = epoch;
    const piece = epoch.keep(header, wire, this.#parts.clock.now());
    this.#state = 'live';
    this.#failures = 0;
    this.#tries = 0;
    if (this.epoch !== epoch) {
      this.#audience.begin(epoch);
      this.#parts.log.write('info', 'epoch-relayed', { stream: this.path, epoch: epoch.hex });
      return;
    }
    if (epoch.generation !== generation) this.#audience.tell((each) => each.generation(epoch.generation));
    this.#audience.tell((each) => each.piece(piece));
  }

  #hear(frame: Exclude<OriginFrame, { readonly kind: 'clock' }>): void {
    switch (frame.kind) {
      case 'key':
        if (!frame.wrapped) this.#learn(frame);
        return;
      case 'ended':
        if (frame.reason !== 'source-outage' && frame.reason !== 'source-ended') return;
        if (this.#state === 'live') this.#pause(frame.reason);
        return;
      case 'applied':
        return this.#applied(frame.mask);
      case 'absent':
        this.#order.absent(frame.sequence);
        return this.#drain();
      case 'load':
        return;
    }
  }

  /** A relay wants all of a stream; what it was not given it asks for again. */
  #applied(mask: number): void {
    const epoch = this.#epoch;
    const whole = wholeMask(epoch?.substreams ?? 0);
    if (epoch === undefined || (mask & whole) >>> 0 === whole) return;
    this.#timers.set('mask', MASK_AGAIN_MS, () =>
      this.#line?.ask({ kind: 'mask', mask: whole, from: this.#order.next ?? FROM_KEYFRAME }),
    );
  }

  #learn({ generation, key, nextInMs }: Extract<OriginFrame, { readonly kind: 'key' }>): void {
    const { clock, random } = this.#parts;
    this.#epoch?.learn(generation, key);
    const askInMs = this.#keys.learned({ generation, nextInMs, now: clock.now(), dice: random() });
    if (askInMs === undefined) return;
    this.#timers.set('key', askInMs, () => this.#line?.ask({ kind: 'key', generation: generation + 1 }));
  }
}

const startOf = (epoch: Uint8Array): number => Buffer.from(epoch).readUIntBE(0, 6);
