// One process as a member of a cluster: its name, its store, whom it knows, and the streams it cuts or relays.

import { randomBytes } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import type { FarInput, FarOutput } from '../../../src/core/meeting/elsewhere.ts';
import type { ClusterInput, ClusterOutput } from '../../../src/core/tracker/guests.ts';
import { ShoalError } from '../../../src/errors.ts';
import { fromHex, toBase64Url, toHex } from '../../../src/wire/bytes.ts';
import type { ByteCore } from '../../../wasm/abi.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { ServerConfig } from '../options.ts';
import type { Stream } from '../origin/stream.ts';
import { deriveSeed, type OriginKeys } from '../origin/stream-keys.ts';
import type { Elsewhere, Running } from '../origin/streams.ts';
import { RelayTrust } from '../relay/relay-trust.ts';
import { RelayedStream } from '../relay/relayed-stream.ts';
import { pieceFormAt } from '../relay/upstream-address.ts';
import { ClusteredStream } from './clustered-stream.ts';
import { DeviceExchange } from './device-exchange.ts';
import { Leases, type Offer } from './leases.ts';
import { ORIGIN_KEY, SEED_KEY } from './names.ts';
import { RoomExchange } from './room-exchange.ts';
import type { SharedStore, StoreState } from './shared-store.ts';

/** What it works with. */
export interface ClusterParts {
  readonly store: SharedStore;
  readonly config: ServerConfig;
  readonly core: ByteCore;
  readonly clock: Clock;
  readonly log: Log;
  readonly keys: OriginKeys;
  readonly random: () => number;
  /** Tells our tracker what other processes say. */
  tell(input: ClusterInput): void;
  /** Tells our meeting place of devices what other processes say. */
  tellMeeting(input: FarInput): void;
  /** A stream as it runs here. */
  running(path: string): Stream | undefined;
  /** Runs a stream that another process gives up. */
  adopt(offer: Offer): void;
}

/** What a process can say of its cluster. */
export interface ClusterCounts {
  /** Other processes that are there. */
  readonly others: number;
  /** Streams whose leases are held here. */
  readonly cut: number;
  readonly store: StoreState;
}

const NODE_BYTES = 8;
/** Longer than a process takes to be back at its store. */
const SEED_WAIT_MS = 2500;
const SEED_LIFE_MS = 10 * 365 * 86_400_000;
const KEY_LIFE_MS = 60_000;
const KEY_KEEP_MS = 20_000;
/** How long a process that goes waits for another one to take its streams over: container managers kill after ten seconds. */
const HAND_OVER_MS = 6000;
/** ... and then for its viewers to have what they need of the next epoch. */
const SETTLED_MS = 500;
/** By then a relay has taken a lease that was given up, if there is one. */
const TAKEN_MS = 400;

/**
 * The seed that all processes sign with, made by the first of them. A store that has just come back empty is given the
 * seed by those that run, so whoever finds none waits for them first.
 */
export const sharedSeed = async (store: SharedStore, clock: Clock): Promise<Uint8Array<ArrayBuffer>> => {
  const there = await store.read(SEED_KEY).catch(() => undefined);
  if (there === undefined && store.state === 'ready') {
    await new Promise<void>((resolve) => {
      clock.after(SEED_WAIT_MS, resolve);
    });
  }
  const fresh = toHex(new Uint8Array(randomBytes(32)));
  const text = there ?? (await store.take(SEED_KEY, fresh, SEED_LIFE_MS).catch(() => undefined));
  const seed = text === undefined ? undefined : fromHex(text);
  if (seed?.length === 32) return seed;
  throw new ShoalError('server/store-lost', { detail: 'it holds the seed to sign with, unless --seed-file is given' });
};

/** See above. */
export class Cluster implements Elsewhere {
  readonly trust: RelayTrust;
  readonly #parts: ClusterParts;
  readonly #node = randomBytes(NODE_BYTES).toString('hex');
  readonly #exchange: RoomExchange;
  readonly #devices: DeviceExchange;
  #leases: Leases | undefined;
  #keepingKey: { cancel(): void } | undefined;
  #unwatch: () => void = () => undefined;

