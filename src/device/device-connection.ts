/**
 * The connection of a page to one device: finds it at its meeting place, makes sure that it is the one, carries requests,
 * and looks for another path when the network changes. It ends once, with why.
 */
import { asShoalError } from '../carrier/calls.ts';
import { type CallEnd, DeviceCall } from '../carrier/device-call.ts';
import { Exchange } from '../carrier/exchange.ts';
import { type MeetingLine, openMeeting } from '../carrier/meeting-line.ts';
import { type ErrorCode, ShoalError } from '../errors.ts';
import type { Fingerprints } from '../viewer/ports.ts';
import { ascii } from '../wire/bytes.ts';
import { ANSWER_CONTEXT_TEXT, MEETING_VERSION, type MeetingAnswer } from '../wire/device.ts';
import { type DeviceInfo, decodeInfo, RESTARTS_ICE_FLAG } from '../wire/device-info.ts';
import { REQUESTS_PER_VIEWER_MAX } from '../wire/limits.ts';
import type { IceServer } from '../wire/service.ts';
import type { DeviceWorld } from './device-world.ts';

/** How a connection is made. */
export interface ConnectionOptions {
  /** The device's word that we may call. */
  readonly info: string;
  /** ICE servers beside those of the meeting place. */
  readonly iceServers?: readonly IceServer[];
  /** All that may pass until the device answers. */
  readonly withinMs?: number;
}

/** Where a connection is on its way. */
export type ConnectionState = 'meeting' | 'calling' | 'linking' | 'greeting' | 'open' | 'closed';

/** Whoever waits is told within ten seconds, on a slow machine too. */
const WITHIN_MS = 9_000;
/** A broken path heals by itself now and then; so long it is given. */
const WAVERING_MS = 1_500;

const NEXT: Readonly<Record<ConnectionState, readonly ConnectionState[]>> = {
  meeting: ['calling', 'closed'],
  calling: ['linking', 'closed'],
  linking: ['greeting', 'closed'],
  greeting: ['open', 'closed'],
  open: ['closed'],
  closed: [],
};

/** What the way was stopped by, in words, for `device/unreachable`. */
const STOPPED_AT: Readonly<Record<ConnectionState, string>> = {
  meeting: 'the meeting place did not answer',
  calling: 'the device did not take the call',
  linking: 'no network path between the two was found',
  greeting: 'the device did not introduce itself',
  open: '',
  closed: '',
};

const LOST_BY: Readonly<Record<CallEnd, string>> = {
  gone: 'the connection was closed',
  silent: 'the device has fallen silent',
};

/** One connection. */
export class DeviceConnection {
  readonly info: DeviceInfo;
  readonly #world: DeviceWorld;
  readonly #options: ConnectionOptions;
  readonly #exchanges = new Set<Exchange>();
  readonly #unwatch: () => void;
  readonly #timer: ReturnType<typeof setTimeout>;
  #state: ConnectionState = 'meeting';
  #line: MeetingLine | undefined;
  #call: DeviceCall | undefined;
  #callId = 0;
  #iceServers: readonly IceServer[];
  #fingerprints: Fingerprints | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #opened: () => void = () => undefined;
  #ended: (error: ShoalError) => void = () => undefined;
  /** Resolves when requests can be made; rejects with why not. */
  readonly opened: Promise<void>;
  /** Resolves with why it ended. */
  readonly closed: Promise<ShoalError>;

