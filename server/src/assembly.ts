// Who is made of what: every part of a server, put together once.

import { randomBytes } from 'node:crypto';
import type { ByteCore } from '../../wasm/abi.ts';
import { type CustomerPlan, Customers } from './accounts/customers.ts';
import { assembleBypass, type Bypass, type BypassStores, countBypass } from './bypass-assembly.ts';
import type { Clock } from './clock.ts';
import type { Cluster } from './cluster/cluster.ts';
import type { SharedStore } from './cluster/shared-store.ts';
import { readProxies } from './http/address.ts';
import { CodeService } from './http/codes.ts';
import { Front, type FrontParts } from './http/front.ts';
import { metricsText } from './http/metrics.ts';
import { describeService } from './http/service.ts';
import type { PublishDesk } from './ingest/publish-desk.ts';
import { PublishSockets } from './ingest/publish-sockets.ts';
import type { RtmpDoor } from './ingest/rtmp-door.ts';
import { localCodeKeys, remoteCodeKeys } from './keys/code-keys.ts';
import { MemoryCodeStore } from './keys/code-store.ts';
import { SharedCodeStore } from './keys/shared-code-store.ts';
import type { Log } from './log.ts';
import { MeetingPlace } from './meeting/meeting-socket.ts';
import type { ServerConfig } from './options.ts';
import { makeAdmission } from './origin/admission.ts';
import { Doorway } from './origin/doorway.ts';
import { Egress } from './origin/egress.ts';
import { EgressBudget } from './origin/egress-budget.ts';
import { deriveSeed, type OriginKeys } from './origin/stream-keys.ts';
import type { Streams } from './origin/streams.ts';
import type { HlsService } from './outputs/hls/hls-service.ts';
import { assembleRelaying, type RelayingParts } from './relaying.ts';
import { pathOf, readSources } from './sources/source-table.ts';
import { JoinTokens } from './tracker/join-tokens.ts';
import { Tracker } from './tracker/tracker-socket.ts';
import { assembleWaysIn, assembleWaysOut } from './ways.ts';
import { hlsRooms } from './witness/hls-rooms.ts';
import { Witness } from './witness/witness.ts';

/** What a server is made of. */
export interface ServerParts {
  readonly config: ServerConfig;
  readonly clock: Clock;
  readonly log: Log;
  readonly core: ByteCore;
  /** Signing seed of the origin. */
  readonly seed: Uint8Array;
  /** Key of the root origin, where streams are relayed; its own unless given. */
  readonly originKey?: Uint8Array;
  readonly headersMs: number;
  /** What the servers of a cluster share; undefined where there is one server. */
  readonly store: SharedStore | undefined;
  readonly customers: CustomerPlan;
  /** Undefined where there are no rooms of publishers. */
  readonly bypassStores: BypassStores | undefined;
}

/** A server that does not listen yet. */
export interface Assembly {
  readonly keys: OriginKeys;
  readonly streams: Streams;
  readonly desk: PublishDesk;
  readonly budget: EgressBudget;
  readonly egress: Egress;
  readonly tracker: Tracker;
  readonly door: Doorway;
  /** Undefined where there is one server. */
  readonly cluster: Cluster | undefined;
  readonly front: Front;
  readonly customers: Customers;
  /** Undefined where RTMP is off. */
  readonly rtmp: RtmpDoor | undefined;
  readonly hls: HlsService;
  readonly witness: Witness;
  readonly bypass: Bypass | undefined;
}

const BYTES_PER_MEGABIT = 125_000;
/** A viewer has a piece socket and a tracker socket; the rest is for pages, caches and operators. */
const CONNECTIONS_PER_VIEWER = 2;
const SPARE_CONNECTIONS = 1000;

/** Bytes a second of a limit as it is configured, 0 for none. */
export const limitOf = (mbps: number): number => (mbps === 0 ? Number.POSITIVE_INFINITY : mbps * BYTES_PER_MEGABIT);

/** Numbers in [0, 1). */
export const dice = (): number => randomBytes(4).readUInt32BE() / 0x1_0000_0000;

/** What the parts of a server stand on. */
const groundOf = (parts: ServerParts, ears: Pick<RelayingParts, 'tell' | 'tellMeeting' | 'streams'>) => {
  const { config, clock, log, core, seed, store: shared } = parts;
  const keys = { seed, publicKey: parts.originKey ?? core.publicKey(seed) };
  const sources = readSources(config);
  const store = shared === undefined ? new MemoryCodeStore(clock) : new SharedCodeStore(shared, clock);
  const { keyUrl, keySecret } = config;
  return {
    keys,
    sources,
    store,
    relaying: assembleRelaying({ config, clock, log, core, keys, random: dice, store: shared, ...ears }),
    admit: makeAdmission(config, sources, clock),
    budget: new EgressBudget(clock, dice, limitOf(config.limitMbps)),
    egress: new Egress(),
    codes: keyUrl === undefined ? localCodeKeys(store) : remoteCodeKeys({ url: keyUrl, secret: keySecret }, clock, log),
    tokens: new JoinTokens(core, clock, deriveSeed(core, seed, 'token')),
    witness: new Witness({ core, clock, log, seed, upstreams: config.witness }),
    service: describeService(
      config,
      config.relays.length === 0 ? [keys.publicKey] : [keys.publicKey, core.publicKey(seed)],
    ),
  };
};

