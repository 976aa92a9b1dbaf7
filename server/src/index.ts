// The server as a library: origin, tracker and key service in one process, on any port.

import type { AddressInfo } from 'node:net';
import type { RoomCount } from '../../src/core/tracker/io.ts';
import { ShoalError } from '../../src/errors.ts';
import { toBase64Url } from '../../src/wire/bytes.ts';
import { ByteCore } from '../../wasm/abi.ts';
import { planCustomers } from './accounts/customers.ts';
import { type Assembly, assemble, dice, limitOf } from './assembly.ts';
import { readByteCore } from './assets.ts';
import { beginBypass, closeBypass, openBypass } from './bypass-assembly.ts';
import { type Clock, systemClock } from './clock.ts';
import { ownAddress, sharedSeed } from './cluster/cluster.ts';
import { RedisStore } from './cluster/redis-store.ts';
import type { SharedStore } from './cluster/shared-store.ts';
import { completeConfig } from './config.ts';
import type { Front } from './http/front.ts';
import type { PublishFacts } from './ingest/publish-events.ts';
import { readSeed } from './keys/signing-seed.ts';
import { FileSink, type Log, makeLog, silentSink } from './log.ts';
import type { ServerConfig } from './options.ts';
import type { EgressSnapshot } from './origin/egress.ts';
import type { Stream } from './origin/stream.ts';
import type { StreamState } from './origin/stream-state.ts';
import { findOriginKey } from './relay/origin-key.ts';
import { settleRelay } from './relay/relay-config.ts';
import { type StunParts, StunServer } from './stun/coturn.ts';

export type { RoomCount } from '../../src/core/tracker/io.ts';
export { ShoalError } from '../../src/errors.ts';
export { makeViewerToken, type ViewerTokenOptions } from './accounts/app-tokens.ts';
export { type AppCredentials, signAccountsRequest, signTokenRequest } from './accounts/signed-requests.ts';
export { makeRoomToken } from './bypass/room-token.ts';
export { streamCode, type TrackOwner } from './bypass/stream-code.ts';
export {
  type CallbackAnswer,
  type CallbackReceiver,
  type CallbackReceiverOptions,
  createCallbackReceiver,
} from './callbacks/callback-receiver.ts';
export type { CallbackEvent, PushEvent, RecordedEvent, ScreenshotEvent, SignedEvent } from './callbacks/events.ts';
export type { Clock, Timer } from './clock.ts';
export { MemoryHub, MemoryStore } from './cluster/memory-store.ts';
export type { SharedStore, StoreState } from './cluster/shared-store.ts';
export type { PublishFacts } from './ingest/publish-events.ts';
export { makePublishKey } from './ingest/publish-keys.ts';
export type { Log, LogFields, LogLevel } from './log.ts';
export type { IceEntry, ServerConfig } from './options.ts';
export type { EgressEntry, EgressSnapshot, Form } from './origin/egress.ts';
export type { StunAddress } from './stun/stun-address.ts';

/** What can be given besides options; everything has a default. */
export interface ServerSeams {
  readonly clock?: Clock;
  readonly log?: Log;
  /** What it shares with other servers, instead of the one of `redis`; closed with it. */
  readonly store?: SharedStore;
  /** 32 bytes; wins over the seed file. */
  readonly signingSeed?: Uint8Array;
  /** Time for the headers of a request, ms. */
  readonly headersMs?: number;
}

/** One running stream. */
export interface StreamSnapshot {
  readonly path: string;
  readonly state: StreamState;
  /** Hexadecimal; undefined before the first piece. */
  readonly epoch: string | undefined;
  readonly substreams: number | undefined;
  /** Bytes a second. */
  readonly byteRate: number | undefined;
  /** Connections to the origin. */
  readonly viewers: number;
  /** Pieces cut in this epoch. */
  readonly pieces: number;
}

/** A running server. */
export interface ShoalServer {
  readonly port: number;
  /** Where it answers, with the path prefix and without a slash at the end. */
  readonly url: string;
  /** Where it takes and serves RTMP; undefined where that is off. */
  readonly rtmpUrl: string | undefined;
  /** The origin's key, base64url. */
  readonly originKey: string;
  /** What was sent, by form and by connection. */
  egress(): EgressSnapshot;
  streams(): readonly StreamSnapshot[];
  /** The tracker's viewers, by stream. */
  rooms(): readonly RoomCount[];
  /** Other servers of the cluster that are there. */
  others(): readonly string[];
  /** Who pushes a stream now. */
  publishers(): readonly PublishFacts[];
  /** Makes the publisher of a stream go; false when there is none. */
  stopPublisher(path: string): boolean;
  /** Load as percent of the limit. */
  loadPercent(): number;
  /** Changes the limit of what is sent; 0 for none. */
  setLimitMbps(mbps: number): void;
  /** Tells viewers, closes everything and frees the port. */
  close(): Promise<void>;
}

const LOAD_EVERY_MS = 2000;
const HEADERS_MS = 10_000;

