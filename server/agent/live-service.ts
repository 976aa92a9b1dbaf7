// Who sees the live picture how: so many callers directly, further ones by the stream that the device shares.

import type { Exchange } from '../../src/carrier/exchange.ts';
import type { OpenSocket } from '../../src/carrier/socket-face.ts';
import type { ByteCore } from '../../wasm/abi.ts';
import type { Clock } from '../src/clock.ts';
import type { Log } from '../src/log.ts';
import type { StartSource } from '../src/sources/source.ts';
import type { Caller } from './call-desk.ts';
import { LiveFeed } from './live-feed.ts';
import { pumpLive } from './live-pump.ts';
import { codeOf, type Refusal } from './refusal.ts';
import type { DeviceRequest, Quality } from './request-target.ts';
import { SHARING_STATES, type Share, type SharedPlace, SharedStream, type SharingState } from './shared-stream.ts';

/** What it works with. */
export interface LiveParts {
  readonly core: ByteCore;
  readonly clock: Clock;
  readonly log: Log;
  readonly openSocket: OpenSocket;
  /** How to start a live picture; undefined when there is none of that channel and quality. */
  liveOf(channel: number, quality: string): { readonly name: string; readonly start: StartSource } | undefined;
  /** Callers that see it directly. */
  readonly viewersMax: number;
  /** Where the picture of a channel is shared with further ones. */
  readonly shared: ReadonlyMap<number, SharedPlace>;
}

/** Whether a caller would be shown the live picture: 0 when it would, 405 when not; `stream`: where it is shared. */
export interface LiveVacancy {
  readonly status: 0 | 405;
  readonly stream?: string;
}

/** Best first. */
const QUALITIES: readonly Quality[] = ['super', 'high', 'standard'];
/** A status of its own: nothing went wrong, the picture is elsewhere. */
const MOVED = 302;

/** See above. */
export class LiveService {
  readonly #parts: LiveParts;
  readonly #feeds = new Map<string, LiveFeed>();
  readonly #shared = new Map<number, SharedStream>();
  /** Pictures each caller sees directly. */
  readonly #watching = new Map<Caller, number>();
  /** Callers that have asked whether there is room and were told where else the picture is. */
  readonly #told = new Map<Caller, Share>();

  constructor(parts: LiveParts) {
    this.#parts = parts;
  }

  /** Callers that see the picture directly. */
  get viewers(): number {
    return this.#watching.size;
  }

  /** How far sharing has come; of several channels, the one that has come furthest. */
  get sharing(): SharingState {
    const states = [...this.#shared.values()].map(({ state }) => state);
    return SHARING_STATES.findLast((state) => states.includes(state)) ?? 'idle';
  }

  /** Shows the picture, or where it is. */
  async show(caller: Caller, exchange: Exchange, request: Extract<DeviceRequest, { kind: 'live' }>): Promise<Refusal> {
    const feeds = this.#ladder(request.channel, request.quality);
    if (feeds === undefined) return { code: 'device/no-such-file', detail: 'no such channel or quality' };
    if (!this.#fits(caller)) return this.#move(exchange, request.channel);
    this.#watching.set(caller, (this.#watching.get(caller) ?? 0) + 1);
    try {
      exchange.answer({ status: 200, headers: { 'content-type': 'video/x-flv' } });
      await pumpLive(feeds, exchange, this.#parts.clock);
    } finally {
      const left = (this.#watching.get(caller) ?? 1) - 1;
      if (left > 0) this.#watching.set(caller, left);
      else this.#watching.delete(caller);
    }
    return undefined;
  }

  /** Whether one who asks would be shown it. Who is told of the shared stream has a share in it until the call ends. */
  async vacancy(caller: Caller, channel: number): Promise<LiveVacancy> {
    if (this.#fits(caller)) return { status: 0 };
    const shared = this.#sharedOf(channel);
    if (shared === undefined) return { status: 405 };
    if (this.#told.has(caller)) return { status: 405, stream: shared.address };
    try {
      const share = await shared.join();
      this.#told.set(caller, share);
      void share.over.then(() => this.#told.delete(caller));
      return { status: 405, stream: shared.address };
    } catch {
      // The log has why the origin did not take the stream; to who asks the device is full.
      return { status: 405 };
    }
  }

  left(caller: Caller): void {
    this.#told.get(caller)?.leave();
    this.#told.delete(caller);
  }

  close(): void {
    for (const shared of this.#shared.values()) shared.close();
    for (const feed of this.#feeds.values()) feed.close();
  }

  #fits(caller: Caller): boolean {
    return this.#watching.has(caller) || this.#watching.size < this.#parts.viewersMax;
  }

  async #move(exchange: Exchange, channel: number): Promise<Refusal> {
    const shared = this.#sharedOf(channel);
    if (shared === undefined) return { code: 'device/busy', detail: 'no more viewers' };
    let share: Share;
    try {
      share = await shared.join();
    } catch (cause) {
      return { code: 'device/busy', detail: codeOf(cause) };
    }
    exchange.answer({ status: MOVED, headers: { location: shared.address } });
    const gone = exchange.over.then(
      () => undefined,
      () => undefined,
    );
    const why = await Promise.race([share.over, gone]);
    share.leave();
    if (why !== undefined) exchange.cancel();
    return undefined;
  }

  /** The picture that was asked for, and below it what there is for lines that are too slow for it. */
  #ladder(channel: number, quality: Quality): readonly [LiveFeed, ...LiveFeed[]] | undefined {
    const wanted = QUALITIES.slice(QUALITIES.indexOf(quality));
    const found = wanted.flatMap((each) => this.#parts.liveOf(channel, each) ?? []);
    const [first, ...lower] = found.filter(({ name }, at) => found.findIndex((one) => one.name === name) === at);
    return first && [this.#feedOf(first), ...lower.map((one) => this.#feedOf(one))];
  }

  #feedOf({ name, start }: { readonly name: string; readonly start: StartSource }): LiveFeed {
    const { core, clock } = this.#parts;
    const feed = this.#feeds.get(name) ?? new LiveFeed(core, clock, start);
    this.#feeds.set(name, feed);
    return feed;
  }

  #sharedOf(channel: number): SharedStream | undefined {
    const { clock, log, openSocket } = this.#parts;
    const place = this.#parts.shared.get(channel);
    const found = this.#parts.liveOf(channel, 'high');
    if (place === undefined || found === undefined) return undefined;
    const known = this.#shared.get(channel);
    if (known !== undefined) return known;
    const shared = new SharedStream({ clock, log, openSocket, place, feed: this.#feedOf(found) });
    this.#shared.set(channel, shared);
    return shared;
  }
}
