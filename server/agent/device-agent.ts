// A device: registered at its meeting place, it answers what callers ask as far as their infos entitle them.

import { join } from 'node:path';
import type { CreateCallPeer } from '../../src/carrier/device-call.ts';
import type { Exchange } from '../../src/carrier/exchange.ts';
import type { OpenSocket } from '../../src/carrier/socket-face.ts';
import { DEVICE_RIGHTS, type DeviceRight, RESTARTS_ICE_FLAG } from '../../src/wire/device-info.ts';
import type { IceServer } from '../../src/wire/service.ts';
import type { ByteCore } from '../../wasm/abi.ts';
import type { Clock } from '../src/clock.ts';
import type { Log } from '../src/log.ts';
import type { StartSource } from '../src/sources/source.ts';
import { CallDesk, type Caller } from './call-desk.ts';
import { answerCommand, type CommandAnswer, type CommandHook, type Vacancy } from './commands.ts';
import type { DeviceIdentity } from './device-identity.ts';
import { LiveService } from './live-service.ts';
import { MeetingKeeper } from './meeting-keeper.ts';
import { Playback } from './playback.ts';
import type { Recordings } from './recordings.ts';
import { refuse } from './refusal.ts';
import { type DeviceRequest, RIGHT_OF, readTarget } from './request-target.ts';
import type { SharedPlace, SharingState } from './shared-stream.ts';
import type { VoiceSink } from './voice-sink.ts';

/** What a device is made of. */
export interface AgentParts {
  readonly core: ByteCore;
  readonly clock: Clock;
  readonly log: Log;
  readonly identity: DeviceIdentity;
  readonly openSocket: OpenSocket;
  readonly createPeer: CreateCallPeer;
  /** Its WebRTC answers when ICE starts anew; node-datachannel's does not. */
  readonly restartsIce: boolean;
  readonly meeting: string;
  /** ICE servers beside those of the meeting place. */
  readonly iceServers: readonly IceServer[];
  /** How to start a live picture; undefined when there is none of that channel and quality. */
  liveOf(channel: number, quality: string): { readonly name: string; readonly start: StartSource } | undefined;
  readonly recordings: { readonly folder: string; readonly index: Recordings } | undefined;
  readonly voice: VoiceSink | undefined;
  readonly hook: CommandHook | undefined;
  readonly callersMax: number;
  /** Callers that see the live picture directly; further ones are shown where it is shared. */
  readonly viewersMax: number;
  /** Where the picture of a channel is shared. */
  readonly shared: ReadonlyMap<number, SharedPlace>;
  random(): number;
}

const VOICE_BYTES_PER_SEC_MAX = 64_000;

/** See above. */
export class DeviceAgent {
  readonly #parts: AgentParts;
  readonly #desk: CallDesk;
  readonly #keeper: MeetingKeeper;
  readonly #live: LiveService;
  readonly #playbacks = new Map<Caller, Playback>();
  #talker: Caller | undefined;
  #iceServers: readonly IceServer[];
  #registered: () => void = () => undefined;
  /** Resolves when the meeting place has accepted the device for the first time. */
  readonly ready: Promise<void>;

