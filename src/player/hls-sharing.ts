/**
 * Sharing of HLS segments: finds the stream's service, starts a worker for it, and hands segments to whoever plays. While
 * there is no worker, and where there is no service, segments are loaded plainly.
 */

import type { SegmentSource } from '../carrier/browser/segment-source.ts';
import { asShoalError } from '../carrier/calls.ts';
import type { HlsAnswer, HlsAsk } from '../carrier/hls-messages.ts';
import type { HlsStats, HlsViewerOptions, SharingPolicy, WorkerControl } from '../carrier/worker-control.ts';
import { ShoalError } from '../errors.ts';
import { fromBase64Url } from '../wire/bytes.ts';
import { hlsRoom } from '../wire/hls-seal.ts';
import type { NatKind } from '../wire/nat.ts';
import type { IceServer } from '../wire/service.ts';
import type { ParsedOptions } from './options.ts';
import type { PlaybackEvents } from './playback.ts';
import { type FoundService, findService } from './service-lookup.ts';
import { WorkerSeat } from './worker-seat.ts';
import type { PlayerWorld } from './world.ts';

/** What of a player sharing depends on. */
export interface HlsSharingStart {
  readonly options: ParsedOptions;
  readonly policy: SharingPolicy;
  readonly credentials: string;
  /** The service was found. */
  found(service: FoundService): void;
}

type Seat = WorkerSeat<{ readonly options: HlsViewerOptions }, HlsAnswer, HlsAsk>;
type Order = Parameters<SegmentSource['load']>[0];
type Loaded = Parameters<SegmentSource['load']>[1];

const TRIES_PER_MINUTE = 4;
const MINUTE_MS = 60_000;

/** Where sharing stands: the service is looked up, a worker starts or runs, or segments are not shared at all. */
type State = 'looking' | 'starting' | 'running' | 'plain' | 'ended';

export class HlsSharing implements SegmentSource {
  readonly #world: PlayerWorld;
  readonly #events: Pick<PlaybackEvents, 'notice' | 'error'>;
  readonly #start: HlsSharingStart;
  readonly #orders = new Map<number, Loaded>();
  #state: State = 'looking';
  #service: FoundService | undefined;
  #why: ShoalError | undefined;
  #seat: Seat | undefined;
  #policy: SharingPolicy;
  #credentials: string;
  #nat: NatKind | undefined;
  #playlists = new Map<string, string>();
  /** Orders that wait for a worker. */
  readonly #early = new Map<number, { readonly order: Order; readonly at: number }>();
  #nextOrder = 1;
  #troubles: number[] = [];

  constructor(world: PlayerWorld, start: HlsSharingStart, events: Pick<PlaybackEvents, 'notice' | 'error'>) {
    this.#world = world;
    this.#start = start;
    this.#events = events;
    this.#policy = start.policy;
    this.#credentials = start.credentials;
    const { support } = world;
    if (!support.worker) this.#plain(new ShoalError('support/no-worker'));
    else if (!support.webAssembly) this.#plain(new ShoalError('support/no-webassembly'));
    else this.#look();
  }

