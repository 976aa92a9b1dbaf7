/**
 * A page's side of the virtual addresses: opens the door to the Service Worker, answers what comes through it, and keeps
 * the streams behind it. One for each surface that hands out virtual addresses.
 */
import { asShoalError } from '../carrier/calls.ts';
import { ShoalError } from '../errors.ts';
import type { LogWriter } from '../log/log.ts';
import type { Sharing } from '../player/options.ts';
import type { Flow, OpenSource } from './flv-source.ts';
import type { PageAnswer } from './pipe-messages.ts';
import { ProxiedStreams } from './proxied-streams.ts';
import { routeOf } from './routes.ts';
import { findPlace } from './source-place.ts';
import { VirtualStream, type VirtualStreamEvents } from './virtual-stream.ts';
import { type DoorRequest, type OpenDoor, openDoor, type ServiceWorkerPlace } from './worker-door.ts';

/** What a host takes from its page. */
export interface VirtualWorld {
  readonly container: ServiceWorkerContainer | undefined;
  readonly fetch: typeof fetch;
  readonly openSource: OpenSource;
  readonly log: LogWriter;
}

/** How a host works. */
export interface VirtualHostOptions {
  readonly serviceWorker: ServiceWorkerPlace;
  /** Address of the service description; undefined: each source's own host. */
  readonly service: string | undefined;
  readonly startWithinMs: number;
  /** What a viewer is admitted by beside the address's own query; rejects with `token/...`. */
  credentials(): Promise<string>;
}

/** Whether neighbours may give to this page and get from it. */
export interface Features {
  readonly download: boolean;
  readonly upload: boolean;
}

/** Well within the time after which browsers stop an idle Service Worker. */
const ALIVE_EVERY_MS = 10_000;

