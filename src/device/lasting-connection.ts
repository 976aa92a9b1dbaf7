/**
 * A connection that comes back: when the one it has breaks, the device is called again, at once and then at growing
 * intervals, until it answers, refuses for good, or too much time has passed.
 */
import type { Exchange } from '../carrier/exchange.ts';
import { type ErrorCode, ShoalError } from '../errors.ts';
import type { DeviceInfo } from '../wire/device-info.ts';
import { type ConnectionOptions, type ConnectionState, DeviceConnection } from './device-connection.ts';
import type { DeviceWorld } from './device-world.ts';

/** How it is made. */
export interface LastingOptions extends ConnectionOptions {
  /** A connection that broke is made anew for so long, ms; 0: it is over. */
  readonly returnWithinMs?: number;
}

/** Where it stands; `away`: it was open, and the device is being called again. */
export type LastingState = ConnectionState | 'away';

/** Hears of each change, and why if it is for the worse. */
export type StateListener = (state: LastingState, why: ShoalError | undefined) => void;

/** After these nothing is gained by calling again. */
const FINAL: ReadonlySet<ErrorCode> = new Set([
  'state/destroyed',
  'device/bad-info',
  'device/expired-info',
  'device/not-genuine',
  'support/insecure-context',
]);
/** An attempt to come back is given less time than the first call: the next one may find a line that is up again. */
const ATTEMPT_MS = 5_000;
const FIRST_WAIT_MS = 200;
const MOST_WAIT_MS = 3_000;

type Life = 'first' | 'open' | 'away' | 'closed';

/** See above. */
export class LastingConnection {
  readonly info: DeviceInfo;
  /** Resolves when the device has answered for the first time; rejects with why it cannot be reached. */
  readonly opened: Promise<void>;
  /** Resolves with why it is over for good. */
  readonly closed: Promise<ShoalError>;
  readonly #world: DeviceWorld;
  readonly #options: LastingOptions;
  readonly #listeners = new Set<StateListener>();
  readonly #waiting: { readonly back: () => void; readonly over: (why: ShoalError) => void }[] = [];
  readonly #unwatch: () => void;
  #life: Life = 'first';
  #connection: DeviceConnection;
  #ended: (why: ShoalError) => void = () => undefined;
  #lostAt = 0;
  #waitMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Throws `device/bad-info` and `device/expired-info`. */
  constructor(world: DeviceWorld, options: LastingOptions) {
    this.#world = world;
    this.#options = options;
    this.#connection = new DeviceConnection(world, options);
    this.info = this.#connection.info;
    this.opened = this.#connection.opened;
    this.closed = new Promise((resolve) => {
      this.#ended = resolve;
    });
    this.#unwatch = world.watchNetwork(() => this.#lineIsBack());
    this.#follow(this.#connection);
  }

  get state(): LastingState {
    if (this.#life === 'away' || this.#life === 'closed') return this.#life;
    return this.#connection.state;
  }

  /** Listens to breaks and returns; returns how to stop listening. */
  onState(listener: StateListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Asks the device for something; what is asked while it is away fails at once instead of coming late. */
  async request(target: string, options: { readonly sends?: boolean } = {}): Promise<Exchange> {
    if (this.#life === 'away') throw new ShoalError('request/lost', { detail: 'the device is being called again' });
    return this.#connection.request(target, options);
  }

  /** Resolves when the device can be asked again; rejects with why it never can. */
  back(): Promise<void> {
    // The connection's end is told to its requests first and to its owner a moment later.
    return Promise.resolve().then(() => {
      if (this.#life === 'closed') return this.closed.then((why) => Promise.reject(why));
      if (this.#life !== 'away' && this.#connection.state !== 'closed') return this.#connection.opened;
      return new Promise<void>((back, over) => this.#waiting.push({ back, over }));
    });
  }

  /** Ends it; `closed` then says `state/destroyed`. */
  close(): void {
    this.#finish(new ShoalError('state/destroyed'));
  }

  #follow(connection: DeviceConnection): void {
    connection.opened.then(
      () => this.#isOpen(connection),
      () => undefined,
    );
    void connection.closed.then((why) => this.#isLost(connection, why));
  }

  #isOpen(connection: DeviceConnection): void {
    if (this.#life === 'closed' || connection !== this.#connection) return;
    this.#life = 'open';
    this.#waitMs = 0;
    this.#tell(undefined);
    for (const { back } of this.#waiting.splice(0)) back();
  }

  #isLost(connection: DeviceConnection, why: ShoalError): void {
    if (this.#life === 'closed' || connection !== this.#connection) return;
    if (this.#life === 'first') return this.#finish(why);
    if (this.#life === 'open') {
      this.#life = 'away';
      this.#lostAt = performance.now();
      this.#waitMs = 0;
      this.#tell(why);
    }
    const isOver = performance.now() - this.#lostAt >= (this.#options.returnWithinMs ?? 0);
    if (isOver || FINAL.has(why.code)) return this.#finish(why);
    this.#timer = setTimeout(() => this.#call(), this.#waitMs * (0.5 + Math.random() / 2));
    this.#waitMs = Math.min(MOST_WAIT_MS, Math.max(FIRST_WAIT_MS, this.#waitMs * 2));
  }

  #call(): void {
    clearTimeout(this.#timer);
    try {
      this.#connection = new DeviceConnection(this.#world, { ...this.#options, withinMs: ATTEMPT_MS });
    } catch (expired) {
      return this.#finish(expired as ShoalError);
    }
    this.#follow(this.#connection);
  }

  /** What is under way may wait for an answer that never comes over the old line. */
  #lineIsBack(): void {
    if (this.#life !== 'away') return;
    const before = this.#connection;
    this.#waitMs = 0;
    this.#call();
    before.close();
  }

  #finish(why: ShoalError): void {
    if (this.#life === 'closed') return;
    this.#life = 'closed';
    clearTimeout(this.#timer);
    this.#unwatch();
    this.#connection.close();
    this.#tell(why);
    this.#listeners.clear();
    for (const { over } of this.#waiting.splice(0)) over(why);
    this.#ended(why);
  }

  #tell(why: ShoalError | undefined): void {
    for (const listener of this.#listeners) {
      try {
        listener(this.state, why);
      } catch (thrown) {
        // A listener of the page that throws harms nobody else, and is not hidden either.
        queueMicrotask(() => {
          throw thrown;
        });
      }
    }
  }
}
