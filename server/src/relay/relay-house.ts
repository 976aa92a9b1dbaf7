// The streams of a relay: whatever its upstreams have.

import type { ByteCore } from '../../../wasm/abi.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { ServerConfig } from '../options.ts';
import type { Stream } from '../origin/stream.ts';
import type { Elsewhere, Running } from '../origin/streams.ts';
import type { RelayTrust } from './relay-trust.ts';
import { RelayedStream } from './relayed-stream.ts';
import { pieceFormAt } from './upstream-address.ts';

/** What it works with. */
export interface RelayHouseParts {
  readonly config: ServerConfig;
  readonly core: ByteCore;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  /** Key of the root origin. */
  readonly originKey: Uint8Array;
  readonly trust: RelayTrust;
}

/** See above. */
export class RelayHouse implements Elsewhere {
  readonly #parts: RelayHouseParts;

  constructor(parts: RelayHouseParts) {
    this.#parts = parts;
  }

  /** An upstream says so itself when it does not have a stream. */
  serves(): boolean {
    return true;
  }

  run({ path, query, id, window, idle }: Running): Stream {
    const { config, trust, ...parts } = this.#parts;
    const keys = config.relayKeys ? 'wanted' : 'left';
    const { authorization } = trust;
    return new RelayedStream({
      ...parts,
      path,
      id,
      window,
      idle,
      lingerMs: config.linger * 1000,
      after: () => 0,
      targets: (from) =>
        config.relays.map((upstream) => pieceFormAt(upstream, { path, query, from, keys, authorization })),
    });
  }
}