/** See above. */
export class VirtualHost {
  readonly #world: VirtualWorld;
  readonly #options: VirtualHostOptions;
  readonly #named = new Map<string, VirtualStream>();
  readonly #proxied: ProxiedStreams;
  readonly #alive: ReturnType<typeof setInterval>;
  readonly #nowSeen = (): void => {
    if (document.visibilityState === 'visible') void this.resume();
  };
  #features: Features = { download: true, upload: true };
  #door: Promise<OpenDoor> | undefined;
  #base: string | undefined;
  #state: 'open' | 'closed' = 'open';

  constructor(world: VirtualWorld, options: VirtualHostOptions) {
    this.#world = world;
    this.#options = options;
    this.#proxied = new ProxiedStreams((source, events) => this.openStream(source, events), world.log);
    this.#alive = setInterval(() => void this.#keepAlive(), ALIVE_EVERY_MS);
    window.addEventListener('pageshow', this.#nowSeen);
    document.addEventListener('visibilitychange', this.#nowSeen);
  }

  /** Address below which this page answers, ending in a slash; undefined while the door is closed. */
  get base(): string | undefined {
    return this.#base;
  }

  get features(): Features {
    return this.#features;
  }

  /** Opens the door to the Service Worker; rejects with `virtual/...`. A door that did not open is tried anew. */
  open(): Promise<string> {
    this.#door ??= openDoor(this.#world.container, this.#options.serviceWorker, (asked) => this.#answer(asked)).then(
      (door) => {
        this.#base = door.base;
        return door;
      },
      (error: unknown) => {
        this.#door = undefined;
        throw asShoalError(error, 'virtual/no-control');
      },
    );
    return this.#door.then((door) => door.base);
  }

  /** Makes sure that the door is open, as after a time in the background; whether it is. */
  async resume(): Promise<boolean> {
    if (this.#door === undefined || this.#state === 'closed') return false;
    const door = await this.#door.catch(() => undefined);
    if (door !== undefined && (await door.ask()) !== undefined) return true;
    door?.close();
    this.#door = undefined;
    return this.open().then(
      () => true,
      (error: unknown) => {
        this.#world.log.warn(String(error));
        return false;
      },
    );
  }

  /** Opens a stream; rejects with `service/...`, `token/...`, `options/invalid`. */
  async openStream(
    source: URL,
    events: VirtualStreamEvents,
    startWithinMs = this.#options.startWithinMs,
  ): Promise<VirtualStream> {
    const { fetch: get, openSource: open } = this.#world;
    const [place, credentials] = await Promise.all([
      findPlace(source, this.#options.service, get),
      this.#options.credentials(),
    ]);
    const url = withQuery(place, credentials);
    if (this.#state === 'closed') throw new ShoalError('state/destroyed');
    return new VirtualStream({ url, open, sharing: this.#sharing, startWithinMs }, events);
  }

  /** Gives a stream a name; `media(name)` is its address. */
  publish(name: string, stream: VirtualStream): void {
    this.#named.set(name, stream);
  }

  /** Closes a named stream. */
  closeNamed(name: string): void {
    this.#named.get(name)?.close();
    this.#named.delete(name);
  }

  /** The address of a named stream. Throws `virtual/no-control` while the door is closed. */
  media(name: string): string {
    if (this.#base === undefined) throw new ShoalError('virtual/no-control');
    return `${this.#base}${name}/media.flv`;
  }

  /** Switches sharing of every stream, now and later. Whoever takes nothing from neighbours can give them nothing. */
  setFeatures({ download, upload }: Features): void {
    this.#features = { download, upload: download && upload };
    for (const stream of this.#streams()) stream.setSharing(this.#sharing);
  }

  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    clearInterval(this.#alive);
    window.removeEventListener('pageshow', this.#nowSeen);
    document.removeEventListener('visibilitychange', this.#nowSeen);
    for (const name of [...this.#named.keys()]) this.closeNamed(name);
    this.#proxied.close();
    void this.#door?.then(
      (door) => door.close(),
      () => undefined,
    );
    this.#base = undefined;
  }

  get #sharing(): Sharing {
    if (!this.#features.download) return 'off';
    return this.#features.upload ? 'on' : 'download-only';
  }

  #streams(): VirtualStream[] {
    return [...this.#named.values(), ...this.#proxied.all()];
  }

  #answer({ request, port }: DoorRequest): void {
    this.#keepOnly(request.instance);
    const route = routeOf(request.path, request.query);
    switch (route.kind) {
      case 'media': {
        const stream = this.#named.get(route.name);
        if (stream === undefined) say(port, refusal(404, 'no such stream'));
        else if (request.method === 'HEAD') say(port, { kind: 'stream', type: 'video/x-flv' });
        else stream.read(port, request.instance);
        return;
      }
      case 'proxied':
        this.#proxied.answer(route.source, port, request.instance);
        return;
      case 'stat':
        void this.#tellFlow(route.resource, route.name, port);
        return;
      case 'feature':
        this.setFeatures(route);
        say(
          port,
          whole(200, {
            ret: 0,
            msg: 'ok',
            download: Number(this.#features.download),
            upload: Number(this.#features.upload),
          }),
        );
        return;
      case 'unknown':
        say(port, refusal(route.status, route.reason));
    }
  }

  async #tellFlow(resource: string | undefined, name: string | undefined, port: MessagePort): Promise<void> {
    const named = this.#named.get(resource ?? name ?? '');
    const stream = named ?? this.#proxied.find(resource ?? '');
    const flow: Flow | undefined = await stream?.flow();
    if (flow === undefined) say(port, refusal(404, 'no such resource'));
    else say(port, whole(200, { flow: { p2pBytes: flow.p2pBytes, cdnBytes: flow.cdnBytes } }));
  }

  async #keepAlive(): Promise<void> {
    if (this.#streams().every((stream) => stream.readers === 0)) return;
    const door = await this.#door?.catch(() => undefined);
    const instance = await door?.ask();
    if (instance !== undefined) this.#keepOnly(instance);
  }

  #keepOnly(instance: string): void {
    for (const stream of this.#streams()) stream.keepOnly(instance);
  }
}

const withQuery = (address: string, query: string): string => {
  if (query === '') return address;
  const url = new URL(address);
  url.search = url.search === '' ? query : `${url.search}&${query}`;
  return url.href;
};

const say = (port: MessagePort, answer: PageAnswer): void => port.postMessage(answer);

const whole = (status: number, body: object): PageAnswer => ({
  kind: 'whole',
  status,
  type: 'application/json',
  body: JSON.stringify(body),
});

const refusal = (status: number, error: string): PageAnswer => whole(status, { error });
