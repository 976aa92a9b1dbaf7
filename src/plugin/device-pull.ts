/**
 * One pull from a device, in the notifications of the documents: request, parsed, data, and exactly one of close, eof,
 * disconnect. A device that is full answers with the address of a shared stream, whose pull then goes on in its place.
 */
import type { DeviceStream } from '../device/device.ts';
import { refusalOf } from '../device/device.ts';
import { WholeTags } from '../device/whole-tags.ts';
import { asRefusal, type Refusal, refusal } from './codes.ts';
import { XP2PNotify_SubType as Notify, type XP2PNotify } from './enums.ts';
import type { PullEvents, RunningPull } from './pull.ts';

/** The same picture by another way. */
export interface Elsewhere {
  readonly address: URL;
  /** The device need not share it for this page any more. */
  leave(): void;
}

/** What such a pull is made of. */
export interface DevicePullParts {
  /** Asks the device; is rejected with a refusal or an error. */
  ask(): Promise<DeviceStream | Elsewhere>;
  /** Goes on with a shared stream. */
  follow(address: URL, events: PullEvents): RunningPull;
  /** Live data that stays away for so long has lost its source; a recording may be paused and never counts as silent. */
  readonly silentAfterMs: number | undefined;
}

/** A pull that brought nothing by then was not started. */
const START_WITHIN_MS = 12_000;
/** Counted in ticks, so that a page that slept is not taken for a silent device. */
const TICK_MS = 500;

type State = 'new' | 'asking' | 'parsed' | 'flowing' | 'following' | 'over';

const NEXT: Readonly<Record<State, readonly State[]>> = {
  new: ['asking', 'over'],
  asking: ['parsed', 'following', 'over'],
  parsed: ['flowing', 'over'],
  flowing: ['over'],
  following: ['over'],
  over: [],
};

/** See above. */
export class DevicePull implements RunningPull {
  readonly #parts: DevicePullParts;
  readonly #events: PullEvents;
  /** Buffers hold whole tags, as those of shared streams do. */
  readonly #tags = new WholeTags();
  #state: State = 'new';
  #stream: DeviceStream | undefined;
  #followed: RunningPull | undefined;
  #ticking: ReturnType<typeof setInterval> | undefined;
  #ticksLeft: number | undefined = START_WITHIN_MS / TICK_MS;
  #settle: { resolve(): void; reject(refused: Refusal): void } | undefined;

  constructor(parts: DevicePullParts, events: PullEvents) {
    this.#parts = parts;
    this.#events = events;
  }

  start(): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      this.#settle = { resolve, reject };
      if (!this.#enter('asking')) return;
      this.#events.notify(Notify.Request);
      // The page may have stopped everything from within.
      if (this.#state !== 'asking') return;
      this.#ticking = setInterval(() => this.#tick(), TICK_MS);
      this.#run().catch((thrown: unknown) => this.#end(asRefusal(thrown, -2402), Notify.Disconnect));
    });
  }

  close(): void {
    if (this.#state === 'following') return this.#followed?.close();
    const before = this.#state;
    this.#end(refusal(-2402, 'stopped before it began'), before === 'new' ? undefined : Notify.Close);
  }

  async #run(): Promise<void> {
    const stream = await this.#parts.ask();
    if ('address' in stream) return this.#follow(stream);
    if (this.#state !== 'asking') return stream.stop();
    this.#stream = stream;
    const { status, headers } = stream;
    this.#enter('parsed');
    this.#events.notify(Notify.Parsed, { status, headers });
    if (status >= 300) throw refusalOf(stream);
    const reader = stream.body.getReader();
    for (let read = await reader.read(); !read.done; read = await reader.read()) this.#data(read.value);
    this.#end(refusal(-2402, 'the source has ended'), Notify.Eof);
  }

  #data(bytes: Uint8Array): void {
    if (this.#state === 'parsed' && this.#enter('flowing')) this.#settle?.resolve();
    if (this.#state !== 'flowing') return;
    const { silentAfterMs } = this.#parts;
    this.#ticksLeft = silentAfterMs === undefined ? undefined : Math.ceil(silentAfterMs / TICK_MS);
    const whole = this.#tags.push(bytes);
    if (whole.length > 0) this.#events.data(new Uint8Array(whole).buffer);
  }

  #follow({ address, leave }: Elsewhere): void {
    if (!this.#enter('following')) return leave();
    clearInterval(this.#ticking);
    const events = this.#events;
    this.#followed = this.#parts.follow(address, {
      // It has been said already.
      notify: (subtype, detail) => subtype !== Notify.Request && events.notify(subtype, detail),
      data: (flv) => events.data(flv),
      over: () => {
        leave();
        if (this.#enter('over')) events.over();
      },
    });
    this.#followed.start().then(
      () => this.#settle?.resolve(),
      (refused: unknown) => this.#settle?.reject(asRefusal(refused, -2402)),
    );
  }

  #tick(): void {
    if (this.#ticksLeft === undefined) return;
    this.#ticksLeft -= 1;
    if (this.#ticksLeft > 0) return;
    this.#end(refusal(-2402, this.#state === 'flowing' ? 'no data' : 'no answer'), Notify.Disconnect);
  }

  #end(why: Refusal, subtype: XP2PNotify | undefined): void {
    if (!this.#enter('over')) return;
    clearInterval(this.#ticking);
    this.#stream?.stop();
    if (subtype !== undefined) this.#events.notify(subtype, subtype === Notify.Disconnect ? why : undefined);
    this.#settle?.reject(why);
    this.#events.over();
  }

  #enter(state: State): boolean {
    if (!NEXT[this.#state].includes(state)) return false;
    this.#state = state;
    return true;
  }
}
