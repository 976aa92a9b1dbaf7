// What a relay may not be besides: its streams are named by its origin's key, so it cuts none of its own.

import { ShoalError } from '../../../src/errors.ts';
import type { ServerConfig } from '../options.ts';

/** The configuration as a relay has it; throws `server/bad-config` where it contradicts itself. */
export const settleRelay = (config: ServerConfig): ServerConfig => {
  if (config.relays.length === 0) return config;
  if (config.upstream !== undefined || Object.keys(config.sources).length > 0) {
    const detail = '--relay takes every stream from its upstreams; leave out -u and --source';
    throw new ShoalError('server/bad-config', { detail });
  }
  // Whoever publishes does so at the origin.
  return { ...config, publish: 'off' };
};