  constructor(parts: ClusterParts) {
    const { config, core, keys, store, clock } = parts;
    this.#parts = parts;
    // All processes hold the seed, so all of them know the secret without having been told.
    this.trust = new RelayTrust(config.relaySecret ?? toHex(deriveSeed(core, keys.seed, 'relay')));
    this.#exchange = new RoomExchange({
      store,
      clock,
      node: this.#node,
      tell: (input) => {
        if (input.kind === 'node-gone' && input.node !== undefined) this.#gone(input.node);
        parts.tell(input);
      },
    });
    this.#devices = new DeviceExchange({
      store,
      clock,
      node: this.#node,
      tell: (input) => parts.tellMeeting(input),
      heard: (node) => this.#exchange.heard(node),
    });
  }

  /** The other processes. */
  get others(): readonly string[] {
    return this.#exchange.others;
  }

  /** For metrics. */
  get counts(): ClusterCounts {
    const { store } = this.#parts;
    return { others: this.others.length, cut: this.#leases?.held.length ?? 0, store: store.state };
  }

  /** What our tracker has to say. */
  spread(output: ClusterOutput): void {
    this.#exchange.take(output);
  }

  /** What our meeting place has to say. */
  spreadMeeting(output: FarOutput): void {
    this.#devices.take(output);
  }

  /** Joins the cluster; `url` is where the other processes reach this one. Rejects where they sign with another key. */
  async start(url: string): Promise<void> {
    const { store, clock, log } = this.#parts;
    await this.#checkKey();
    this.#keepKey();
    this.#unwatch = store.watch((state) => {
      if (state === 'ready') void this.#offerKeys();
    });
    this.#leases = new Leases({
      store,
      clock,
      log,
      self: { node: this.#node, url },
      heard: (node) => this.#exchange.heard(node),
      offered: (offer) => this.#parts.adopt(offer),
    });
    await this.#exchange.start();
    await this.#leases.start();
    await this.#devices.start();
    log.write('info', 'cluster-joined', { node: this.#node, url, store: store.state });
  }

  serves(path: string): boolean {
    return this.#leases?.holderOf(path) !== undefined;
  }

  run(running: Running): Stream {
    const { clock, config, log } = this.#parts;
    const leases = this.#leases;
    if (leases === undefined) return running.cut(() => 0);
    const lingerMs = config.linger * 1000;
    return new ClusteredStream(
      {
        running,
        leases,
        clock,
        log,
        lingerMs,
        relay: ({ targets, after, stranded }) => this.#relay(running, { targets, after, stranded }),
        targetAt: (url, from) =>
          pieceFormAt(url, {
            path: running.path,
            query: '',
            from,
            keys: 'wanted',
            authorization: this.trust.authorization,
          }),
      },
      running.wokenBy,
    );
  }

  /** Hands the streams that are cut here over to processes that relay them, and says goodbye. */
  async leave(): Promise<void> {
    const leases = this.#leases;
    if (leases !== undefined) await Promise.all(leases.held.map((path) => this.#handOver(leases, path)));
    this.#keepingKey?.cancel();
    this.#unwatch();
    leases?.close();
    await this.#devices.close();
    await this.#exchange.close();
    await this.#parts.store.close();
  }

  #gone(node: string): void {
    this.#leases?.forget(node);
    this.#parts.tellMeeting({ kind: 'node-gone', node });
  }

  #relay(
    running: Running,
    how: Pick<ConstructorParameters<typeof RelayedStream>[0], 'targets' | 'after' | 'stranded'>,
  ) {
    const { core, clock, config, keys, log, random } = this.#parts;
    return new RelayedStream({
      path: running.path,
      id: running.id,
      window: running.window,
      core,
      clock,
      log,
      random,
      originKey: keys.publicKey,
      lingerMs: config.linger * 1000,
      idle: () => undefined,
      ...how,
    });
  }

  /** Viewers here are shown the next epoch before they have to go. */
  async #handOver(leases: Leases, path: string): Promise<void> {
    const { clock, running } = this.#parts;
    const isWatched = (running(path)?.viewers ?? 0) > 0;
    if (!isWatched || this.others.length === 0) return leases.release(path);
    await new Promise<void>((resolve) => {
      const end = clock.after(HAND_OVER_MS, resolve);
      const finish = (): void => {
        end.cancel();
        resolve();
      };
      const offer = leases.handOver(path, () => clock.after(SETTLED_MS, finish));
      this.#untaken(leases, path, () => {
        // Nobody relays it: somebody else is asked, who may have no source for it.
        leases.offer(this.#anybody(), offer);
        this.#untaken(leases, path, finish);
      });
    });
  }

  /** Calls if in a moment the lease of a stream is still free, or cannot be known. */
  #untaken(leases: Leases, path: string, then: () => void): void {
    this.#parts.clock.after(TAKEN_MS, () => {
      void leases.claim(path, false).then(({ kind }) => {
        if (kind !== 'theirs') then();
      });
    });
  }

  #anybody(): string {
    const { others } = this;
    return others[Math.floor(this.#parts.random() * others.length)] ?? '';
  }

  async #checkKey(): Promise<void> {
    const { store, keys } = this.#parts;
    const own = toBase64Url(keys.publicKey);
    const held = await store.take(ORIGIN_KEY, own, KEY_LIFE_MS).catch(() => own);
    if (held === own) return;
    throw new ShoalError('server/bad-config', {
      detail: '--seed-file holds another seed than that of the other servers at this --redis',
    });
  }

  #keepKey(): void {
    this.#keepingKey = this.#parts.clock.after(KEY_KEEP_MS, () => {
      this.#keepKey();
      void this.#offerKeys();
    });
  }

  /** For processes that start, in a store that may have lost what it held. */
  async #offerKeys(): Promise<void> {
    const { config, keys, log, store } = this.#parts;
    // A seed that has a file is nobody else's business.
    if (config.seedFile === undefined && config.relays.length === 0)
      await store.take(SEED_KEY, toHex(keys.seed), SEED_LIFE_MS).catch(() => undefined);
    // Said and not acted upon: which of two keys is wrong cannot be known here, and viewers are being served.
    await this.#checkKey().catch((error: unknown) => log.write('error', 'cluster-other-key', { cause: String(error) }));
  }
}

/** The address that other processes use when none was told: that of this machine in its network. */
export const ownAddress = (host: string): string => {
  if (host !== '0.0.0.0' && host !== '::') return host.includes(':') ? `[${host}]` : host;
  const outside = Object.values(networkInterfaces())
    .flat()
    .find((one) => one !== undefined && one.family === 'IPv4' && !one.internal);
  return outside?.address ?? '127.0.0.1';
};