  constructor(parts: AgentParts) {
    this.#parts = parts;
    this.#iceServers = parts.iceServers;
    this.#live = new LiveService(parts);
    this.ready = new Promise((resolve) => {
      this.#registered = resolve;
    });
    this.#desk = new CallDesk(
      {
        identity: parts.identity,
        createPeer: parts.createPeer,
        callersMax: parts.callersMax,
        clock: parts.clock,
        serve: (caller, exchange) => this.#serve(caller, exchange),
        left: (caller) => this.#left(caller),
      },
      {
        signal: (call, data) => this.#keeper.say({ kind: 'signal', call, data }),
        refuse: (call, code) => this.#keeper.say({ kind: 'refuse', call, code }),
        hangUp: (call) => this.#keeper.say({ kind: 'hang-up', call }),
      },
    );
    const { clock, identity, openSocket, meeting, random } = parts;
    this.#keeper = new MeetingKeeper(
      { clock, identity, openSocket, address: meeting, random },
      {
        registered: (iceServers) => {
          this.#iceServers = [...parts.iceServers, ...iceServers];
          parts.log.write('info', 'device-registered', { meeting });
          this.#registered();
        },
        answer: (answer) => {
          if (answer.kind === 'called') this.#desk.called(answer.call, answer.info, this.#iceServers);
          else if (answer.kind === 'signal') this.#desk.signal(answer.call, answer.data);
          else if (answer.kind === 'hung-up') this.#desk.hungUp(answer.call);
        },
        lost: (code) => parts.log.write('warn', 'meeting-lost', { meeting, code }),
      },
    );
  }

  /** An info for somebody who may call, for a while. */
  issue(lifeMs: number, rights: readonly DeviceRight[] = DEVICE_RIGHTS): string {
    const { identity, meeting, clock, restartsIce } = this.#parts;
    return identity.issue({ meeting, lifeMs, rights, flags: restartsIce ? RESTARTS_ICE_FLAG : '' }, clock.wall());
  }

  get callers(): number {
    return this.#desk.callers;
  }

  /** Whether it shares its picture with viewers it does not serve itself. */
  get sharing(): SharingState {
    return this.#live.sharing;
  }

  close(): void {
    this.#keeper.close();
    this.#desk.close();
    this.#live.close();
  }

  async #serve(caller: Caller, exchange: Exchange): Promise<void> {
    const { target } = await exchange.asked;
    const request = readTarget(target);
    if (request.kind === 'fault') return refuse(exchange, request.code, request.detail);
    if (!caller.info.rights.includes(RIGHT_OF[request.kind])) return refuse(exchange, 'device/no-right', request.kind);
    switch (request.kind) {
      case 'live':
        return this.#show(caller, exchange, request);
      case 'playback':
        return this.#playback(caller, exchange, request);
      case 'download':
        return this.#download(exchange, request);
      case 'voice':
        return this.#voice(caller, exchange);
      case 'command':
        return this.#command(caller, exchange, request);
    }
  }

  async #show(caller: Caller, exchange: Exchange, request: Extract<DeviceRequest, { kind: 'live' }>): Promise<void> {
    const refusal = await this.#live.show(caller, exchange, request);
    if (refusal !== undefined) refuse(exchange, refusal.code, refusal.detail);
  }

  async #playback(
    caller: Caller,
    exchange: Exchange,
    request: Extract<DeviceRequest, { kind: 'playback' }>,
  ): Promise<void> {
    const { recordings, core, clock } = this.#parts;
    const { fromS, toS, type } = request;
    const all = (await recordings?.index.between(fromS, toS)) ?? [];
    const files = all.filter((one) => one.name.endsWith('.flv') && (type === undefined || one.type === type));
    if (recordings === undefined || files.length === 0)
      return refuse(exchange, 'device/no-such-file', 'nothing recorded then');
    exchange.answer({ status: 200, headers: { 'content-type': 'video/x-flv' } });
    const pathOf = (name: string): string => join(recordings.folder, name);
    const playback = new Playback({ core, clock, exchange, files, fromS, toS, pathOf });
    this.#playbacks.set(caller, playback);
    try {
      await playback.run();
    } finally {
      if (this.#playbacks.get(caller) === playback) this.#playbacks.delete(caller);
    }
  }

  async #download(exchange: Exchange, { file, offset }: Extract<DeviceRequest, { kind: 'download' }>): Promise<void> {
    const index = this.#parts.recordings?.index;
    const size = await index?.sizeOf(file);
    if (index === undefined || size === undefined) return refuse(exchange, 'device/no-such-file', file.slice(0, 80));
    if (offset > size) return refuse(exchange, 'device/bad-request', 'offset');
    const headers = { 'content-length': String(size - offset), 'content-range': `bytes ${offset}-/${size}` };
    exchange.answer({ status: offset === 0 ? 200 : 206, headers });
    for await (const bytes of index.read(file, offset, size)) await exchange.write(bytes);
    exchange.end();
  }

  async #voice(caller: Caller, exchange: Exchange): Promise<void> {
    const { voice, clock } = this.#parts;
    if (voice === undefined) return refuse(exchange, 'device/no-such-file', 'no speaker');
    if (this.#talker !== undefined) return refuse(exchange, 'device/talking', '');
    this.#talker = caller;
    const talk = voice();
    exchange.answer({ status: 200, headers: {} });
    const began = clock.now();
    let bytes = 0;
    try {
      const reader = exchange.body.getReader();
      for (let read = await reader.read(); !read.done; read = await reader.read()) {
        bytes += read.value.length;
        // Nobody talks twice as fast as sound: whoever does floods.
        if (bytes > VOICE_BYTES_PER_SEC_MAX * (2 + (clock.now() - began) / 1000)) return exchange.cancel();
        await talk.write(read.value);
      }
      exchange.end();
    } finally {
      talk.end();
      this.#talker = undefined;
    }
  }

  async #command(
    caller: Caller,
    exchange: Exchange,
    command: Extract<DeviceRequest, { kind: 'command' }>,
  ): Promise<void> {
    const { status, data } = await answerCommand(command, {
      recordings: this.#parts.recordings?.index,
      hook: this.#parts.hook,
      vacancy: (type) => this.#vacancy(caller, type, command.channel),
      playback: (verb, values) => this.#playbacks.get(caller)?.steer(verb, values) ?? NOTHING_PLAYS,
    });
    exchange.answer({ status, headers: { 'content-type': 'application/json' } });
    if (data !== '') await exchange.write(new TextEncoder().encode(data));
    exchange.end();
  }

  async #vacancy(caller: Caller, type: string, channel: number): Promise<Vacancy> {
    const appConnectNum = this.#desk.callers;
    switch (type) {
      case 'voice':
        if (this.#parts.voice === undefined) return { status: 406, appConnectNum };
        return { status: this.#talker === undefined ? 0 : 1, appConnectNum };
      case 'live': {
        const { status, stream } = await this.#live.vacancy(caller, channel);
        return { status, appConnectNum, ...(stream === undefined ? {} : { stream }) };
      }
      case 'playback':
        // Who asks has been let in already.
        return { status: 0, appConnectNum };
      default:
        return { status: 404, appConnectNum };
    }
  }

  #left(caller: Caller): void {
    this.#playbacks.delete(caller);
    this.#live.left(caller);
    if (this.#talker === caller) this.#talker = undefined;
  }
}

const NOTHING_PLAYS: CommandAnswer = { status: 404, data: '{"status":404}' };