type Ground = ReturnType<typeof groundOf>;

/** What stands on the ground when the doors are made. */
interface Inside {
  readonly streams: Streams;
  readonly desk: PublishDesk;
  readonly customers: Customers;
  readonly bypass: Bypass | undefined;
  readonly hides: (path: string) => boolean;
}

/** Puts a server together. */
export const assemble = (parts: ServerParts): Assembly => {
  const { config, clock, log, core, bypassStores: stores, customers: plan } = parts;
  const ground = groundOf(parts, {
    tell: (input) => tracker.hear(input),
    tellMeeting: (input) => meeting.hear(input),
    streams: () => streams,
  });
  const { admit, budget, codes, egress, keys, relaying, sources, tokens, witness } = ground;
  const granted = (path: string, credentials: string) => bypass?.service.mayPublish(path, credentials);
  const base = { config, clock, log, core };
  const waysIn = assembleWaysIn({ ...base, keys, sources, admit, granted, random: dice, ...relaying.ways });
  const { desk, streams } = waysIn;
  const bypass =
    stores === undefined
      ? undefined
      : assembleBypass(stores, waysIn, { config, clock, log, budget, egress, shared: parts.store });
  const hides = (path: string): boolean => bypass?.service.hides(path) === true;
  const customers = new Customers({ ...base, plan, sources, streams, admit, tokens, random: dice });
  const door = new Doorway({
    ...{ core, clock, config, streams, budget, egress, codes, hides },
    ...customers.door,
    ...relaying.door,
  });
  const { rtmp, hls } = assembleWaysOut(waysIn, door, { config, clock, log, keys });
  const inside = { streams, desk, customers, bypass, hides };
  const tracker = trackerOf(parts, ground, inside);
  const meeting = meetingOf(parts, ground);
  const front = frontOf(parts, ground, { ...inside, door, tracker, meeting, hls });
  const { cluster } = relaying;
  return { keys, cluster, streams, desk, budget, egress, tracker, door, front, rtmp, hls, customers, witness, bypass };
};

const trackerOf = ({ config, clock }: ServerParts, ground: Ground, { customers, hides, streams }: Inside): Tracker => {
  const { egress, relaying, tokens, witness } = ground;
  const { maxPerAddress, maxViewers } = config;
  const { cluster } = relaying;
  return new Tracker({
    clock,
    ...customers.door,
    egress,
    tokens,
    limits: { connectionsPerAddress: maxPerAddress, viewersPerStream: maxViewers, connections: maxViewers },
    seed: randomBytes(4).readUInt32BE(),
    ...hlsRooms({
      witness,
      prefix: config.path,
      admit: customers.door.admit,
      hasHook: config.hook !== undefined,
      serves: (path) => streams.serves(path) && !hides(path),
    }),
    idOf: (path) => streams.idOf(path),
    ...(cluster === undefined ? {} : { spread: (output) => cluster.spread(output) }),
  });
};

const meetingOf = ({ config, clock, core }: ServerParts, { egress, relaying, service }: Ground): MeetingPlace => {
  const { cluster } = relaying;
  return new MeetingPlace({
    core,
    clock,
    egress,
    limits: { connectionsPerAddress: config.maxPerAddress, connections: config.maxViewers },
    iceServers: service.iceServers,
    ...(cluster === undefined ? {} : { spread: (output) => cluster.spreadMeeting(output) }),
  });
};

const frontOf = (
  { config, clock, log, headersMs }: ServerParts,
  { budget, egress, relaying, service, sources, store, tokens, witness }: Ground,
  inside: Inside & Pick<FrontParts, 'door' | 'tracker' | 'meeting' | 'hls'>,
): Front => {
  const { bypass, customers, desk, door, hls, meeting, streams, tracker } = inside;
  const { maxViewers } = config;
  return new Front({
    clock,
    log,
    door,
    tracker,
    meeting,
    publishing: new PublishSockets({ clock, desk }),
    hls,
    witness,
    codes: new CodeService({ store, clock, config }),
    customers,
    bypass,
    proxies: readProxies(config.proxies),
    tokens: (token, path) => tokens.good(token, streams.idOf(path)),
    service,
    standsFor: (source) => pathOf(sources, source),
    metrics: () =>
      metricsText({
        streams: streams.all(),
        rooms: tracker.rooms(),
        egress: egress.snapshot(),
        trackerConnections: tracker.connections,
        loadPercent: budget.percent,
        cluster: relaying.cluster?.counts,
        bypass: bypass === undefined ? undefined : countBypass(bypass),
      }),
    staticDir: config.staticDir,
    prefix: config.path,
    headersMs,
    connectionsMax: maxViewers * CONNECTIONS_PER_VIEWER + SPARE_CONNECTIONS,
  });
};
