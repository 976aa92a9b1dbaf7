// What of a server depends on where its streams are cut, put together: by other servers' word, or here alone.

import type { ByteCore } from '../../wasm/abi.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import type { ServerConfig } from './options.ts';
import type { OriginParts } from './origin/doorway.ts';
import type { OriginKeys } from './origin/stream-keys.ts';
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
}

/** What the other parts of a server are given. */
export interface Relaying {
  readonly ways: Pick<WaysParts, 'elsewhere'>;
  readonly door: Pick<OriginParts, 'isRelay' | 'forwardKeys'>;
}

/** See above. */
export const assembleRelaying = (parts: RelayingParts): Relaying => {
  const { config, keys } = parts;
  const trust = new RelayTrust(config.relaySecret);
  const isRelay = (authorization: string | undefined): boolean => trust.knows(authorization);
  if (config.relays.length === 0) return { ways: {}, door: { isRelay } };
  const elsewhere = new RelayHouse({ ...parts, originKey: keys.publicKey, trust });
  if (config.relayKeys) return { ways: { elsewhere }, door: { isRelay } };
  return { ways: { elsewhere }, door: { isRelay, forwardKeys: (asked) => forwardedKeys(config.relays, asked) } };
};
