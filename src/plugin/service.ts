/**
 * One service of an id: its callbacks and the one pull it may have, of a shared stream or of a device.
 */
import type { Callbacks, PullRequest } from './arguments.ts';
import { refuse } from './codes.ts';
import type { DeviceSide } from './device-side.ts';
import { XP2PEventEnum as Event, XP2PNotify_SubType as Notify, type XP2PNotify } from './enums.ts';
import type { DataCallback, StreamInfo } from './face.ts';
import type { PullEvents, RunningPull } from './pull.ts';
import type { ServiceEvents } from './service-events.ts';

/** Where a service has its data from. */
export interface ServiceSource {
  pull(address: string, events: PullEvents): RunningPull;
  /** What a device can do besides; undefined for a shared stream. */
  readonly device: DeviceSide | undefined;
  close(): void;
}

/** What a service takes from the module. */
export interface ServiceWorld {
  open(info: StreamInfo, events: ServiceEvents): ServiceSource;
  /** A page's own function has thrown. */
  report(error: unknown): void;
}

type State = 'idle' | 'pulling' | 'stopped';

/** One service. */
export class Service {
  readonly #info: StreamInfo;
  readonly #world: ServiceWorld;
  readonly #source: ServiceSource;
  #callbacks: Callbacks;
  #dataCallback: DataCallback | undefined;
  #state: State = 'idle';
  #pull: RunningPull | undefined;
  /** Whether a pull of this service has said how it ended. */
  #said: 'nothing' | 'end' = 'nothing';
  /** The connection whose end a pull has told already. */
  #toldOf: number | undefined;

  /** Throws what a device's connection throws that cannot even be tried. */
  constructor(info: StreamInfo, callbacks: Callbacks, world: ServiceWorld) {
    this.#info = info;
    this.#callbacks = callbacks;
    this.#world = world;
    this.#source = world.open(info, {
      log: (line) => this.#log(line),
      connected: () => this.#notify(Notify.Connected),
      lost: (why, connection) => {
        const isTold = this.#state !== 'idle' || this.#toldOf === connection;
        if (!isTold) this.#notify(Notify.Disconnect, why);
      },
    });
  }

  /** What a device can do; undefined for a shared stream. */
  get device(): DeviceSide | undefined {
    return this.#source.device;
  }

  /** Replaces those callbacks that are given. A pull goes on into the new one; none is started. */
  update({ msgCallback, dataCallback }: Callbacks): void {
    this.#callbacks = {
      msgCallback: msgCallback ?? this.#callbacks.msgCallback,
      dataCallback: dataCallback ?? this.#callbacks.dataCallback,
    };
    if (dataCallback !== undefined) this.#dataCallback = dataCallback;
  }

  /** Starts the pull; is rejected with -2401 when there is one, and with why it did not start. */
  async pull({ dataCallback, urlFrom }: PullRequest): Promise<0> {
    if (this.#state !== 'idle') return refuse(this.#state === 'pulling' ? -2401 : -2403);
    this.#state = 'pulling';
    this.#dataCallback = dataCallback;
    const pull = this.#source.pull(urlFrom(this.#info.url), {
      notify: (subtype, detail) => this.#notify(subtype, detail),
      data: (flv) => this.#call(() => this.#dataCallback?.(flv)),
      over: () => {
        this.#pull = undefined;
        if (this.#state === 'pulling') this.#state = 'idle';
      },
    });
    this.#pull = pull;
    await pull.start();
    return 0;
  }

  /** Ends the pull. */
  stopPull(): void {
    this.#pull?.close();
  }

  /** Ends the service. `tells`: a service that never pulled says so too. */
  stop(tells: boolean): void {
    if (this.#state === 'stopped') return;
    this.stopPull();
    if (tells && this.#said === 'nothing') this.#notify(Notify.Close);
    this.#state = 'stopped';
    this.#source.close();
  }

  #notify(subtype: XP2PNotify, detail?: unknown): void {
    const isEnd = subtype === Notify.Close || subtype === Notify.Eof || subtype === Notify.Disconnect;
    this.#said = isEnd ? 'end' : this.#said;
    if (subtype === Notify.Disconnect) this.#toldOf = this.#source.device?.connection;
    this.#call(() => this.#callbacks.msgCallback?.(Event.Notify, subtype, detail));
  }

  #log(line: string): void {
    this.#call(() => this.#callbacks.msgCallback?.(Event.Log, '', line));
  }

  #call(callback: () => void): void {
    try {
      callback();
    } catch (error) {
      this.#world.report(error);
    }
  }
}
