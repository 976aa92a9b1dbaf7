// What of a server depends on where its streams are cut, put together: by other servers' word, or here alone.

import type { FarInput } from '../../src/core/meeting/elsewhere.ts';
import type { ClusterInput } from '../../src/core/tracker/guests.ts';
import type { ByteCore } from '../../wasm/abi.ts';
import type { Clock } from './clock.ts';
import { Cluster } from './cluster/cluster.ts';
import type { SharedStore } from './cluster/shared-store.ts';
import type { Log } from './log.ts';
import type { ServerConfig } from './options.ts';
import type { OriginParts } from './origin/doorway.ts';
import type { OriginKeys } from './origin/stream-keys.ts';
import type { Streams } from './origin/streams.ts';
import { forwardedKeys } from './relay/key-forwarding.ts';
import { RelayHouse } from './relay/relay-house.ts';
import { RelayTrust } from './relay/relay-trust.ts';
import type { WaysParts } from './ways.ts';

/** What it is made of. */
export interface RelayingParts {
  readonly config: ServerConfig;
  readonly clock: Clock;
  readonly log: Log;
  readonly core: ByteCore;
  readonly keys: OriginKeys;
  readonly random: () => number;
  /** What the servers of a cluster share; undefined where there is one server. */
  readonly store: SharedStore | undefined;
  /** Tells our tracker what other processes say. */
  tell(input: ClusterInput): void;
  /** Tells our meeting place of devices the same. */
  tellMeeting(input: FarInput): void;
  /** The streams of this server, which are made of what is made here. */
  streams(): Streams;
}

/** What the other parts of a server are given. */
export interface Relaying {
  readonly cluster: Cluster | undefined;
  readonly ways: Pick<WaysParts, 'elsewhere'>;
  readonly door: Pick<OriginParts, 'isRelay' | 'forwardKeys'>;
}

const clusterOf = (parts: RelayingParts, store: SharedStore): Cluster =>
  new Cluster({
    ...parts,
    store,
    running: (path) => parts.streams().running(path),
    adopt: (offer) => parts.streams().adopt(offer),
  });

/** See above. */
export const assembleRelaying = (parts: RelayingParts): Relaying => {
  const { config, keys, store } = parts;
  const cluster = store === undefined ? undefined : clusterOf(parts, store);
  const trust = cluster?.trust ?? new RelayTrust(config.relaySecret);
  const isRelay = (authorization: string | undefined): boolean => trust.knows(authorization);
  if (config.relays.length === 0)
    return { cluster, ways: cluster === undefined ? {} : { elsewhere: cluster }, door: { isRelay } };
  const elsewhere = new RelayHouse({ ...parts, originKey: keys.publicKey, trust });
  if (config.relayKeys) return { cluster, ways: { elsewhere }, door: { isRelay } };
  return {
    cluster,
    ways: { elsewhere },
    door: { isRelay, forwardKeys: (asked) => forwardedKeys(config.relays, asked) },
  };
};