  /** Throws `device/bad-info` and `device/expired-info`. */
  constructor(world: DeviceWorld, options: ConnectionOptions) {
    this.#world = world;
    this.#options = options;
    this.info = readInfo(options.info, world.wallMs());
    this.#iceServers = options.iceServers ?? [];
    this.closed = new Promise((resolve) => {
      this.#ended = resolve;
    });
    this.opened = new Promise((resolve, reject) => {
      this.#opened = resolve;
      void this.closed.then(reject);
    });
    // Whoever only waits for the end has not forgotten the beginning.
    this.opened.catch(() => undefined);
    this.#timer = setTimeout(() => this.#end('device/unreachable', this.#stoppedAt()), options.withinMs ?? WITHIN_MS);
    this.#unwatch = world.watchNetwork(() => this.#waver());
    this.#line = openMeeting(world.openSocket, this.info.meeting, {
      answer: (answer) => this.#heed(answer),
      closed: (code) => this.#meetingLost(code),
    });
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Asks the device for something. The exchange is there at once; it fails if the connection does. */
  async request(target: string, options: { readonly sends?: boolean } = {}): Promise<Exchange> {
    await this.opened;
    const channel = this.#exchanges.size < REQUESTS_PER_VIEWER_MAX ? this.#call?.openRequest() : undefined;
    if (channel === undefined) {
      throw new ShoalError(this.#state === 'open' ? 'device/busy' : 'request/lost', { detail: target.slice(0, 80) });
    }
    const exchange = new Exchange('asks', channel);
    this.#exchanges.add(exchange);
    const gone = (): void => void this.#exchanges.delete(exchange);
    exchange.over.then(gone, gone);
    exchange.ask(target, options.sends === true).catch(() => undefined);
    return exchange;
  }

  /** Ends it; `closed` then says `state/destroyed`. */
  close(): void {
    this.#end('state/destroyed', '');
  }

  #heed(answer: MeetingAnswer): void {
    switch (answer.kind) {
      case 'challenge':
        this.#iceServers = [...this.#iceServers, ...answer.iceServers];
        if (this.#enter('calling'))
          this.#line?.say({ kind: 'call', version: MEETING_VERSION, info: this.#options.info });
        return;
      case 'called':
        return this.#dial(answer.call);
      case 'signal':
        return this.#call?.signal(answer.data);
      case 'refused':
        return this.#end(answer.code, '');
      case 'hung-up':
        // A call that is open does not need the meeting place any more.
        if (this.#state !== 'open') this.#end('device/refused', 'the device hung up');
        return;
      case 'registered':
        return;
    }
  }

  #dial(id: number): void {
    if (!this.#enter('linking')) return;
    this.#callId = id;
    this.#call = new DeviceCall(
      this.#world.createPeer,
      { initiator: true, iceServers: this.#iceServers },
      {
        signal: (data) => this.#line?.say({ kind: 'signal', call: id, data }),
        opened: (fingerprints) => {
          this.#fingerprints = fingerprints;
          this.#enter('greeting');
        },
        proved: (signature) => void this.#greeted(signature),
        // A device has nothing to ask a page for.
        request: (channel) => channel.close(),
        wavering: () => this.#waver(),
        closed: (why) =>
          this.#state === 'open'
            ? this.#end('request/lost', LOST_BY[why])
            : this.#end('device/unreachable', this.#stoppedAt()),
      },
    );
  }

  async #greeted(proof: Uint8Array): Promise<void> {
    const fingerprints = this.#fingerprints;
    if (this.#state !== 'greeting' || fingerprints === undefined) return;
    const text = Uint8Array.from([...ascii(ANSWER_CONTEXT_TEXT), ...fingerprints.theirs, ...fingerprints.own]);
    let isGenuine: boolean;
    try {
      isGenuine = await this.#world.verify(this.info.deviceKey, text, proof);
    } catch (thrown) {
      const { code, detail = '' } = asShoalError(thrown, 'device/not-genuine');
      return this.#end(code, detail);
    }
    if (!isGenuine) return this.#end('device/not-genuine', '');
    if (!this.#enter('open')) return;
    clearTimeout(this.#timer);
    this.#opened();
  }

  /**
   * The path may be gone: another one is looked for. That takes the meeting place, and a device that can; where either is
   * missing the connection ends as soon as the device has been silent for too long.
   */
  #waver(): void {
    if (!this.info.flags.includes(RESTARTS_ICE_FLAG)) return;
    if (this.#state !== 'open' || this.#line === undefined || this.#retry !== undefined) return;
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.#call?.restart();
    }, WAVERING_MS);
  }

  /** Without it a call cannot be made, but one that is open goes on. */
  #meetingLost(code: ErrorCode): void {
    this.#line = undefined;
    if (this.#state !== 'open') this.#end(code, '');
  }

  #stoppedAt(): string {
    if (this.#state !== 'linking') return STOPPED_AT[this.#state];
    const hasTurn = this.#iceServers.some(({ urls }) => urls.startsWith('turn'));
    return `${STOPPED_AT.linking}${hasTurn ? ', by TURN neither' : '; a TURN server would help'}`;
  }

  #enter(state: ConnectionState): boolean {
    if (!NEXT[this.#state].includes(state)) return false;
    this.#state = state;
    return true;
  }

  #end(code: ErrorCode, detail: string): void {
    const before = this.#state;
    if (!this.#enter('closed')) return;
    clearTimeout(this.#timer);
    clearTimeout(this.#retry);
    this.#unwatch();
    if (before !== 'meeting' && before !== 'calling') this.#line?.say({ kind: 'hang-up', call: this.#callId });
    this.#line?.close();
    for (const exchange of this.#exchanges) exchange.lose();
    this.#call?.close();
    this.#ended(new ShoalError(code, { detail }));
  }
}

const readInfo = (text: string, wallMs: number): DeviceInfo => {
  const sealed = decodeInfo(text);
  if ('kind' in sealed) throw new ShoalError(sealed.code, { detail: sealed.detail });
  if (sealed.info.expiresMs <= wallMs) throw new ShoalError('device/expired-info');
  return sealed.info;
};