  load(order: Order, done: Loaded): (() => void) | undefined {
    const id = this.#nextOrder++;
    if (this.#state === 'running') this.#seat?.tell({ kind: 'load', id, ...order });
    else if ((this.#state === 'looking' || this.#state === 'starting') && order.withinMs > FAR_MS) {
      // What is not needed soon can wait until it is known whether neighbours have it.
      this.#early.set(id, { order, at: this.#world.now() });
    } else return undefined;
    this.#orders.set(id, done);
    return () => {
      this.#early.delete(id);
      if (this.#orders.delete(id)) this.#seat?.tell({ kind: 'call-off', id });
    };
  }

  give(
    address: string,
    range: { readonly first: number; readonly last: number } | undefined,
    bytes: ArrayBuffer,
  ): void {
    if (this.#state === 'looking' || this.#state === 'starting' || this.#state === 'running') {
      this.#seat?.tell({ kind: 'give', address, range, bytes }, [bytes]);
    }
  }

  /** The newest text of each playlist is kept for a worker that comes later. */
  playlist(address: string, text: string): void {
    this.#playlists.delete(address);
    this.#playlists.set(address, text);
    if (this.#playlists.size > PLAYLISTS_MAX) this.#playlists.delete(this.#playlists.keys().next().value ?? '');
    this.#seat?.tell({ kind: 'playlist', address, text });
  }

  setPolicy(policy: SharingPolicy): void {
    this.#policy = policy;
    this.#tell('setPolicy', policy);
  }

  setNat(nat: NatKind): void {
    this.#nat = nat;
    this.#tell('setNat', nat);
  }

  setCredentials(credentials: string): void {
    this.#credentials = credentials;
    this.#tell('setCredentials', credentials);
  }

  stats(): Promise<HlsStats | undefined> {
    return this.#state === 'running' && this.#seat !== undefined
      ? this.#seat.call('hlsStats')
      : Promise.resolve(undefined);
  }

  async explain(): Promise<readonly string[]> {
    if (this.#state === 'running' && this.#seat !== undefined) return this.#seat.explain();
    if (this.#why !== undefined) return [`HLS is played without sharing: ${this.#why.message}`];
    return ['The Shoal service of this playlist is being looked up.'];
  }

  destroy(): void {
    this.#state = 'ended';
    this.#seat?.end();
    this.#seat = undefined;
    this.#orders.clear();
  }

  #look(): void {
    const { options } = this.#start;
    findService(options.url, options.service, this.#world.fetch).then(
      (service) => {
        if (this.#state !== 'looking') return;
        this.#service = service;
        this.#start.found(service);
        this.#open(service);
      },
      (error: unknown) => {
        if (this.#state === 'looking') this.#plain(asShoalError(error, 'service/not-found'));
      },
    );
  }

  #plain(why: ShoalError): void {
    this.#state = 'plain';
    this.#why = why;
    for (const id of this.#early.keys()) this.#settle(id, { kind: 'plainly' });
    this.#early.clear();
    // Whoever made us has not finished doing so.
    queueMicrotask(() => this.#events.error(why));
  }

  #open(service: FoundService): void {
    this.#state = 'starting';
    try {
      const seat: Seat = new WorkerSeat(this.#world, {
        method: 'startHls',
        start: { options: this.#optionsFor(service) },
        iceServers: () => this.#iceServers(),
        heard: (answer) => this.#heard(answer),
        died: (error) => this.#died(error),
      });
      this.#seat = seat;
      for (const [address, text] of this.#playlists) seat.tell({ kind: 'playlist', address, text });
      seat.started.then(
        () => this.#runs(seat, service),
        (error: unknown) => this.#failed(seat, asShoalError(error, 'worker/start-failed')),
      );
    } catch (error) {
      this.#plain(asShoalError(error, 'worker/start-failed'));
    }
  }

  #optionsFor({ description, witness }: FoundService): HlsViewerOptions {
    const { url, service, originKeys, storeBytes } = this.#start.options;
    const own = new URL(service ?? url).host === new URL(url).host;
    const place = own ? 'own' : 'cdn';
    const told = description.originKeys.flatMap((key) => fromBase64Url(key) ?? []);
    return {
      room: hlsRoom(place, url),
      place,
      credentials: this.#credentials,
      keys: originKeys.length > 0 ? originKeys : told,
      witness,
      iceServers: [],
      policy: this.#policy,
      seed: this.#world.seed(),
      storeBytes,
    };
  }

  #iceServers(): readonly IceServer[] {
    return [...this.#start.options.iceServers, ...(this.#service?.description.iceServers ?? [])];
  }

  #runs(seat: Seat, service: FoundService): void {
    if (seat !== this.#seat) return;
    this.#state = 'running';
    for (const [id, { order, at }] of this.#early) {
      seat.tell({ kind: 'load', id, ...order, withinMs: order.withinMs - (this.#world.now() - at) });
    }
    this.#early.clear();
    this.#tell('setTracker', service.tracker);
    this.#tell('setPolicy', this.#policy);
    this.#tell('setCredentials', this.#credentials);
    if (this.#nat !== undefined) this.#tell('setNat', this.#nat);
  }

  #heard(answer: HlsAnswer): void {
    if (answer.kind === 'notice') return this.#events.notice(answer.notice);
    this.#settle(answer.id, answer);
  }

  #settle(id: number, answer: Parameters<Loaded>[0]): void {
    const done = this.#orders.get(id);
    this.#orders.delete(id);
    done?.(answer);
  }

  #failed(seat: Seat, error: ShoalError): void {
    if (seat !== this.#seat || error.code === 'worker/died') return;
    seat.end();
    this.#seat = undefined;
    this.#plain(error);
  }

  /** What was under way fails, so that the player asks for it again. */
  #died(error: ShoalError): void {
    this.#seat = undefined;
    const waiting = [...this.#orders.values()];
    this.#orders.clear();
    const now = this.#world.now();
    this.#troubles = [...this.#troubles.filter((at) => now - at < MINUTE_MS), now];
    if (this.#service !== undefined && this.#troubles.length <= TRIES_PER_MINUTE) {
      this.#events.error(error);
      this.#open(this.#service);
    } else this.#plain(error);
    for (const done of waiting) done({ kind: 'failed', status: 0 });
  }

  /** A call whose answer nobody waits for; that it failed shows in the worker's own fate. */
  #tell<M extends keyof WorkerControl>(method: M, ...args: Parameters<WorkerControl[M]>): void {
    this.#seat?.call(method, ...args).catch(() => undefined);
  }
}

/** A segment that is not needed before can wait for the worker. */
const FAR_MS = 5_000;
/** Playlists of the levels and sounds of one stream. */
const PLAYLISTS_MAX = 64;
