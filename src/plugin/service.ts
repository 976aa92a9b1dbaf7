/**
 * One service of an id: its callbacks and the one pull it may have.
 */
import type { Callbacks, PullRequest } from './arguments.ts';
import { refuse } from './codes.ts';
import { XP2PEventEnum as Event, XP2PNotify_SubType as Notify, type XP2PNotify } from './enums.ts';
import type { DataCallback, StreamInfo } from './face.ts';
import { Pull, type PullParts } from './pull.ts';

/** What a service takes from the module. */
export interface ServiceWorld extends Pick<PullParts, 'createStream' | 'disconnectAfterMs'> {
  /** The options of a stream at an address. */
  optionsOf(url: string, info: StreamInfo): PullParts['options'];
  /** A page's own function has thrown. */
  report(error: unknown): void;
}

type State = 'idle' | 'pulling' | 'stopped';

/** One service. */
export class Service {
  readonly #info: StreamInfo;
  readonly #world: ServiceWorld;
  #callbacks: Callbacks;
  #dataCallback: DataCallback | undefined;
  #state: State = 'idle';
  #pull: Pull | undefined;
  /** Whether a pull of this service has said how it ended. */
  #said: 'nothing' | 'end' = 'nothing';

  constructor(info: StreamInfo, callbacks: Callbacks, world: ServiceWorld) {
    this.#info = info;
    this.#callbacks = callbacks;
    this.#world = world;
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
    const { createStream, disconnectAfterMs } = this.#world;
    this.#state = 'pulling';
    this.#dataCallback = dataCallback;
    const options = this.#world.optionsOf(urlFrom(this.#info.url), this.#info);
    const pull = new Pull(
      { createStream, disconnectAfterMs, options: { ...options, debug: (line) => this.#log(line) } },
      {
        notify: (subtype, detail) => this.#notify(subtype, detail),
        data: (flv) => this.#call(() => this.#dataCallback?.(flv)),
        over: () => {
          this.#pull = undefined;
          if (this.#state === 'pulling') this.#state = 'idle';
        },
      },
    );
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
  }

  #notify(subtype: XP2PNotify, detail?: unknown): void {
    const isEnd = subtype === Notify.Close || subtype === Notify.Eof || subtype === Notify.Disconnect;
    this.#said = isEnd ? 'end' : this.#said;
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
