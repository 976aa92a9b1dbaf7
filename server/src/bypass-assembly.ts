// Rooms, live pushes, recordings and callbacks, put together. Their stores are opened before anything else, so that what a
// crash left is known; the rest is attached to the streams of the server.

import { join } from 'node:path';
import { Addresses, type LocalAddresses } from './bypass/addresses.ts';
import { AppApi } from './bypass/app-api.ts';
import { BypassService } from './bypass/bypass-service.ts';
import { type LiveApp, readApps, SELF } from './bypass/live-apps.ts';
import type { RateType } from './bypass/play-urls.ts';
import { CallbackService } from './callbacks/callback-service.ts';
import type { CallbackTarget } from './callbacks/post-event.ts';
import type { Clock } from './clock.ts';
import type { SharedStore } from './cluster/shared-store.ts';
import { Ffmpeg } from './ffmpeg.ts';
import type { BypassCounts } from './http/metrics.ts';
import type { Log } from './log.ts';
import type { ServerConfig } from './options.ts';
import type { Egress } from './origin/egress.ts';
import type { EgressBudget } from './origin/egress-budget.ts';
import type { RateEntry } from './publishing-options.ts';
import { Recordings } from './recording/recordings.ts';
import type { WaysIn } from './ways.ts';

/** What is opened before the server is put together. */
export interface BypassStores {
  readonly apps: ReadonlyMap<number, LiveApp>;
  readonly addresses: Addresses;
  readonly callbacks: CallbackService;
  readonly recordings: Recordings;
}

/** What the front needs of it. */
export interface Bypass extends BypassStores {
  readonly service: BypassService;
  readonly api: AppApi;
}

interface BypassContext {
  readonly config: ServerConfig;
  readonly clock: Clock;
  readonly log: Log;
}

const MEGABYTE = 1024 * 1024;
const MINUTE_MS = 60_000;

/** Opens the stores; undefined where there are no rooms. */
export const openBypass = async ({ config, clock, log }: BypassContext): Promise<BypassStores | undefined> => {
  const apps = readApps(config.bypass);
  if (apps.size === 0) return undefined;
  const { dataDir } = config;
  const addresses = new Addresses(config.publicUrl);
  const dir = dataDir === undefined ? undefined : join(dataDir, 'callbacks');
  const targetOf = (bizid: number): CallbackTarget | undefined => {
    const target = apps.get(bizid)?.callback;
    if (target?.url !== SELF) return target;
    return { ...target, url: `${addresses.self}/bypass/${bizid}/received` };
  };
  const callbacks = await CallbackService.open({ clock, log, dir, targetOf });
  const recordings = await Recordings.open({
    clock,
    log,
    apps,
    callbacks,
    ffmpeg: new Ffmpeg(config.ffmpeg),
    dir: dataDir,
    partMs: config.recordMinutes * MINUTE_MS,
    freeBytesMin: config.recordFreeMegabytes * MEGABYTE,
    web: () => addresses.web,
  });
  return { apps, addresses, callbacks, recordings };
};

/** Attaches them to a server. */
export const assembleBypass = (
  stores: BypassStores,
  { desk, streams, outputs }: WaysIn,
  parts: BypassContext & {
    readonly budget: EgressBudget;
    readonly egress: Egress;
    readonly shared: SharedStore | undefined;
  },
): Bypass => {
  const { apps, callbacks, recordings } = stores;
  const { clock, config } = parts;
  recordings.attach({ running: (path) => streams.running(path), outputs });
  const { maxPerAddress, maxViewers } = config;
  const service = new BypassService({
    ...parts,
    ...stores,
    desk,
    streams,
    limits: { connections: maxViewers, connectionsPerAddress: maxPerAddress },
    rates: Object.entries(config.rates).map(rateTypeOf),
  });
  return { ...stores, service, api: new AppApi({ clock, apps, bypass: service, callbacks, recordings }) };
};

/** The server listens: addresses can be composed, and what waited since before the start goes on. */
export const beginBypass = ({ addresses, callbacks, recordings }: Bypass, local: LocalAddresses): void => {
  addresses.listening(local);
  callbacks.begin();
  recordings.begin();
};

/** What `/metrics` says of it. */
export const countBypass = ({ service, recordings, callbacks }: Bypass): BypassCounts => ({
  ...service.counts,
  recordings: recordings.running,
  callbacksWaiting: callbacks.waiting,
  diskFull: recordings.isDiskFull ? 1 : 0,
});

/** Ends pushes and recordings, tells the customers' servers, and closes the stores. */
export const closeBypass = async ({ service, recordings, callbacks }: Bypass): Promise<void> => {
  await service.close();
  await recordings.close();
  await callbacks.close();
};

/** A rate named by a number has that number; any other is known by its kbit/s. */
const rateTypeOf = ([name, { kbps }]: readonly [string, RateEntry]): RateType => ({
  rateType: /^\d{1,4}$/.test(name) ? Number(name) : kbps,
  suffix: `~${name}`,
});
