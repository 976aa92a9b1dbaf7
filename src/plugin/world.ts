/**
 * What the plugin surface takes from the SDK and the browser, in one place, so that tests can hand in another one.
 */
import { watchNat } from '../carrier/browser/nat-probe.ts';
import { loadSettings } from '../carrier/browser/settings.ts';
import { detectSupport, type Support } from '../carrier/browser/support.ts';
import { connectDevice } from '../device/device.ts';
import { ShoalError } from '../errors.ts';
import { createStreamIn, type DataStream, type DataStreamOptions } from '../player/data-stream.ts';
import { reportError } from '../player/events.ts';
import { browserWorld as playerWorld } from '../player/world.ts';
import type { ConnectDevice } from './device-line.ts';
import type { WatchNat } from './shared-nat.ts';

/** The browser and the SDK, as the plugin surface sees them. */
export interface PluginWorld {
  support(): Support;
  /** Makes a stream, with a watch on the NAT that is there already. */
  createStream(options: DataStreamOptions, nat: WatchNat | undefined): DataStream;
  readonly watchNat: WatchNat;
  readonly connectDevice: ConnectDevice;
  /** Whether this is a page of the developer's own machine. */
  isAtHome(): boolean;
  /** This browser's id on this site; the same after a reload, if the browser stores anything. */
  loadUuid(): Promise<string>;
  /** Registers a Service Worker; rejects with what the browser says. */
  registerLocalServer(address: string): Promise<void>;
  /** Takes the page for one copy of the SDK; false when another one has it. */
  claim(owner: object): boolean;
  release(owner: object): void;
  report(error: unknown): void;
}

/** Where copies of the SDK on one page find each other. */
const OWNER = Symbol.for('shoal.p2pModule');
const page = globalThis as { [OWNER]?: object | undefined };

/** The real one. */
export const browserWorld = (): PluginWorld => ({
  support: detectSupport,
  createStream: (options, nat) =>
    createStreamIn(nat === undefined ? playerWorld() : { ...playerWorld(), watchNat: nat }, options),
  watchNat,
  connectDevice,
  isAtHome: () => /^(localhost|127\.[\d.]+|\[::1\]|.*\.localhost)$/.test(location.hostname),
  loadUuid: async () => (await loadSettings()).installation,
  async registerLocalServer(address) {
    if (!('serviceWorker' in navigator)) throw new ShoalError('support/insecure-context');
    await navigator.serviceWorker.register(address);
  },
  claim(owner) {
    if (page[OWNER] !== undefined && page[OWNER] !== owner) return false;
    page[OWNER] = owner;
    return true;
  },
  release(owner) {
    if (page[OWNER] === owner) page[OWNER] = undefined;
  },
  report: reportError,
});
