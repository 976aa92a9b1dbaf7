/**
 * What lives from one `init` to the next `destroy`: the watch on the NAT and the services.
 */
import type { NatListener } from '../carrier/browser/nat-probe.ts';
import type { Log } from '../log/log.ts';
import type { Callbacks, Configuration, ServiceInfo } from './arguments.ts';
import { refuse } from './codes.ts';
import { DeviceSide } from './device-side.ts';
import { XP2PLocalEventEnum as Local, type XP2PLocalEvent } from './enums.ts';
import type { StreamInfo } from './face.ts';
import { Pull, type PullEvents } from './pull.ts';
import { Service, type ServiceSource } from './service.ts';
import type { ServiceEvents } from './service-events.ts';
import { SharedNat } from './shared-nat.ts';
import type { PluginWorld } from './world.ts';

/** What a session is made of. */
export interface SessionParts {
  readonly configuration: Configuration;
  readonly world: PluginWorld;
  readonly log: Log;
}

/** One session. */
export class Session {
  readonly #parts: SessionParts;
  readonly #services = new Map<string, Service>();
  #nat: SharedNat | undefined;
  #resetting: Promise<0> | undefined;
  #state: 'open' | 'stopped' = 'open';

  constructor(parts: SessionParts) {
    this.#parts = parts;
    for (const secret of parts.configuration.secrets) parts.log.keepSecret(secret);
  }

  /** Registers what the page asked for and probes the network; is rejected with -2301 or -2202. */
  async start(): Promise<0> {
    const { configuration, world } = this.#parts;
    const { localServer } = configuration.params;
    if (localServer !== undefined) {
      try {
        await world.registerLocalServer(localServer);
      } catch (cause) {
        return refuse(-2301, cause instanceof Error ? cause.message : String(cause));
      }
    }
    return this.#probe();
  }

  /** Stops every service and probes anew. Several at once share one answer. */
  reset(): Promise<0> {
    this.#stopServices();
    this.#resetting ??= this.#probe().finally(() => {
      this.#resetting = undefined;
    });
    return this.#resetting;
  }

  /** Stops everything at once. */
  stop(): void {
    this.#state = 'stopped';
    this.#stopServices();
    this.#nat?.stop();
    this.#nat = undefined;
  }

  serviceOf(id: string): Service | undefined {
    return this.#services.get(id);
  }

  /** Makes the service of an id. */
  /** Opens the service of an id. Throws what a device's connection throws that cannot even be tried. */
  open(id: string, info: ServiceInfo, callbacks: Callbacks): Service {
    const service = new Service(info, callbacks, {
      open: (_info, events) => (info.kind === 'device' ? this.#device(info, events) : this.#shared(info, events)),
      report: (error) => this.#parts.world.report(error),
    });
    this.#services.set(id, service);
    this.#nat?.setService(true);
    return service;
  }

  /** Ends the service of an id, if there is one. */
  close(id: string, service: Service | undefined = this.#services.get(id)): void {
    if (service === undefined || this.#services.get(id) !== service) return;
    this.#services.delete(id);
    service.stop(false);
    if (this.#services.size === 0) this.#nat?.setService(false);
  }

  #shared(info: StreamInfo, events: ServiceEvents): ServiceSource {
    return {
      device: undefined,
      pull: (address, pulled) => this.#pull(address, info.codeUrl, { log: events.log, pulled }),
      close: () => undefined,
    };
  }

  #device(info: StreamInfo, events: ServiceEvents): ServiceSource {
    const { configuration, world } = this.#parts;
    const { iceServers, development = false } = configuration.params;
    return new DeviceSide(
      {
        info,
        connection: { info: info.xp2pInfo ?? '', ...(iceServers === undefined ? {} : { iceServers }) },
        connect: world.connectDevice,
        disconnectAfterMs: configuration.disconnectAfterMs,
        allowsClear: development || world.isAtHome(),
        follow: (address, pulled) => this.#pull(address.href, info.codeUrl, { log: events.log, pulled }),
        report: (error) => world.report(error),
      },
      events,
    );
  }

  #pull(
    url: string,
    codeUrl: string | undefined,
    to: { readonly log: ServiceEvents['log']; readonly pulled: PullEvents },
  ): Pull {
    const { configuration, world } = this.#parts;
    return new Pull(
      {
        createStream: (options) => world.createStream(options, this.#nat?.watchNat),
        disconnectAfterMs: configuration.disconnectAfterMs,
        options: { ...this.#optionsOf(url, codeUrl), debug: to.log },
      },
      to.pulled,
    );
  }

  #stopServices(): void {
    const services = [...this.#services.values()];
    this.#services.clear();
    for (const service of services) service.stop(true);
    this.#nat?.setService(false);
  }

  #optionsOf(url: string, codeUrl: string | undefined) {
    const { configuration, log } = this.#parts;
    const { stunServers } = configuration;
    const { iceServers, service, sharing, tokenProvider } = configuration.params;
    return {
      url,
      log,
      ...(codeUrl === undefined ? {} : { codeUrl }),
      ...(stunServers.length === 0 ? {} : { stunServers }),
      ...(iceServers === undefined ? {} : { iceServers }),
      ...(service === undefined ? {} : { service }),
      ...(sharing === undefined ? {} : { sharing }),
      ...(tokenProvider === undefined
        ? {}
        : { tokenProvider: (reason: 'start' | 'renew') => tokenProvider(url, reason) }),
    };
  }

  async #probe(): Promise<0> {
    const { configuration, world } = this.#parts;
    const { stunServers, params } = configuration;
    // Nothing may begin after the end.
    if (this.#state === 'stopped') return refuse(-2002, 'destroyed meanwhile');
    if (stunServers.length === 0) return 0;
    const addresses = params.natAddresses ?? 'masked';
    this.#nat ??= new SharedNat(world.watchNat, { stunServers, addresses }, this.#natListener());
    const report = await this.#nat.probe();
    const { asked, failed } = report.servers;
    return report.kind === 'blocked' ? refuse(-2202, `${failed} of ${asked} STUN servers failed`) : 0;
  }

  #natListener(): NatListener {
    return {
      natChanged: (event) => this.#tell(Local.NATChanged, event),
      natError: ({ error, report }) => this.#tell(Local.NATError, { errcode: -2202, errmsg: error.message, report }),
    };
  }

  #tell(event: XP2PLocalEvent, detail: unknown): void {
    try {
      this.#parts.configuration.eventHandler(event, detail);
    } catch (error) {
      this.#parts.world.report(error);
    }
  }
}