/** Starts a server; rejects with `server/bad-config` or `server/listen-failed`. */
export const createServer = async (
  options: Partial<ServerConfig> = {},
  seams: ServerSeams = {},
): Promise<ShoalServer> => {
  const config = settleRelay(completeConfig({ ...options }));
  const clock = seams.clock ?? systemClock();
  const sink = config.logDir === undefined ? silentSink() : new FileSink(config.logDir);
  const log = seams.log ?? makeLog(sink, config.verbose, () => clock.wall());
  const core = await ByteCore.load(await readByteCore());
  const store = await storeOf(config, seams, log);
  const seed = seams.signingSeed ?? (await seedOf(config, store, clock));
  const originKey = await rootKeyOf(config, clock);
  const headersMs = seams.headersMs ?? HEADERS_MS;
  const customers = await planCustomers(config, { log, clock, shared: store });
  const bypassStores = await openBypass({ config, clock, log });
  const assembly = assemble({
    config,
    clock,
    log,
    core,
    seed,
    ...originKey,
    headersMs,
    store,
    customers,
    bypassStores,
  });
  const stun = await startStun(config, { clock, log, random: dice });
  try {
    await listen(assembly.front, config);
    if (config.rtmpPort !== 'off') await assembly.rtmp?.listen(config.rtmpPort, config.host);
    await assembly.cluster?.start(config.advertise ?? addressFor(assembly.front, config));
  } catch (cause) {
    await stun?.close();
    await assembly.front.close();
    await store?.close();
    throw cause;
  }
  return faceOf(assembly, { config, clock, log, stun, store });
};

/** What a running server has besides its assembly. */
interface Around {
  readonly config: ServerConfig;
  readonly clock: Clock;
  readonly log: Log;
  readonly stun: StunServer | undefined;
  readonly store: SharedStore | undefined;
}

const startStun = async (
  config: ServerConfig,
  parts: Omit<StunParts, 'addresses'>,
): Promise<StunServer | undefined> => {
  const { stun: addresses } = config;
  return addresses.length === 0 ? undefined : StunServer.start({ ...parts, addresses });
};

/** What the servers of a cluster share. */
const storeOf = async (config: ServerConfig, seams: ServerSeams, log: Log): Promise<SharedStore | undefined> =>
  seams.store ?? (config.redis === undefined ? undefined : await RedisStore.open(config.redis, log));

/** The seed of the seed file; without one that of the cluster, or a fresh one. */
const seedOf = (config: ServerConfig, store: SharedStore | undefined, clock: Clock): Promise<Uint8Array> =>
  store === undefined || config.seedFile !== undefined ? readSeed(config.seedFile) : sharedSeed(store, clock);

/** Where the other servers reach this one. */
const addressFor = (front: Front, { host, path }: ServerConfig): string =>
  `http://${ownAddress(host)}:${(front.server.address() as AddressInfo).port}${path}`;

/** Whose streams these are, where they are not cut here. */
const rootKeyOf = async (config: ServerConfig, clock: Clock): Promise<{ originKey?: Uint8Array }> => {
  const { originKey: told, relays: upstreams } = config;
  return upstreams.length === 0 ? {} : { originKey: await findOriginKey({ told, upstreams, clock }) };
};

const faceOf = (
  {
    front,
    cluster,
    rtmp,
    hls,
    streams,
    desk,
    egress,
    tracker,
    budget,
    door,
    keys,
    customers,
    witness,
    bypass,
  }: Assembly,
  { config, clock, log, stun, store }: Around,
): ShoalServer => {
  const { port } = front.server.address() as AddressInfo;
  const tellLoad = (): void => {
    door.holders.tellLoad();
    loadTimer = clock.after(LOAD_EVERY_MS, tellLoad);
  };
  let loadTimer = clock.after(LOAD_EVERY_MS, tellLoad);
  const url = `http://${hostInUrl(config.host)}:${port}${config.path}`;
  const rtmpUrl = rtmp === undefined ? undefined : `rtmp://${hostInUrl(config.host)}:${rtmp.port}`;
  if (bypass !== undefined) beginBypass(bypass, { web: url, rtmp: rtmpUrl });
  return {
    port,
    url,
    rtmpUrl,
    originKey: toBase64Url(keys.publicKey),
    egress: () => egress.snapshot(),
    streams: () => streams.all().map(snapshotOf),
    rooms: () => tracker.rooms(),
    others: () => cluster?.others ?? [],
    publishers: () => desk.all(),
    stopPublisher: (path) => desk.dismiss(path, 'publish/stopped'),
    loadPercent: () => budget.percent,
    setLimitMbps: (mbps) => budget.setLimit(limitOf(mbps)),
    close: async () => {
      loadTimer.cancel();
      await bypass?.service.leave();
      await cluster?.leave();
      desk.close();
      if (bypass !== undefined) await closeBypass(bypass);
      door.holders.finish('shutting-down');
      tracker.close();
      budget.close();
      await front.close();
      await rtmp?.close();
      hls.close();
      witness.close();
      streams.close();
      await customers.close();
      await store?.close();
      await stun?.close();
      await log.close();
    },
  };
};

const snapshotOf = (stream: Stream): StreamSnapshot => ({
  path: stream.path,
  state: stream.state,
  epoch: stream.epoch?.hex,
  substreams: stream.epoch?.substreams,
  byteRate: stream.epoch?.byteRate,
  viewers: stream.viewers,
  pieces: stream.epoch?.window.next ?? 0,
});

/** The host to write into a URL: a wildcard address is reached as this machine. */
const hostInUrl = (host: string): string => {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
};

const listen = (front: Front, config: ServerConfig): Promise<void> =>
  new Promise((resolve, reject) => {
    front.server.once('error', (cause) =>
      reject(new ShoalError('server/listen-failed', { detail: `${config.host}:${config.port}`, cause })),
    );
    front.server.listen(config.port, config.host, () => resolve());
  });
