/**
 * A browser for tests of the plugin surface: real streams of the SDK on a browser in the test's hands.
 */
import type { NatListener, NatOptions, NatReport, NatWatch } from '../../carrier/browser/nat-probe.ts';
import type { Support } from '../../carrier/browser/support.ts';
import type { Device } from '../../device/device.ts';
import { ShoalError } from '../../errors.ts';
import { createStreamIn, type DataStreamOptions } from '../../player/data-stream.ts';
import { FakeWorld } from '../../player/testing/fake-world.ts';
import type { ConnectDevice } from '../device-line.ts';
import type { WatchNat } from '../shared-nat.ts';
import type { PluginWorld } from '../world.ts';

/** A device that is called and does not answer. */
export const silentDevice: ConnectDevice = () => {
  const never = new Promise<never>(() => undefined);
  return { opened: never, closed: never, close: () => undefined } as unknown as Device;
};

/** The page that copies of the SDK share. */
export interface FakePage {
  owner: object | undefined;
}

/** The world. */
export class FakePluginWorld implements PluginWorld {
  readonly player = new FakeWorld();
  readonly page: FakePage;
  readonly streams: DataStreamOptions[] = [];
  readonly reported: unknown[] = [];
  readonly registered: string[] = [];
  readonly serves: boolean[] = [];
  /** Where devices are to be had: nowhere, unless a test knows a place. */
  connectDevice: ConnectDevice = () => {
    throw new ShoalError('device/meeting-lost');
  };
  home: 'at home' | 'elsewhere' = 'at home';
  has: Partial<Support> = {};
  registration: Error | undefined;
  /** A registration waits for it. */
  registering: Promise<void> = Promise.resolve();
  natKind: NatReport['kind'] = 'cone';
  natOptions: NatOptions | undefined;
  natListener: NatListener | undefined;
  probes = 0;
  uuid: Promise<string> = Promise.resolve('the-uuid');
  /** Probes wait for it. */
  probing: Promise<void> = Promise.resolve();

  constructor(page: FakePage = { owner: undefined }) {
    this.page = page;
  }

  support(): Support {
    return { mediaSource: true, webAssembly: true, worker: true, webrtc: true, ...this.has };
  }

  createStream(options: DataStreamOptions, nat: WatchNat | undefined) {
    this.streams.push(options);
    if (nat !== undefined) Object.assign(this.player, { watchNat: nat });
    return createStreamIn(this.player, options);
  }

  readonly watchNat = (options: NatOptions, listener: NatListener): NatWatch => {
    this.natOptions = options;
    this.natListener = listener;
    let state: 'watching' | 'stopped' = 'watching';
    return {
      report: undefined,
      probe: async () => {
        this.probes += 1;
        await this.probing;
        if (state === 'stopped') throw new ShoalError('state/destroyed');
        const asked = options.stunServers.length;
        const report = { kind: this.natKind, mapped: [], servers: { asked, failed: asked } };
        if (report.kind === 'blocked') listener.natError({ error: new ShoalError('nat/no-answer'), report });
        return report;
      },
      setService: (runs) => void this.serves.push(runs),
      stop: () => {
        state = 'stopped';
      },
    };
  };

  isAtHome(): boolean {
    return this.home === 'at home';
  }

  loadUuid(): Promise<string> {
    return this.uuid;
  }

  async registerLocalServer(address: string): Promise<void> {
    await this.registering;
    if (this.registration !== undefined) throw this.registration;
    this.registered.push(address);
  }

  claim(owner: object): boolean {
    this.page.owner ??= owner;
    return this.page.owner === owner;
  }

  release(owner: object): void {
    if (this.page.owner === owner) this.page.owner = undefined;
  }

  report(error: unknown): void {
    this.reported.push(error);
  }
}
