// What a host says about itself: the service description.

import { toBase64Url } from '../../../src/wire/bytes.ts';
import type { ServiceDescription } from '../../../src/wire/service.ts';
import { PROTOCOL_VERSION } from '../../../src/wire/version.ts';
import type { ServerConfig } from '../options.ts';
import { stunUrlOf } from '../stun/stun-address.ts';
import { WITNESS_PATH } from '../witness/witness.ts';

/** Path that says which stream stands for a source. */
export const SOURCES_PATH = '/sources';

/** `/.well-known/shoal.json`. The first key signs the streams; a relay signs its own HLS playlists with another one. Addresses are relative to the host that was asked, unless the configuration names others. */
export const describeService = (config: ServerConfig, keys: readonly Uint8Array[]): ServiceDescription => ({
  version: PROTOCOL_VERSION,
  tracker: config.trackerUrl ?? `${config.path}/tracker`,
  ...(config.publicCodes ? { codes: `${config.path}/code` } : {}),
  sources: `${config.path}${SOURCES_PATH}`,
  ...(config.witness.length > 0 ? { witness: `${config.path}${WITNESS_PATH}` } : {}),
  originKeys: keys.map(toBase64Url),
  iceServers: [...Object.values(config.ice), ...stunServers(config)],
});

const stunServers = (config: ServerConfig): { urls: string }[] =>
  config.stun.flatMap((address) => {
    const urls = stunUrlOf(address);
    return urls === undefined ? [] : [{ urls }];
  });
